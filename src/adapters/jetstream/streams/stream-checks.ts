/** Are the streams as this version makes them, and how full are they? Read only, for `parley doctor`. */
import type { StreamConfig } from '@nats-io/jetstream';
import type { Nats } from '../connections/connection.ts';
import { askJetStream } from '../connections/server-facts.ts';
import { conversationStream } from '../subjects.ts';
import { partitionsKey, wantedStreams } from './streams.ts';

export interface StreamCheck {
  readonly name: string;
  /** False: nobody knows a stream of this name. */
  readonly isThere: boolean;
  readonly replicas: number;
  /** What is configured otherwise than this version would: `max_age is 3600000000000, not 0`. */
  readonly differences: readonly StreamDifference[];
  readonly bytes: number;
  readonly messages: number;
  /** Null: as many as there is disk. */
  readonly bytesMax: number | null;
  readonly messagesMax: number | null;
}

export interface StreamDifference {
  readonly field: string;
  readonly words: string;
  /** Events would be lost, not be told, or not be taken. */
  readonly isGrave: boolean;
}

/** What the account of this connection uses and may use; a limit of null: there is none. */
export interface AccountUse {
  readonly storageBytes: number;
  readonly storageBytesMax: number | null;
  readonly memoryBytes: number;
  readonly memoryBytesMax: number | null;
}

interface Info {
  readonly config?: Partial<StreamConfig>;
  readonly state?: { readonly messages: number; readonly bytes: number };
}

/** With these, log and live feed are what the rest of Parley counts on; what else differs costs comfort. */
const graveFields: readonly string[] = [
  ...['subjects', 'retention', 'storage', 'discard', 'allow_direct', 'allow_atomic', 'republish'],
  ...['max_age', 'max_msgs_per_subject'],
];
/** May differ: how many replicas there are is told by itself. */
const ofEachDeployment: readonly string[] = ['name', 'num_replicas', 'metadata'];
/** Set by nobody: with one of them events would go that nobody deleted, or be refused. */
const unset = { max_age: 0, max_msgs_per_subject: -1, max_msgs: -1, max_bytes: -1, max_msg_size: -1 };

/** All streams that there should be; empty before the first start of a node. */
export async function readStreamChecks(nats: Nats): Promise<readonly StreamCheck[]> {
  const first = await askJetStream<Info>(nats, `STREAM.INFO.${conversationStream(0)}`);
  if (first?.config === undefined) return [];
  const { metadata, num_replicas: replicas = 1 } = first.config;
  const partitions = Number(metadata?.[partitionsKey] ?? 1);
  return Promise.all(
    wantedStreams({ partitions, replicas }).map(async (wanted) =>
      checkOf(wanted, await askJetStream<Info>(nats, `STREAM.INFO.${wanted.name}`)),
    ),
  );
}

export async function readAccountUse(nats: Nats): Promise<AccountUse | null> {
  const answer = await askJetStream<{
    readonly memory?: number;
    readonly storage?: number;
    readonly limits?: { readonly max_memory: number; readonly max_storage: number };
  }>(nats, 'INFO');
  if (answer?.limits === undefined) return null;
  const { memory = 0, storage = 0, limits } = answer;
  return {
    ...{ storageBytes: storage, storageBytesMax: bound(limits.max_storage) },
    ...{ memoryBytes: memory, memoryBytesMax: bound(limits.max_memory) },
  };
}

function checkOf(wanted: WantedStream, info: Info | null): StreamCheck {
  const { config, state } = info ?? {};
  return {
    name: wanted.name,
    isThere: config !== undefined,
    replicas: config?.num_replicas ?? 0,
    differences: config === undefined ? [] : differencesOf(wanted, config),
    bytes: state?.bytes ?? 0,
    messages: state?.messages ?? 0,
    bytesMax: bound(config?.max_bytes),
    messagesMax: bound(config?.max_msgs),
  };
}

type WantedStream = ReturnType<typeof wantedStreams>[number];

function differencesOf(wanted: WantedStream, found: Partial<StreamConfig>): readonly StreamDifference[] {
  return Object.entries({ ...unset, ...wanted }).flatMap(([field, want]) => {
    if (ofEachDeployment.includes(field)) return [];
    const have = found[field as keyof StreamConfig];
    if (sorted(have ?? emptyOf(want)) === sorted(want)) return [];
    const words = `${field} is ${JSON.stringify(have ?? null)}, not ${JSON.stringify(want)}`;
    return [{ field, words, isGrave: graveFields.includes(field) }];
  });
}

/** The server leaves out what is empty. */
function emptyOf(want: unknown): unknown {
  return typeof want === 'boolean' ? false : typeof want === 'number' ? 0 : null;
}

/** In whatever order the server writes it; 0 and -1 both mean that there is no bound. */
function sorted(value: unknown): string {
  if (value === -1) return '0';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));
}

function bound(value: number | undefined): number | null {
  return value === undefined || value <= 0 ? null : value;
}
