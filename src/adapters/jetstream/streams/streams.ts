/** Creates the streams at first boot and reads how this deployment was born. */
import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { limits } from '../../../domain/limits.ts';
import type { Logger } from '../../../ports/logger.ts';
import { apiErrors, isApiError } from '../api-errors.ts';
import type { Nats } from '../connections/connection.ts';
import {
  agentStream,
  agentSubjects,
  conversationStream,
  draftStream,
  draftSubjects,
  liveOfLog,
  logSubjectsOf,
  pulseOfDraft,
  streamsMadeAnew,
  webhookStream,
  webhookSubjects,
} from '../subjects.ts';
import { openStreamManager } from './stream-manager.ts';

export interface Streams {
  /** Fixed when the deployment was born, whatever the environment says now. */
  readonly partitions: number;
  readonly replicas: number;
  /** Epoch by partition: changes when a stream is made anew. */
  epoch(partition: number): string;
  /** Reads the epochs again after a reconnect; returns the partitions whose stream is another one now. */
  refresh(): Promise<readonly number[]>;
  /** Calls `run` with such partitions, after their epochs changed. Returns the function that ends this. */
  onMadeAnew(run: (partitions: readonly number[]) => void): () => void;
}

/**
 * After each reconnect the streams are looked at again, and made anew if their store was lost: their
 * epochs then differ, and every cursor of the old ones is refused. Who notices without a reconnect tells the others:
 * their consumers go on in the new stream as if nothing had happened. Each tells it once, so it ends.
 */
export function watchStreams(nats: Nats, streams: Streams, log: Logger): void {
  const refresh = async (): Promise<void> => {
    for (let pauseMs = 100; nats.isConnected(); pauseMs = Math.min(pauseMs * 2, 2_000)) {
      try {
        await streams.refresh();
        return;
      } catch (error) {
        log.warn({ error }, 'The streams cannot be looked at yet');
        await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
      }
    }
  };
  nats.onReconnect(() => void refresh());
  nats.connection.subscribe(streamsMadeAnew, { callback: () => void refresh() });
  streams.onMadeAnew(() => nats.connection.publish(streamsMadeAnew));
}

/** The newest stream features (atomic batches, pinned consumers) came with this version. */
export const natsVersionMin = [2, 12] as const;

export async function openStreams(
  connection: NatsConnection,
  wanted: { readonly partitions: number; readonly replicas: number },
  log: Logger,
): Promise<Streams> {
  requireVersion(connection.info?.version ?? '0');
  const manager = await openStreamManager(connection);
  const partitions = await fixedPartitions(manager, wanted);
  if (partitions !== wanted.partitions) {
    log.warn(
      { existing: partitions, wanted: wanted.partitions },
      'The number of partitions was fixed at first boot and stays',
    );
  }
  const epochs: string[] = [];
  let replicas: number = wanted.replicas;
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  for (const partition of all) {
    const info = await ensure(
      manager,
      conversationConfig(partition, { partitions, replicas: wanted.replicas }),
    );
    replicas = info.config.num_replicas;
    epochs[partition] = epochOf(info);
  }
  await ensureShared(manager, wanted.replicas);
  const listeners = new Set<(partitions: readonly number[]) => void>();
  /** Made anew, and not told yet: a look may fail at a later stream, and the next one sees nothing new in these. */
  const untold = new Set<number>();

  async function look(): Promise<readonly number[]> {
    for (const partition of all) {
      const info = await ensure(
        manager,
        conversationConfig(partition, { partitions, replicas: wanted.replicas }),
      );
      const epoch = epochOf(info);
      if (epochs[partition] !== epoch) untold.add(partition);
      epochs[partition] = epoch;
    }
    await ensureShared(manager, wanted.replicas);
    const changed = [...untold];
    untold.clear();
    if (changed.length > 0) {
      log.error({ partitions: changed }, 'Streams were made anew: their events are gone');
      for (const run of listeners) run(changed);
    }
    return changed;
  }

  return {
    partitions,
    replicas,
    epoch: (partition) => epochs[partition] ?? '0',
    refresh: oneAfterAnother(look),
    onMadeAnew(run) {
      listeners.add(run);
      return () => void listeners.delete(run);
    },
  };
}

/** Who asks during a look shares the next one: one is enough for all consumers that lost their stream at once. */
function oneAfterAnother<T>(look: () => Promise<T>): () => Promise<T> {
  let latest: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    next ??= latest
      .catch(() => undefined)
      .then(() => {
        next = null;
        return look();
      });
    latest = next;
    return next;
  };
}

function requireVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantMajor, wantMinor] = natsVersionMin;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return;
  throw new Error(`nats-server ${version} is too old: ${wantMajor}.${wantMinor} or newer is required`);
}

/**
 * How many partitions this deployment was born with. The first stream says it: nodes that start at once see each other's
 * streams come one by one, and who counted them then would look for conversations in the wrong ones for ever.
 */
async function fixedPartitions(
  manager: JetStreamManager,
  wanted: { readonly partitions: number; readonly replicas: number },
): Promise<number> {
  const { config } = await ensure(manager, conversationConfig(0, wanted));
  const said = Number(config.metadata?.[partitionsKey]);
  // A deployment that is older than this note has all its streams.
  return Number.isSafeInteger(said) && said > 0 ? said : (await logStreamNames(manager)).length;
}

/** Names of the streams of the log, by partition. Empty before the first start of a node. */
export async function logStreamNames(manager: Pick<JetStreamManager, 'streams'>): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const name of manager.streams.names('conv.>')) if (/^CONV_\d+$/.test(name)) names.push(name);
  return names.sort((one, other) => Number(one.slice(5)) - Number(other.slice(5)));
}

async function ensure(
  manager: JetStreamManager,
  config: Partial<StreamConfig> & { name: string; subjects: string[] },
) {
  try {
    return await manager.streams.info(config.name);
  } catch (error) {
    if (!isApiError(error, apiErrors.streamNotFound)) throw error;
  }
  try {
    // Two nodes may start at once: adding a stream with the same configuration is idempotent.
    return await manager.streams.add(config as StreamConfig);
  } catch (error) {
    // Another node made it a moment ago, with another configuration: that one counts.
    if (!isApiError(error, apiErrors.streamNameInUse)) throw error;
    return await manager.streams.info(config.name);
  }
}

async function ensureShared(manager: JetStreamManager, replicas: number): Promise<void> {
  await ensure(manager, draftConfig(replicas));
  await ensure(manager, agentConfig(replicas));
  await ensureWebhooks(manager, webhookConfig(replicas));
}

/** Where it was made without that number, it is said now; a server that refuses has no such limit. */
async function ensureWebhooks(
  manager: JetStreamManager,
  config: ReturnType<typeof webhookConfig>,
): Promise<void> {
  const { max_consumers } = config;
  const info = await ensure(manager, config);
  if (info.config.max_consumers === max_consumers) return;
  const changed: StreamConfig = { ...info.config, max_consumers };
  try {
    await manager.streams.update(config.name, changed);
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
  }
}

/** In the metadata of a stream that was made from a backup: when, in base 36. */
export const restoredKey = 'parley_restored';

/** Nothing promises that a stream from a backup has a new creation time, and events that were told of may be missing. */
function epochOf({ created, config }: Pick<StreamInfo, 'created' | 'config'>): string {
  return `${Date.parse(String(created)).toString(36)}${config.metadata?.[restoredKey] ?? ''}`;
}

/** All that there are, as this version makes them. */
export function wantedStreams(wanted: { readonly partitions: number; readonly replicas: number }) {
  const partitions = Array.from({ length: wanted.partitions }, (_, partition) => partition);
  return [
    ...partitions.map((partition) => conversationConfig(partition, wanted)),
    ...[draftConfig(wanted.replicas), agentConfig(wanted.replicas), webhookConfig(wanted.replicas)],
  ];
}

/** In the metadata of every conversation stream. */
export const partitionsKey = 'parley.partitions';

function conversationConfig(
  partition: number,
  { partitions, replicas }: { readonly partitions: number; readonly replicas: number },
) {
  return {
    name: conversationStream(partition),
    subjects: [logSubjectsOf(partition)],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    num_replicas: replicas,
    allow_direct: true,
    allow_atomic: true,
    // Idempotency is ours (measured.md: expectations are checked first), so the server's window stays small.
    duplicate_window: 1_000_000_000,
    republish: { src: logSubjectsOf(partition), dest: liveOfLog },
    metadata: { [partitionsKey]: String(partitions) },
  };
}

function draftConfig(replicas: number) {
  return {
    name: draftStream,
    subjects: [draftSubjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.Memory,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
    allow_direct: true,
    max_age: limits.draftAgeMs * 1_000_000,
    max_bytes: 512 * 1024 * 1024,
    duplicate_window: 1_000_000_000,
    republish: { src: draftSubjects, dest: pulseOfDraft },
  };
}

/** A turn leaves the stream when it is over; one that nobody took grows too old to be answered. */
function agentConfig(replicas: number) {
  return {
    name: agentStream,
    subjects: [agentSubjects],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
    max_age: limits.agentTurnAgeMs * 1_000_000,
    max_msgs: limits.agentTurnsWaitingMax,
    duplicate_window: limits.agentDuplicatesMs * 1_000_000,
  };
}

/** A delivery leaves the stream when it is over. Endpoints that are too far behind are disabled before it is full. */
function webhookConfig(replicas: number) {
  return {
    name: webhookStream,
    subjects: [webhookSubjects],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
    max_age: limits.webhookQueuedMs * 1_000_000,
    max_msgs: limits.webhookQueuedMax,
    // One for each endpoint, and what is left of removed ones. From 2.15 on nats-server takes 1,000 unless a stream says more.
    max_consumers: limits.webhooksMax * 2,
    duplicate_window: limits.webhookDuplicatesMs * 1_000_000,
  };
}
