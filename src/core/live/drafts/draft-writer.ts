/**
 * The agents' side of drafts: deltas are checked against the conversation's state like posts, joined
 * for a few milliseconds, and stored one chunk at a time with an expectation, so that the draft has
 * no gap and no two nodes write the same one.
 */
import { maySpeak } from '../../../domain/decide/may-speak.ts';
import type { DataClass } from '../../../domain/event.ts';
import type { MessageId } from '../../../domain/ids.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { requireParticipant } from '../../../domain/permissions.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { DraftChunk, DraftStore } from '../../../ports/draft-store.ts';
import type { HeadCheck } from '../../conversations/head-check.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { DeltaCommand } from '../live-bus.ts';

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

/** idle -> waiting (window) -> storing -> idle; `broken` after a lost race: the next delta reads the store again. */
interface Writing {
  /** As the last delta found it: what was evicted meanwhile is not followed any more. */
  conversation: LoadedConversation;
  readonly principal: Principal;
  readonly messageId: MessageId;
  readonly run: string;
  readonly dataClass: DataClass;
  next: number;
  bytes: number;
  expectLast: number;
  waiting: { from: number; text: string } | null;
  storing: Promise<void> | null;
  cancelTimer: () => void;
  onProblem: (problem: Problem) => void;
  lastMs: number;
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
  const writingMax = deps.writingMax ?? limits.draftsWrittenMax;
  const writings = new Map<string, Writing>();
  const opening = new Map<string, Promise<Writing | Problem>>();
  let isForgetting = false;

  /** Allowed now? A refusal is confirmed at the leader like any other. */
  async function mayStream(
    conversation: LoadedConversation,
    principal: Principal,
    run: string,
  ): Promise<Problem | null> {
    if (refusal(conversation, principal, run) === null) return null;
    return await refusalAtLeader({ conversation, principal, run });
  }

  /** Refused in a state that holds everything that was committed until now? */
  async function refusalAtLeader({
    conversation,
    principal,
    run,
  }: Pick<Writing, 'conversation' | 'principal' | 'run'>): Promise<Problem | null> {
    const answer = await headCheck.confirm(conversation);
    return answer instanceof Problem ? answer : refusal(conversation, principal, run);
  }

  async function open(
    key: string,
    conversation: LoadedConversation,
    principal: Principal,
    delta: DeltaCommand,
  ): Promise<Writing | Problem> {
    if (writings.size + opening.size >= writingMax) forgetSilent();
    if (writings.size + opening.size >= writingMax) return overloaded('drafts');
    const stored = delta.index === 0 ? [] : await store.read(conversation.ref, delta.messageId);
    if (stored instanceof Problem) return stored;
    const last = stored.at(-1);
    if (last !== undefined && last.chunk.author.id !== principal.id) {
      return new Problem('forbidden', 'This draft belongs to another principal.');
    }
    if (last?.chunk.closed === true) return new Problem('run_preempted');
    const writing: Writing = {
      conversation,
      principal,
      messageId: delta.messageId,
      run: last?.chunk.run ?? delta.run,
      dataClass: last?.chunk.data_class ?? (last === undefined ? delta.dataClass : undefined) ?? 'none',
      next: last === undefined ? 0 : last.chunk.index + 1,
      bytes: stored.reduce((sum, one) => sum + one.chunk.text.length, 0),
      expectLast: last?.logSeq ?? 0,
      waiting: null,
      storing: null,
      cancelTimer: () => undefined,
      onProblem: () => undefined,
      lastMs: clock.monotonicMs(),
    };
    if (!isForgetting) forgetSilentLater();
    writings.set(key, writing);
    return writing;
  }

  /** The draft that is being written; deltas that follow at once wait for the same opening, in order. */
  function writingOf(
    key: string,
    conversation: LoadedConversation,
    principal: Principal,
    delta: DeltaCommand,
  ): Writing | Promise<Writing | Problem> {
    const underWay = opening.get(key);
    if (underWay !== undefined) return underWay;
    const known = writings.get(key);
    if (known !== undefined) return known;
    const opened = open(key, conversation, principal, delta).finally(() => opening.delete(key));
    opening.set(key, opened);
    return opened;
  }

  /**
   * An agent that is gone, or whose last post went to another node, ends nothing here. What it left would
   * keep its conversation and its socket in memory; one that goes on is opened from the store again.
   */
  function forgetSilent(): void {
    const before = clock.monotonicMs() - limits.draftSilenceMs;
    for (const [key, one] of writings) if (one.lastMs < before && one.storing === null) writings.delete(key);
  }

  function forgetSilentLater(): void {
    isForgetting = true;
    clock.after(limits.draftSilenceMs, () => {
      forgetSilent();
      isForgetting = false;
      if (writings.size > 0) forgetSilentLater();
    });
  }

  /** Joins the delta to what waits, and stores it now or when the window closes. */
  function take(key: string, writing: Writing, delta: DeltaCommand): Problem | null {
    if (delta.index < writing.next) return null;
    if (delta.index > writing.next) {
      return new Problem('index_gap', `The next delta of this draft is ${writing.next}.`);
    }
    if (writing.bytes + delta.text.length > limits.draftBytesMax) return new Problem('too_large');
    writing.next += 1;
    writing.bytes += delta.text.length;
    writing.lastMs = clock.monotonicMs();
    if (writing.waiting === null) {
      writing.waiting = { from: delta.index, text: delta.text };
      if (writing.storing === null) schedule(key, writing);
    } else {
      writing.waiting.text += delta.text;
    }
    return null;
  }

  function schedule(key: string, writing: Writing): void {
    if (windowMs === 0) void storeWaiting(key, writing);
    else writing.cancelTimer = clock.after(windowMs, () => void storeWaiting(key, writing));
  }

  function storeWaiting(key: string, writing: Writing): Promise<void> {
    writing.cancelTimer();
    const { waiting } = writing;
    if (waiting === null) return writing.storing ?? Promise.resolve();
    if (writing.storing !== null) return writing.storing.then(() => storeWaiting(key, writing));
    writing.waiting = null;
    // While one chunk is on its way the next deltas join: an agent may send faster than the store answers.
    writing.storing = storeChunk(key, writing, waiting).finally(() => {
      writing.storing = null;
      if (writing.waiting !== null && writings.get(key) === writing) void storeWaiting(key, writing);
    });
    return writing.storing;
  }

  async function storeChunk(
    key: string,
    writing: Writing,
    waiting: { from: number; text: string },
  ): Promise<void> {
    const { conversation, principal, messageId, run, dataClass } = writing;
    const index = writing.next - 1;
    // What was accepted before a control event arrived here is not shown after it. The next delta then
    // finds out from the store where the draft really ends.
    const refused = await mayStream(conversation, principal, run);
    if (refused !== null) {
      writings.delete(key);
      return writing.onProblem(refused);
    }
    const author = { id: principal.id, kind: principal.kind };
    const plain = { message_id: messageId, run, from: waiting.from, index, text: waiting.text, author };
    const chunk: DraftChunk = dataClass === 'none' ? plain : { ...plain, data_class: dataClass };
    const result = await store.append(conversation.ref, chunk, writing.expectLast);
    if (result.kind === 'stored') {
      writing.expectLast = result.firstLogSeq;
      return;
    }
    const problem = await afterFailure(writing, index, result.kind === 'refused' ? result.problem : null);
    if (problem === null) return;
    writings.delete(key);
    writing.onProblem(problem);
  }

  /** Not stored, or nobody knows: the store tells how far the draft really is. */
  async function afterFailure(
    writing: Writing,
    index: number,
    refused: Problem | null,
  ): Promise<Problem | null> {
    const stored = await store.read(writing.conversation.ref, writing.messageId);
    if (stored instanceof Problem) return refused ?? stored;
    const last = stored.at(-1);
    if (last?.chunk.closed === true) return new Problem('run_preempted');
    if (last !== undefined && last.chunk.index === index && last.chunk.author.id === writing.principal.id) {
      writing.expectLast = last.logSeq;
      return null;
    }
    if (refused !== null) return refused;
    // What was stored is gone: perhaps a control event ended the draft that has not arrived here yet.
    const ended = last === undefined && writing.expectLast > 0 ? await refusalAtLeader(writing) : null;
    if (ended !== null) return ended;
    return new Problem(
      'index_gap',
      `The next delta of this draft is ${last === undefined ? 0 : last.chunk.index + 1}.`,
    );
  }

  return {
    async write(conversation, principal, delta, onProblem) {
      if (refusal(conversation, principal, delta.run) !== null) {
        const refused = await mayStream(conversation, principal, delta.run);
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
      const found = writingOf(key, conversation, principal, delta);
      const writing = found instanceof Promise ? await found : found;
      if (writing instanceof Problem) return writing;
      if (writing.principal.id !== principal.id)
        return new Problem('forbidden', 'This draft belongs to another principal.');
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
      return writing === undefined ? null : storeWaiting(key, writing);
    },

    async flush(conversation) {
      const waiting: Promise<void>[] = [];
      const prefix = keyOf(conversation, '');
      for (const [key, one] of writings) if (key.startsWith(prefix)) waiting.push(storeWaiting(key, one));
      await Promise.all(waiting);
    },

    end(conversation, message) {
      const key = keyOf(conversation, message);
      writings.get(key)?.cancelTimer();
      writings.delete(key);
      store.drop(conversation.ref, message);
    },

    endAll(conversation) {
      const prefix = keyOf(conversation, '');
      for (const [key, one] of writings) {
        if (!key.startsWith(prefix)) continue;
        one.cancelTimer();
        writings.delete(key);
      }
      store.drop(conversation.ref);
    },
  };
}

function keyOf(conversation: LoadedConversation, message: MessageId): string {
  return `${conversation.ref.tenant}/${conversation.ref.conversation}/${message}`;
}

function refusal(conversation: LoadedConversation, principal: Principal, run: string): Problem | null {
  const participant = requireParticipant(conversation.state, principal, null);
  if (participant instanceof Problem) return participant;
  return maySpeak(conversation.state, principal, { run, priority: null });
}
