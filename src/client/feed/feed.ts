import type { Cursor, Delta, Event, Pulse, Reset } from '../wire.ts';

/** What a feed tells besides events and resets. */
export interface Wishes {
  /** Pieces of messages that are being written; first, of each, the text so far. */
  readonly deltas?: boolean;
  /** Typing, presence, read marks: volatile, and dropped where the reader is slow. */
  readonly pulses?: boolean;
}

/** Items are told apart by `type`. */
export type FeedItem = Event | Reset | Delta | Pulse;

/** The items of a feed with these wishes. */
export type Wished<W extends Wishes> =
  | Event
  | Reset
  | (W extends { readonly deltas: true } ? Delta : never)
  | (W extends { readonly pulses: true } ? Pulse : never);

/**
 * Events as they happen, to be iterated over once. Leaving a `for await` ends it, as does the end of the client; when
 * that ended for a reason (`client.problem`), the last step throws it.
 */
export interface Feed<Item = Event | Reset> extends AsyncIterableIterator<Item, undefined> {
  /** Resolves when it is live: nothing that happens from then on is missed. Rejects with why it cannot be. */
  readonly ready: Promise<void>;
  /** Where the reader is in a conversation: behind the last event that it was given. Null: not followed. */
  cursor(conversation: string): Cursor | null;
  /** The same for every conversation: to be kept, and given to follow() by the next process. */
  cursors(): Record<string, Cursor>;
  return(): Promise<IteratorResult<Item, undefined>>;
}
