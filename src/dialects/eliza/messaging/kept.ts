/**
 * What this API keeps of its own in the metadata of conversations and messages: below one key, which it does not show.
 * Other APIs write any metadata, so nothing of it is taken for granted.
 */
import { isRecord } from '../fields.ts';

type Json = Readonly<Record<string, unknown>>;

const key = 'eliza';

/** Of a channel; absent: as every conversation. */
export interface ChannelFacts {
  readonly type?: string;
  readonly sourceType?: string;
  readonly sourceId?: string;
  readonly topic?: string;
  /** Of the agent whose room it was made as. */
  readonly worldId?: string;
}

/** Of a message. */
export interface MessageFacts {
  /** What a client says beside the text: any JSON. */
  readonly rawMessage?: unknown;
  readonly sourceType?: string;
  readonly sourceId?: string;
  readonly authorName?: string;
}

interface KeptRaw {
  readonly raw: unknown;
  /** Its `text` is that of the message, and stored there alone. */
  readonly echoes?: true;
}

/** What clients see of metadata. */
export function shownMetadata(metadata: Json): Json {
  const kept = metadata[key];
  if (kept === undefined) return metadata;
  const { [key]: _, ...shown } = metadata;
  // Theirs, should they use the same word.
  return isRecord(kept) && kept['given'] !== undefined ? { ...shown, [key]: kept['given'] } : shown;
}

/** What is stored: the metadata of a client, and the facts. */
export function withChannelFacts(metadata: Json, facts: ChannelFacts): Record<string, unknown> {
  return stored(metadata, { ...facts });
}

/** `content`: that of the message, which raw messages like to repeat. */
export function withMessageFacts(
  metadata: Json,
  { rawMessage, ...facts }: MessageFacts,
  content: string,
): Record<string, unknown> {
  return stored(metadata, rawMessage === undefined ? facts : { ...facts, ...keptRaw(rawMessage, content) });
}

function keptRaw(raw: unknown, content: string): KeptRaw {
  if (!isRecord(raw) || raw['text'] !== content) return { raw };
  const { text: _, ...rest } = raw;
  return { raw: rest, echoes: true };
}

function stored(metadata: Json, facts: Json): Record<string, unknown> {
  const given = metadata[key];
  if (given === undefined) return { [key]: facts, ...metadata };
  return { ...metadata, [key]: { ...facts, given } };
}

export function channelFactsOf(metadata: Json): ChannelFacts {
  const kept = metadata[key];
  if (!isRecord(kept)) return {};
  return texts(kept, ['type', 'sourceType', 'sourceId', 'topic', 'worldId']);
}

export function messageFactsOf(metadata: Json, content: string): MessageFacts {
  const kept = metadata[key];
  if (!isRecord(kept)) return {};
  const { raw, echoes } = kept;
  const rawMessage = echoes === true && isRecord(raw) ? { text: content, ...raw } : raw;
  return {
    ...(rawMessage === undefined ? {} : { rawMessage }),
    ...texts(kept, ['sourceType', 'sourceId', 'authorName']),
  };
}

function texts<Name extends string>(kept: Json, names: readonly Name[]): { readonly [N in Name]?: string } {
  const found: { [N in Name]?: string } = {};
  for (const name of names) {
    const value = kept[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}
