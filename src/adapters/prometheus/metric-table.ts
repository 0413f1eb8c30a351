/** Every metric of the Metrics port: its name for Prometheus and what it says. */
import type { Metrics } from '../../ports/metrics.ts';

export interface MetricRow {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** Of a counter by name: the label that carries the name. */
  readonly label?: string;
  readonly help: string;
}

export const metricTable: { readonly [Field in keyof Metrics]: MetricRow } = {
  appends: {
    name: 'parley_appends_total',
    kind: 'counter',
    label: 'partition',
    help: 'Events appended to the log by this process, by partition',
  },
  appendConflicts: {
    name: 'parley_append_conflicts_total',
    kind: 'counter',
    help: 'Appends refused because another node wrote first; each is decided again',
  },
  appendUnknowns: {
    name: 'parley_append_unknowns_total',
    kind: 'counter',
    help: 'Appends without an answer, resolved by reading the log again',
  },
  appendSeconds: {
    name: 'parley_append_seconds',
    kind: 'histogram',
    help: 'Time from an append to its acknowledgement',
  },
  refusals: {
    name: 'parley_refusals_total',
    kind: 'counter',
    help: 'Commands refused by the rules of a conversation',
  },
  overloads: {
    name: 'parley_overloads_total',
    kind: 'counter',
    label: 'queue',
    help: 'What was refused with 503 because a queue of this node was full or took too long, by queue',
  },
  forwards: {
    name: 'parley_forwards_total',
    kind: 'counter',
    help: 'Commands handed to the node that wrote a contended conversation last',
  },
  deliveries: { name: 'parley_deliveries_total', kind: 'counter', help: 'Events given to sockets' },
  gapRepairs: {
    name: 'parley_gap_repairs_total',
    kind: 'counter',
    help: 'Gaps in the live feed that were filled from the log',
  },
  slowConsumers: {
    name: 'parley_slow_consumers_total',
    kind: 'counter',
    help: 'Sockets closed because they read too slowly',
  },
  deltas: {
    name: 'parley_deltas_total',
    kind: 'counter',
    help: 'Deltas of streamed messages taken from agents',
  },
  projected: {
    name: 'parley_projected_events_total',
    kind: 'counter',
    label: 'partition',
    help: 'Events written to the projection by this process, by partition: who projects what',
  },
  projectionSkipped: {
    name: 'parley_projection_skipped_total',
    kind: 'counter',
    help: 'Log entries that could not be projected and were passed over',
  },
  projectionBatchSeconds: {
    name: 'parley_projection_batch_seconds',
    kind: 'histogram',
    help: 'Time to write one batch of the projection',
  },
  conversationsCached: {
    name: 'parley_conversations_cached',
    kind: 'gauge',
    help: 'Conversations whose state is in memory',
  },
  sockets: { name: 'parley_sockets', kind: 'gauge', help: 'Open sockets' },
  rateLimited: {
    name: 'parley_rate_limited_total',
    kind: 'counter',
    label: 'class',
    help: 'Requests and frames refused because they came too often, by class of operation',
  },
  rejectedHandshakes: {
    name: 'parley_rejected_handshakes_total',
    kind: 'counter',
    label: 'reason',
    help: 'Connections and socket handshakes turned away, by reason',
  },
  agentTurns: {
    name: 'parley_agent_turns_total',
    kind: 'counter',
    label: 'step',
    help: 'Turns of agents that run here: begun to ask the model, and how they ended',
  },
  modelOpen: {
    name: 'parley_model_circuit_open',
    kind: 'gauge',
    help: '1 while the language model is left alone because it fails, and turns wait',
  },
  anonymousSockets: {
    name: 'parley_anonymous_sockets',
    kind: 'gauge',
    help: 'Open sockets that did not say yet who they are',
  },
};
