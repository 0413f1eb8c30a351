/** Every metric of the Metrics port: what core and the doors feed. */
import type { Metrics } from '../../../ports/metrics.ts';
import type { DeclaredMetric } from './metric.ts';

/** A counter by name has the one label that carries the name. */
export interface CountedMetric extends DeclaredMetric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels?: readonly [string];
}

export const counted: { readonly [Field in keyof Metrics]: CountedMetric } = {
  appends: {
    ...{ name: 'parley_appends_total', kind: 'counter', unit: 'events', labels: ['partition'] },
    help: 'Events appended to the log by this process, by partition',
    advice:
      'Its rate is what is posted. A partition that stands still while others go on has lost its leader',
  },
  appendConflicts: {
    ...{ name: 'parley_append_conflicts_total', kind: 'counter', unit: 'appends' },
    help: 'Appends refused because another node wrote first; each is decided again',
    advice: 'Below a tenth of the appends. More: many nodes write the same conversations; harmless, dearer',
  },
  appendUnknowns: {
    ...{ name: 'parley_append_unknowns_total', kind: 'counter', unit: 'appends' },
    help: 'Appends without an answer, resolved by reading the log again',
    advice: '0. Else nats-server restarts, its disk has failed, or the network drops packets',
  },
  appendSeconds: {
    ...{ name: 'parley_append_seconds', kind: 'histogram', unit: 'seconds' },
    help: 'Time from an append to its acknowledgement',
    advice: 'p99 of a few ms. Else the disk of nats-server or the network to it is slow',
  },
  refusals: {
    ...{ name: 'parley_refusals_total', kind: 'counter', unit: 'commands', labels: ['code'] },
    help: 'Commands refused by the rules of a conversation, by code of the problem',
    advice: 'Follows what clients do; a jump after a release of a client is that client',
  },
  overloads: {
    ...{ name: 'parley_overloads_total', kind: 'counter', unit: 'refusals', labels: ['what'] },
    help: 'Refusals with `overloaded` that were answered, by the bound that was met',
    advice:
      '0. `what` says which bound (the table below); "Overload" in deploy/operations.md says what to do',
  },
  forwards: {
    ...{ name: 'parley_forwards_total', kind: 'counter', unit: 'commands' },
    help: 'Commands handed to the node that wrote a contended conversation last',
    advice: 'Low. Many: put a load balancer in front that keeps the clients of a conversation together',
  },
  deliveries: {
    ...{ name: 'parley_deliveries_total', kind: 'counter', unit: 'events' },
    help: 'Events given to sockets',
    advice: 'Its rate is the fan-out: what a node spends most of its time on',
  },
  gapRepairs: {
    ...{ name: 'parley_gap_repairs_total', kind: 'counter', unit: 'repairs' },
    help: 'Gaps in the live feed that were filled from the log',
    advice:
      '0. Else live events get lost between nats-server and a node: a slow node, or a network that drops',
  },
  slowConsumers: {
    ...{ name: 'parley_slow_consumers_total', kind: 'counter', unit: 'sockets' },
    help: 'Sockets closed because they read too slowly',
    advice: '0. They come back with their cursors; often the same client: it follows more than it can read',
  },
  socketCloses: {
    ...{ name: 'parley_socket_closes_total', kind: 'counter', unit: 'sockets', labels: ['code'] },
    help: 'Sockets that ended, by close code: those of schemas/problems.md that we sent, 1000 to 1015 of clients, else `other`',
    advice:
      '1001 and 1005 are clients that leave. 1006 in numbers: a proxy or a network cuts connections; 4408: slow readers; 1012: a drain',
  },
  deltas: {
    ...{ name: 'parley_deltas_total', kind: 'counter', unit: 'deltas' },
    help: 'Deltas of streamed messages taken from agents',
    advice: 'Its rate is what agents stream',
  },
  projected: {
    ...{ name: 'parley_projected_events_total', kind: 'counter', unit: 'events', labels: ['partition'] },
    help: 'Events written to the projection by this process, by partition: who projects what',
    advice: 'Over all nodes as parley_appends_total. Less: PostgreSQL is slow',
  },
  projectionSkipped: {
    ...{ name: 'parley_projection_skipped_total', kind: 'counter', unit: 'events' },
    help: 'Log entries that could not be projected and were passed over',
    advice: '0. The log of the node names the entry; after the cause is mended `parley rebuild-projection`',
  },
  projectionBatchSeconds: {
    ...{ name: 'parley_projection_batch_seconds', kind: 'histogram', unit: 'seconds' },
    help: 'Time to write one batch of the projection',
    advice: 'p99 below 1 s. Else look at PostgreSQL: locks, its disk, autovacuum',
  },
  conversationsCached: {
    ...{ name: 'parley_conversations_cached', kind: 'gauge', unit: 'conversations' },
    help: 'Conversations whose state is in memory',
    advice: 'At its bound of 100,000 the oldest are forgotten and loaded again when they are needed',
  },
  sockets: {
    ...{ name: 'parley_sockets', kind: 'gauge', unit: 'sockets' },
    help: 'Open sockets',
    advice: 'Falls to 0 on one node: it drains or its clients cannot reach it',
  },
  rateLimited: {
    ...{ name: 'parley_rate_limited_total', kind: 'counter', unit: 'requests', labels: ['class'] },
    help: 'Requests and frames refused because they came too often, by class of operation',
    advice: 'Low. By class: a client that errs, or an attack',
  },
  rejectedHandshakes: {
    ...{ name: 'parley_rejected_handshakes_total', kind: 'counter', unit: 'handshakes', labels: ['reason'] },
    help: 'Connections and socket handshakes turned away, by reason',
    advice: 'Low. `unauthenticated`: tokens that are over; `rate`: somebody reconnects in a loop',
  },
  agentTurns: {
    ...{ name: 'parley_agent_turns_total', kind: 'counter', unit: 'turns', labels: ['step'] },
    help: 'Turns of agents that run here: begun to ask the model, and how they ended',
    advice: '`failed` near 0. Else the model answers with errors: the log of the node names its status',
  },
  webhookDeliveries: {
    ...{ name: 'parley_webhook_deliveries_total', kind: 'counter', unit: 'deliveries', labels: ['outcome'] },
    help: 'Deliveries of webhooks: `delivered`, `dead` and `erased` ones, attempts that `failed`, endpoints `disabled`',
    advice:
      '`failed` low against `delivered`; each of `dead` and `disabled` is told to the owners of the endpoint',
  },
  modelOpen: {
    ...{ name: 'parley_model_circuit_open', kind: 'gauge', unit: 'boolean' },
    help: '1 while the language model is left alone because it fails, and turns wait',
    advice: '0. Else look at PARLEY_MODEL_URL; turns go on by themselves when it answers',
  },
  spans: {
    ...{ name: 'parley_trace_spans_total', kind: 'counter', unit: 'spans', labels: ['outcome'] },
    help: 'Spans of traces: `exported` to the collector, `dropped` because too many waited, `failed` because it did not take them',
    advice: '`dropped` and `failed` 0. Else the collector is away or slow; requests do not wait for it',
  },
  anonymousSockets: {
    ...{ name: 'parley_anonymous_sockets', kind: 'gauge', unit: 'sockets' },
    help: 'Open sockets that did not say yet who they are',
    advice: 'Low: each has a few seconds. Many: somebody opens sockets and says nothing',
  },
};
