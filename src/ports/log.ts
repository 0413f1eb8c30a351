/**
 * The log: one ordered, durable series of events for each conversation. Implemented by
 * adapters/jetstream; test/contracts/log.ts is the suite that every implementation passes.
 */
import type { ConversationRef, EventKind, LogEntry } from '../domain/event.ts';
import type { ConversationId, NodeId, TenantId } from '../domain/ids.ts';
import type { Problem } from '../domain/problem.ts';

export type AppendResult =
  /** Durable. `firstLogSeq` is the stream sequence of the first event; the others follow without a gap. */
  | { readonly kind: 'stored'; readonly firstLogSeq: number }
  /** Somebody else wrote first; nothing of this append was stored. */
  | { readonly kind: 'conflict' }
  /** No answer: stored or not. The caller re-reads the log after `expectLast`; it never answers an error now. */
  | { readonly kind: 'unknown' }
  /** Surely not stored: `unavailable`, `storage_full`, `overloaded`, `too_large`. */
  | { readonly kind: 'refused'; readonly problem: Problem };

export interface Log {
  /** This process, as named in the entries it writes. */
  readonly node: NodeId;
  /** Queue depth from which one batch is cheaper than single appends: higher on R1 than on R3. */
  readonly batchThreshold: number;
  /** How many streams the log is spread over. */
  readonly partitions: number;

  /**
   * Appends all entries or none, on condition that the conversation's last event has stream sequence
   * `expectLast` (0: the log is empty). Several entries go as one atomic batch. Never rejects.
   */
  append(ref: ConversationRef, expectLast: number, entries: readonly LogEntry[]): Promise<AppendResult>;

  /**
   * Stream sequence of the conversation's last event as the stream LEADER knows it; 0 when empty.
   * This is what refusals and reads are confirmed with, so no replica may answer it.
   */
  head(ref: ConversationRef): Promise<number | Problem>;

  /** Heads of many conversations after a reconnect, in the order of `refs`; any replica may answer. */
  heads(refs: readonly ConversationRef[]): Promise<readonly number[] | Problem>;

  /**
   * Up to `limit` entries with a stream sequence > `afterLogSeq`, in order. `isLast`: there were no
   * more when it was read. `kind` restricts to one kind of event.
   */
  readAfter(
    ref: ConversationRef,
    afterLogSeq: number,
    limit: number,
    kind?: EventKind,
  ): Promise<{ readonly entries: readonly LogEntry[]; readonly isLast: boolean } | Problem>;

  /** Finds a conversation that the projection does not know yet; null when the log has no event of it. */
  find(tenant: TenantId, conversation: ConversationId): Promise<ConversationRef | null | Problem>;

  /** Overwrites single events in the store. An already erased sequence is no error. */
  erase(ref: ConversationRef, logSeqs: readonly number[]): Promise<Problem | null>;

  /** Removes every event of a deleted conversation that lies before `logSeq`. */
  purgeBefore(ref: ConversationRef, logSeq: number): Promise<Problem | null>;

  /** The stream that holds a conversation: 0 … partitions - 1. */
  partition(conversation: ConversationId): number;

  /** Changes when the stream that holds the conversation is made anew: cursors carry it. */
  epoch(conversation: ConversationId): string;
}
