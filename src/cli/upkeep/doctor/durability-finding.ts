/** What is left of acknowledged events after a power failure: replicas and sync_interval together tell. */
import { readNatsCredentials } from '../../../adapters/jetstream/door/open-door.ts';
import {
  readSyncSettings,
  type ServerSettings,
  type SyncSetting,
} from '../../../adapters/jetstream/door/sync-settings.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Finding } from './finding.ts';

const check = 'durability';

export interface NatsPlace {
  readonly url: string;
  readonly credsFile: string | undefined;
  readonly log: Logger;
}

/** Of each server; or what must be done before they tell. */
export type Settings = readonly ServerSettings[] | string;

export async function readSettings({ url, credsFile, log }: NatsPlace): Promise<Settings> {
  if (credsFile === undefined || readNatsCredentials(credsFile) === null)
    return 'give NATS_CREDS a file of `parley admin nats-credentials`';
  try {
    const settings = await readSyncSettings({ url, credsFile, log });
    return settings.length > 0 ? settings : 'run nats-server with the nats-server.conf of this version';
  } catch {
    return 'does nats-server run nats-server.conf with the variables of these credentials?';
  }
}

/** `replicas`: null before the first start of a node. */
export function durabilityOf(settings: Settings, replicas: number | null): Finding {
  return typeof settings === 'string'
    ? untold(replicas, settings)
    : durabilityFinding(replicas ?? 1, settings);
}

/** The server that syncs most rarely counts. `settings` holds one at least. */
export function durabilityFinding(replicas: number, settings: readonly SyncSetting[]): Finding {
  const intervalMs = Math.max(...settings.map((one) => one.intervalMs ?? 0));
  const copies = `R${replicas}`;
  if (intervalMs === 0)
    return {
      check,
      status: 'ok',
      found: `${copies}, synced before each acknowledgement: a power failure loses nothing`,
    };
  const interval = wordsOf(intervalMs);
  if (replicas === 1) {
    const found = `R1, synced every ${interval}: a power failure may lose up to ${interval} of acknowledged events`;
    const remedy =
      'PARLEY_NATS_SYNC=\'"always"\' for nats-server, or R3 on separate machines (deploy/operations.md)';
    return { check, status: 'warn', found, remedy };
  }
  const found = `${copies}, synced every ${interval}: a power failure of one machine loses nothing while the others run; of most of them at once up to ${interval}`;
  return { check, status: 'ok', found };
}

function untold(replicas: number | null, remedy: string): Finding {
  const copies = replicas === null ? '' : `R${replicas}; `;
  return {
    check,
    status: 'warn',
    found: `${copies}when events are synced to the disk cannot be told`,
    remedy,
  };
}

/** `2m`, `90s`, `500ms`: as nats-server.conf has it. */
function wordsOf(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
