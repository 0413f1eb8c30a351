/** How far everybody has read. */
import type { ConversationRef } from '../../domain/event.ts';
import type { ConversationId, PrincipalId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';

/** How far everybody who takes part in a conversation has read: what is read by all others than one can be told. */
export interface SlowestReaders {
  /** Who has read the least; null: nobody takes part. */
  readonly slowest: PrincipalId | null;
  readonly readSeq: number;
  /** The least of the others; null: there are none. */
  readonly othersReadSeq: number | null;
}

export interface ReadCursors {
  /** Monotonic: never goes back. `lastReadSeq` is what counts now, `advanced` whether this call moved it. */
  advance(
    ref: ConversationRef,
    principal: PrincipalId,
    upToSeq: number,
  ): Promise<{ readonly lastReadSeq: number; readonly advanced: boolean } | Problem>;
  /** When each reader of a conversation moved its cursor for the last time. */
  readTimes(ref: ConversationRef): Promise<ReadonlyMap<PrincipalId, Micros> | Problem>;
  /** Of conversations of one tenant. */
  slowest(refs: readonly ConversationRef[]): Promise<ReadonlyMap<ConversationId, SlowestReaders> | Problem>;
}
