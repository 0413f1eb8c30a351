/** The drafts that are being written on this node, each by one principal. */
import type { DataClass } from '../../../domain/event.ts';
import type { MessageId } from '../../../domain/ids.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { DraftStore } from '../../../ports/draft-store.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { DeltaCommand } from '../live-bus.ts';

/** idle -> waiting (window) -> storing -> idle; `broken` after a lost race: the next delta reads the store again. */
export interface Writing {
  /** As the last delta found it: what was evicted meanwhile is not followed any more. */
  conversation: LoadedConversation;
  readonly principal: Principal;
  readonly messageId: MessageId;
  readonly run: string;
  readonly dataClass: DataClass;
  /** Index of the next delta. */
  next: number;
  bytes: number;
  expectLast: number;
  waiting: { from: number; text: string } | null;
  storing: Promise<void> | null;
  cancelTimer: () => void;
  onProblem: (problem: Problem) => void;
  lastMs: number;
}

export interface Writings {
  get(key: string): Writing | undefined;
  delete(key: string): void;
  /** Those of a conversation, with their keys. */
  ofConversation(conversation: LoadedConversation): readonly (readonly [string, Writing])[];
  /** The draft that is being written; deltas that follow at once wait for the same opening, in order. */
  of(
    key: string,
    conversation: LoadedConversation,
    principal: Principal,
    delta: DeltaCommand,
  ): Writing | Promise<Writing | Problem>;
}

interface Deps {
  readonly store: Pick<DraftStore, 'read'>;
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>;
  readonly writingMax: number;
}

export function openWritings({ store, clock, writingMax }: Deps): Writings {
  const writings = new Map<string, Writing>();
  const opening = new Map<string, Promise<Writing | Problem>>();
  let isForgetting = false;

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
    if (last !== undefined && last.chunk.author.id !== principal.id) return foreignDraft();
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

  return {
    get: (key) => writings.get(key),
    delete: (key) => void writings.delete(key),
    ofConversation(conversation) {
      const prefix = keyOf(conversation, '');
      const found: [string, Writing][] = [];
      for (const entry of writings) if (entry[0].startsWith(prefix)) found.push(entry);
      return found;
    },
    of(key, conversation, principal, delta) {
      const underWay = opening.get(key);
      if (underWay !== undefined) return underWay;
      const known = writings.get(key);
      if (known !== undefined) return known;
      const opened = open(key, conversation, principal, delta).finally(() => opening.delete(key));
      opening.set(key, opened);
      return opened;
    },
  };
}

export function keyOf(conversation: LoadedConversation, message: MessageId): string {
  return `${conversation.ref.tenant}/${conversation.ref.conversation}/${message}`;
}

export function foreignDraft(): Problem {
  return new Problem('forbidden', 'This draft belongs to another principal.');
}
