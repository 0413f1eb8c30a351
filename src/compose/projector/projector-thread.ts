/**
 * The projector of a node in a thread of its own: a quarter of what a post costs is its projection, and
 * nobody waits for it. It has its own connections; with the node's main thread it shares only messages.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openProjectionMarks } from '../../adapters/postgres/projection-marks.ts';
import { openProjectionWriter } from '../../adapters/postgres/projection-writer.ts';
import { openRunningAgents } from '../../adapters/postgres/running-agents.ts';
import { openWantingWebhooks } from '../../adapters/postgres/webhooks/wanting-webhooks.ts';
import { openClock } from '../../adapters/system/clock.ts';
import { turnFinderOver } from '../../core/agents/turns/find-turns.ts';
import { openNodeProjector } from '../../core/projection/node-projector.ts';
import type { TracedBatch } from '../../core/projection/project-batch.ts';
import { deliveryFinderOver } from '../../core/webhooks/find-deliveries.ts';
import { limits } from '../../domain/limits.ts';
import type { Micros } from '../../domain/time.ts';
import type { Logger } from '../../ports/logger.ts';
import type { PlacedEntry } from '../../ports/projection.ts';
import { openReleases } from '../releases.ts';
import { openNatsSide } from '../servers/nats-side.ts';
import { openProjectorPool } from '../servers/postgres-side.ts';
import type { FromProjector, ProjectorSettings, ToProjector } from './projector-side.ts';

const settings = workerData as ProjectorSettings;

function tell(message: FromProjector): void {
  parentPort?.postMessage(message);
}

const logAt =
  (level: 'debug' | 'info' | 'warn' | 'error') =>
  (fields: object, message: string): void =>
    tell({ kind: 'log', level, fields: toCloneable(fields), message });

const logger: Logger = {
  debug: logAt('debug'),
  info: logAt('info'),
  warn: logAt('warn'),
  error: logAt('error'),
  child: () => logger,
};

/** Fields as the port between threads can carry them: errors as they are, everything else as JSON would say it. */
function toCloneable(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? value : JSON.parse(JSON.stringify(value ?? null)),
    ]),
  );
}

const metrics = {
  projected: {
    add: (partition: string, value: number): void => tell({ kind: 'projected', partition, value }),
  },
  projectionSkipped: { add: (value: number): void => tell({ kind: 'skipped', value }) },
  projectionBatchSeconds: { observe: (value: number): void => tell({ kind: 'batch', seconds: value }) },
};

const releases = openReleases(logger);

async function open(): Promise<void> {
  const { natsUrl, natsCreds, node, partitions, replicas, databaseUrl, isTraced } = settings;
  const { log, feed, link, turns, deliveries } = await openNatsSide(
    { url: natsUrl, credsFile: natsCreds, node, partitions, replicas, logger, isTraced },
    releases,
  );
  const pool = await openProjectorPool({ url: databaseUrl, partitions: feed.partitions, logger }, releases);
  const writer = openProjectionWriter(pool);
  const marks = openProjectionMarks(pool);
  const clock = openClock();
  const findTurns = turnFinderOver({ agents: openRunningAgents(pool), queue: turns, clock, logger });
  const webhooks = openWantingWebhooks(pool);
  const since = (): Micros => clock.nowMicros() - limits.webhookEventAgeMs * 1_000;
  const findDeliveries = deliveryFinderOver({ webhooks, queue: deliveries, logger, since });
  const onProjected = async (batch: readonly PlacedEntry[]): Promise<void> => {
    await Promise.all([findTurns(batch), findDeliveries(batch)]);
  };
  const onTraced = (batch: TracedBatch): void => tell({ kind: 'traced', batch });
  const traced = isTraced ? { onTraced } : {};
  const parts = { feed, marks, writer, log, logger, metrics, clock, onProjected, ...traced };
  const projector = await openNodeProjector(parts, link);
  releases.add('projector', () => projector.close());
}

parentPort?.on('message', (message: ToProjector) => {
  if (message.kind !== 'close') return;
  // Nothing keeps the thread alive once its only port is closed.
  void releases.close().finally(() => parentPort?.close());
});

try {
  await open();
  tell({ kind: 'ready' });
} catch (error) {
  await releases.close();
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  parentPort?.close();
}
