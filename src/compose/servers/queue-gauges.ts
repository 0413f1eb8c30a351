/** The depths of a node's queues, measured when somebody reads /metrics: what an operator sees fill. */
import type { Prometheus } from '../../adapters/prometheus/prometheus.ts';
import type { Core } from '../../core/open-bus.ts';
import { regularly } from '../../core/regularly.ts';
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProjectionLags } from '../../ports/projection-feed.ts';
import type { NatsSide } from './nats-side.ts';
import type { PostgresSide } from './postgres-side.ts';

interface Measured {
  readonly core: Pick<Core, 'waiting'>;
  readonly nats: Pick<NatsSide, 'load'>;
  readonly postgres: Pick<PostgresSide, 'load'>;
}

export function addQueueGauges({ gauge }: Pick<Prometheus, 'gauge'>, measured: Measured): void {
  const { core, nats, postgres } = measured;
  gauge('commandsWaiting', () => core.waiting().commands);
  gauge('commandsWaitingChars', () => core.waiting().chars);
  gauge('natsRequests', () => nats.load().requests);
  gauge('natsOutboundBytes', () => nats.load().outboundBytes);
  gauge('natsReadsWaiting', () => nats.load().readsWaiting);
  gauge('sqlWaiting', () => postgres.load().waiting);
  gauge('sqlConnections', () => postgres.load().inUse);
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
  gauge('httpRequests', front.requests);
  gauge('httpBodyBytes', front.bodyBytes);
  gauge('outboxBytes', front.outboxBytes);
}

/**
 * How far the projection is behind, asked for now and then: a read of /metrics must not wait for a server that is
 * slow. -1 while it cannot be told. The returned function ends that.
 */
export function addLagGauge(
  { gaugeByName }: Pick<Prometheus, 'gaugeByName'>,
  feed: ProjectionLags,
  clock: Clock,
): () => Promise<void> {
  const unknown = Array.from({ length: feed.partitions }, () => -1);
  let lags: readonly number[] = unknown;
  gaugeByName('projectionLag', () => new Map(lags.map((lag, partition) => [`${partition}`, lag])));
  return regularly(clock, limits.projectionLagLookMs, async () => {
    lags = (await feed.lags()) ?? unknown;
  });
}
