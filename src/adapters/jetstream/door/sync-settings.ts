/** When the servers sync events to their disks, and how full these are: only the system account is told. For `parley doctor`. */
import type { NatsConnection } from '@nats-io/transport-node';
import { limits } from '../../../domain/limits.ts';
import type { Logger } from '../../../ports/logger.ts';
import { openConnection } from '../connections/connection.ts';

export interface SyncSetting {
  /** Name of the server. */
  readonly server: string;
  /** Null: before each acknowledgement (`always`). */
  readonly intervalMs: number | null;
}

export interface ServerSettings extends SyncSetting {
  /** What streams take of its disk, and may take in all. */
  readonly storageBytes: number;
  readonly storageBytesMax: number;
}

interface JetStreamAnswer {
  readonly server: { readonly name: string };
  readonly data?: {
    readonly storage?: number;
    readonly config?: {
      readonly max_storage?: number;
      readonly sync_interval?: number;
      readonly sync_always?: boolean;
    };
  };
}

/**
 * One setting for each server with JetStream that answers in time. Empty when the user `sys` may not ask, as with
 * an older nats-server.conf. Rejects when it cannot connect.
 */
export async function readSyncSettings(options: {
  readonly url: string;
  /** A file of Parley's own credentials. */
  readonly credsFile: string;
  readonly log: Logger;
}): Promise<readonly ServerSettings[]> {
  const sys = await openConnection({ ...options, user: 'sys', name: 'parley doctor' });
  try {
    return await ask(sys.connection);
  } finally {
    await sys.close();
  }
}

async function ask(connection: NatsConnection): Promise<readonly ServerSettings[]> {
  const settings: ServerSettings[] = [];
  const answers = await connection.requestMany('$SYS.REQ.SERVER.PING.JSZ', JSON.stringify({ config: true }), {
    strategy: 'stall',
    maxWait: limits.natsSystemAnswerMs,
  });
  try {
    for await (const message of answers) {
      const { server, data } = message.json<JetStreamAnswer>();
      const { sync_interval: nanoseconds, sync_always: isAlways, max_storage: max = 0 } = data?.config ?? {};
      if (nanoseconds === undefined) continue; // a server without JetStream
      const intervalMs = isAlways === true ? null : nanoseconds / 1_000_000;
      settings.push({
        ...{ server: server.name, intervalMs },
        ...{ storageBytes: data?.storage ?? 0, storageBytesMax: max },
      });
    }
  } catch {
    // Not permitted, or nobody answers: what is told so far is all there is.
  }
  return settings;
}
