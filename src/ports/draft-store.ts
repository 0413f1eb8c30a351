/** Drafts: messages that are being streamed. Memory-stored, replicated to readers as `delta` pulses. */
import type { ConversationRef, DataClass } from '../domain/event.ts';
import type { DraftOwner } from '../domain/facts.ts';
import type { MessageId, PrincipalId } from '../domain/ids.ts';
import type { PrincipalKind } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { AppendResult } from './log.ts';

/** One or more deltas joined: `from`..`index` are the delta numbers that `text` contains. */
export interface DraftChunk {
  readonly message_id: MessageId;
  readonly run: string;
  readonly from: number;
  readonly index: number;
  readonly text: string;
  readonly author: { readonly id: PrincipalId; readonly kind: PrincipalKind };
  /** Absent: none. The same in all chunks of a draft. */
  readonly data_class?: DataClass;
  /** The text of a phi or secret chunk where it is stored; `text` is empty then. */
  readonly sealed?: string;
  /** Nothing follows: a control event is about to end the draft. Without text, `from` and `index` are -1. */
  readonly closed?: true;
}

export interface StoredChunk {
  readonly chunk: DraftChunk;
  /** Sequence in the draft stream: the expectation of the next chunk of this message. */
  readonly logSeq: number;
  /** When it was stored, milliseconds. */
  readonly storedMs: number;
}

export interface DraftStore {
  /** Stores a chunk if the message's last one has sequence `expectLast` (0: the first). Never rejects. */
  append(ref: ConversationRef, chunk: DraftChunk, expectLast: number): Promise<AppendResult>;
  /**
   * Adds the closing chunk, whatever the last one is: chunks that are still on their way conflict with it,
   * so a read that is asked for after this resolved to null finds all that the draft will ever hold.
   */
  close(ref: ConversationRef, draft: DraftOwner): Promise<Problem | null>;
  /** All chunks of one message, or of all drafts of the conversation, in order. */
  read(ref: ConversationRef, message?: MessageId): Promise<readonly StoredChunk[] | Problem>;
  /** The first chunk of a message, which tells whose draft it is however long it is; null: there is none. */
  first(ref: ConversationRef, message: MessageId): Promise<DraftChunk | null | Problem>;
  /**
   * Forgets the draft of one message, since it became one, or all of a conversation that was deleted. A
   * failure is not reported: drafts expire by themselves.
   */
  drop(ref: ConversationRef, message?: MessageId): void;
}
