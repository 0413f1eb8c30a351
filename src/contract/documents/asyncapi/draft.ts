/** What an AsyncAPI document is put together from, and the words that all its parts share. */
import type { SchemaComponents } from '../schema-components.ts';

export type Json = Record<string, unknown>;

export interface Draft {
  readonly components: SchemaComponents;
  readonly channels: Record<string, Json>;
  readonly operations: Record<string, Json>;
}

export function message(name: string, summary: string, payload: Json, example?: unknown): Json {
  return { name, summary, payload, ...(example === undefined ? {} : { examples: [exampleOf(example)] }) };
}

/** AsyncAPI takes objects as they are; its schema asks for anything else beside a name only. */
function exampleOf(payload: unknown): Json {
  return { payload };
}

export function channelRef(name: string): Json {
  return { $ref: `#/channels/${pointer(name)}` };
}

export function messageRef(channel: string, name: string): Json {
  return { $ref: `#/channels/${pointer(channel)}/messages/${pointer(name)}` };
}

/** As JSON Pointer escapes it. */
function pointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
