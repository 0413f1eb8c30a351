/** One line a second of what a node says of itself, and of what its callers hear. */
import { metricsOf, summed } from '../../test/kit/chaos/proofs/metrics.ts';
import type { Counts } from './load.ts';

/** MB are 2^20 bytes, times are milliseconds, rates are of the second before. */
export type Sample = {
  readonly sec: number;
  readonly phase: string;
  readonly rssMb: number;
  readonly heapMb: number;
  /** What V8 holds for the heap, used or not. */
  readonly heapHeldMb: number;
  readonly externalMb: number;
  readonly loopP99Ms: number;
  readonly commandsWaiting: number;
  readonly natsRequests: number;
  readonly natsOutboundKb: number;
  readonly sqlWaiting: number;
  readonly outboxKb: number;
  readonly lagEvents: number;
  readonly acks: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly reads: number;
  readonly refusedReads: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
};

const mb = 1_048_576;

/** Asks the node; rejects when it does not answer. `counts` are those of the load since the sample before. */
export async function takeSample(
  node: { readonly url: string },
  sec: number,
  phase: string,
  counts: Counts,
): Promise<Sample> {
  const metrics = await metricsOf(node);
  const of = (name: string): number => summed(metrics, name);
  const sorted = counts.ackMs.toSorted((a, b) => a - b);
  const { acks, refusals, reads, refusedReads } = counts;
  return {
    sec: round(sec),
    phase,
    rssMb: round(of('process_resident_memory_bytes') / mb),
    heapMb: round(of('nodejs_heap_size_used_bytes') / mb),
    heapHeldMb: round(of('nodejs_heap_size_total_bytes') / mb),
    externalMb: round(of('nodejs_external_memory_bytes') / mb),
    loopP99Ms: round(of('nodejs_eventloop_lag_p99_seconds') * 1_000),
    commandsWaiting: of('parley_commands_waiting'),
    natsRequests: of('parley_nats_requests_in_flight'),
    natsOutboundKb: round(of('parley_nats_outbound_bytes') / 1_024),
    sqlWaiting: of('parley_sql_waiting'),
    outboxKb: round(of('parley_outbox_bytes') / 1_024),
    lagEvents: of('parley_projection_lag_events'),
    ...{ acks, refusals, reads, refusedReads },
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
  };
}

/** Of ascending values; null: there are none. */
export function quantile(sorted: readonly number[], q: number): number | null {
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
  return found === undefined ? null : round(found);
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
