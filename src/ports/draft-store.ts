/** Drafts: messages that are being streamed. Memory-stored, replicated to readers as `delta` pulses. */
import type { ConversationRef } from '../domain/event.ts';
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
