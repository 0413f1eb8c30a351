/** All events of all dialects, compiled once. */

import type { TSchema } from '@sinclair/typebox';
import { type Check, compileCheck } from '../../contract/checking/check.ts';
import type { EventDialect, SocketEvent } from '../../contract/sockets/event-socket.ts';

export interface KnownEvent {
  readonly dialect: EventDialect;
  readonly event: SocketEvent;
  readonly check: Check<TSchema>;
}

/** Finds an event by its name. Throws when two dialects declare the same one: a first event could not tell them apart. */
export function compileVocabularies(
  dialects: readonly EventDialect[],
): (name: string) => KnownEvent | undefined {
  const table = new Map<string, KnownEvent>();
  for (const dialect of dialects) {
    for (const event of dialect.events) {
      if (table.has(event.name)) throw new Error(`The event ${event.name} is declared twice`);
      table.set(event.name, { dialect, event, check: compileCheck(event.schema) });
    }
  }
  return (name) => table.get(name);
}
