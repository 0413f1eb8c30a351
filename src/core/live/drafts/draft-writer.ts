/**
 * The agents' side of drafts: deltas are checked against the conversation's state like posts, joined
 * for a few milliseconds, and stored one chunk at a time with an expectation, so that the draft has
 * no gap and no two nodes write the same one.
 */
import type { MessageId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { DraftStore } from '../../../ports/draft-store.ts';
import type { HeadCheck } from '../../conversations/head-check.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { DeltaCommand } from '../live-bus.ts';
import { indexGap, openChunkWriter } from './chunk-writer.ts';
import { mayStream, refusalHere } from './may-stream.ts';
import { foreignDraft, keyOf, openWritings, type Writing } from './writings.ts';

export interface DraftWriter {
  /** Takes one delta; null when it was accepted. Later trouble with storing it goes to `onProblem`. */
  write(
    conversation: LoadedConversation,
    principal: Principal,
    delta: DeltaCommand,
    onProblem: (problem: Problem) => void,
  ): Promise<Problem | null>;
  /** Stores what waits of this message now: before the post that ends its draft. Null: nothing waits. */
  flushMessage(conversation: LoadedConversation, message: MessageId): Promise<void> | null;
  /** Stores what waits of this conversation now: before a control event reads the drafts. */
  flush(conversation: LoadedConversation): Promise<void>;
  /** The message was posted or its run stopped: forget it here and in the store. */
  end(conversation: LoadedConversation, message: MessageId): void;
  /** The conversation was deleted: the same for all its drafts. */
  endAll(conversation: LoadedConversation): void;
}

interface Deps {
  readonly store: DraftStore;
  readonly headCheck: HeadCheck;
  readonly clock: Clock;
  readonly windowMs: number;
  /** Default limits.draftsWrittenMax. */
  readonly writingMax?: number;
}

export function openDraftWriter({ store, headCheck, clock, windowMs, ...deps }: Deps): DraftWriter {
  const writings = openWritings({ store, clock, writingMax: deps.writingMax ?? limits.draftsWrittenMax });
  const chunks = openChunkWriter({ store, headCheck, clock, windowMs }, writings);

  /** Joins the delta to what waits, and stores it now or when the window closes. */
  function take(key: string, writing: Writing, delta: DeltaCommand): Problem | null {
    if (delta.index < writing.next) return null;
    if (delta.index > writing.next) return indexGap(writing.next);
    if (writing.bytes + delta.text.length > limits.draftBytesMax) return new Problem('too_large');
    writing.next += 1;
    writing.bytes += delta.text.length;
    writing.lastMs = clock.monotonicMs();
    if (writing.waiting === null) {
      writing.waiting = { from: delta.index, text: delta.text };
      if (writing.storing === null) chunks.schedule(key, writing);
    } else {
      writing.waiting.text += delta.text;
    }
    return null;
  }

  return {
    async write(conversation, principal, delta, onProblem) {
      const speaking = { conversation, principal, run: delta.run };
      if (refusalHere(speaking) !== null) {
        const refused = await mayStream(headCheck, speaking);
        if (refused !== null) return refused;
      }
      const { state } = conversation;
      if (state.window.byMessageId(delta.messageId, state.position) !== null) {
        return new Problem('conflict', 'A message with this id exists.', { reason: 'message_id_taken' });
      }
      const key = keyOf(conversation, delta.messageId);
      const known = writings.get(key);
      // Another node may have taken deltas of it since: only the store knows.
      const isAhead = known !== undefined && delta.index > known.next;
      if (isAhead && known.waiting === null && known.storing === null) writings.delete(key);
      const found = writings.of(key, conversation, principal, delta);
      const writing = found instanceof Promise ? await found : found;
      if (writing instanceof Problem) return writing;
      if (writing.principal.id !== principal.id) return foreignDraft();
      if (delta.dataClass !== undefined && delta.dataClass !== writing.dataClass)
        return new Problem('invalid_request', 'A draft has one data class: that of its first delta.');
      if (writing.run !== delta.run) return new Problem('invalid_request', 'A draft belongs to one run.');
      writing.conversation = conversation;
      writing.onProblem = onProblem;
      return take(key, writing, delta);
    },

    flushMessage(conversation, message) {
      const key = keyOf(conversation, message);
      const writing = writings.get(key);
      return writing === undefined ? null : chunks.storeWaiting(key, writing);
    },

    async flush(conversation) {
      const open = writings.ofConversation(conversation);
      await Promise.all(open.map(([key, one]) => chunks.storeWaiting(key, one)));
    },

    end(conversation, message) {
      const key = keyOf(conversation, message);
      writings.get(key)?.cancelTimer();
      writings.delete(key);
      store.drop(conversation.ref, message);
    },

    endAll(conversation) {
      for (const [key, one] of writings.ofConversation(conversation)) {
        one.cancelTimer();
        writings.delete(key);
      }
      store.drop(conversation.ref);
    },
  };
}
