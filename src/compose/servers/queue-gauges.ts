/** The depths of a node's queues, measured when somebody reads /metrics: what an operator sees fill. */
import type { Prometheus } from '../../adapters/prometheus/prometheus.ts';
import type { Core } from '../../core/open-bus.ts';
import { regularly } from '../../core/regularly.ts';
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NatsSide } from './nats-side.ts';
import type { PostgresSide } from './postgres-side.ts';

interface Measured {
  readonly core: Pick<Core, 'waiting'>;
  readonly nats: Pick<NatsSide, 'load'>;
  readonly postgres: Pick<PostgresSide, 'load'>;
}

export function addQueueGauges({ gauge }: Pick<Prometheus, 'gauge'>, measured: Measured): void {
  const { core, nats, postgres } = measured;
  gauge('parley_commands_waiting', 'Commands that wait for their turn in a conversation', () => {
    return core.waiting().commands;
  });
  gauge('parley_commands_waiting_chars', 'UTF-16 units of the texts of commands that wait', () => {
    return core.waiting().chars;
  });
  gauge(
    'parley_nats_requests_in_flight',
    'Appends to the log, and reads of it, that nats-server did not answer yet',
    () => nats.load().requests,
  );
  gauge(
    'parley_nats_outbound_bytes',
    'Bytes that were written to nats-server and that it did not take yet, as far as it was asked',
    () => nats.load().outboundBytes,
  );
  gauge(
    'parley_nats_reads_waiting',
    'Reads of logs that wait for their turn',
    () => nats.load().readsWaiting,
  );
  gauge('parley_sql_waiting', 'Statements that wait for a connection to PostgreSQL', () => {
    return postgres.load().waiting;
  });
  gauge('parley_sql_connections_in_use', 'Connections to PostgreSQL that somebody works with', () => {
    return postgres.load().inUse;
  });
}

/** Also measured on reading. */
export function addFrontGauges(
  { gauge }: Pick<Prometheus, 'gauge'>,
  front: {
    readonly requests: () => number;
    readonly bodyBytes: () => number;
    readonly outboxBytes: () => number;
  },
): void {
  gauge('parley_http_requests_in_flight', 'HTTP requests whose answer is pending', front.requests);
  gauge('parley_http_body_bytes', 'Bytes of bodies of requests that are not whole yet', front.bodyBytes);
  gauge('parley_outbox_bytes', 'Bytes that wait for sockets whose clients read slowly', front.outboxBytes);
}

/**
 * How far the projection is behind, asked for now and then: a read of /metrics must not wait for a server that is
 * slow. -1 while it cannot be told. The returned function ends that.
 */
export function addLagGauge(
  { gauge }: Pick<Prometheus, 'gauge'>,
  lag: () => Promise<number | null>,
  clock: Clock,
): () => Promise<void> {
  let entries = -1;
  gauge(
    'parley_projection_lag_events',
    'Events of the logs that are not projected yet, in the whole deployment; -1 while it cannot be told',
    () => entries,
  );
  return regularly(clock, limits.projectionLagLookMs, async () => {
    entries = (await lag()) ?? -1;
  });
}
