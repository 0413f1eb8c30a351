/**
 * How far the projection is behind the log: what the durable consumers of the partitions have not
 * acknowledged, asked of nats-server itself. A batch is acknowledged when its transaction is committed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsAddress } from '../stack.ts';
import { until } from '../wait.ts';

export type ProjectionLag = {
  /** Watches from now on. */
  watch(): LagWatch;
  close(): Promise<void>;
};

export type LagWatch = {
  /** Seconds from this call to a lag of 0, and the largest lag before it; rejects after `waitMs`, default 60,000. */
  caughtUp(waitMs?: number): Promise<{ afterSec: number; eventsMax: number }>;
};

/** Seldom enough to cost nothing under load. */
const watchEveryMs = 250;
const catchUpMsMax = 60_000;
const partitionStreams = 'conv.>';

export async function openProjectionLag(nats: NatsAddress): Promise<ProjectionLag> {
  const { server, user, password } = nats;
  const connection = await connect({ servers: server, user, pass: password, name: 'bench' });
  const manager = await jetstreamManager(connection);
  if ((await eventsBehind(manager)) === null) throw new Error('the partitions have no durable consumers');
  return {
    watch: () => startWatch(manager),
    close: () => connection.close(),
  };
}

function startWatch(manager: JetStreamManager): LagWatch {
  let eventsMax = 0;
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      eventsMax = Math.max(eventsMax, (await eventsBehind(manager)) ?? 0);
      await sleep(watchEveryMs);
    }
  })();
  watching.catch(() => undefined); // awaited below
  return {
    async caughtUp(waitMs = catchUpMsMax) {
      const began = performance.now();
      isWatching = false;
      const isDone = async (): Promise<boolean> => (await eventsBehind(manager)) === 0;
      await until('the projection catches up', isDone, waitMs, 10);
      const afterSec = (performance.now() - began) / 1_000;
      await watching;
      return { afterSec, eventsMax };
    },
  };
}

/** Summed over the durable consumers of all partitions; null when there are none. */
async function eventsBehind(manager: JetStreamManager): Promise<number | null> {
  let behind: number | null = null;
  for await (const stream of manager.streams.names(partitionStreams)) {
    for await (const { config, num_pending, num_ack_pending } of manager.consumers.list(stream)) {
      if (config.durable_name === undefined) continue;
      behind = (behind ?? 0) + num_pending + num_ack_pending;
    }
  }
  return behind;
}
