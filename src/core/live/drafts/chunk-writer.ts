/** From deltas that wait to chunks in the store: one on its way at a time for each draft, under expectation. */
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { DraftChunk, DraftStore } from '../../../ports/draft-store.ts';
import type { HeadCheck } from '../../conversations/head-check.ts';
import { mayStream, refusalAtLeader } from './may-stream.ts';
import type { Writing, Writings } from './writings.ts';

export interface ChunkWriter {
  /** Stores what waits when the window closes. */
  schedule(key: string, writing: Writing): void;
  /** …or now; resolves when everything that waited is stored, or its author told why not. */
  storeWaiting(key: string, writing: Writing): Promise<void>;
}

interface Deps {
  readonly store: Pick<DraftStore, 'read' | 'append'>;
  readonly headCheck: HeadCheck;
  readonly clock: Pick<Clock, 'after'>;
  readonly windowMs: number;
}

export function openChunkWriter(
  { store, headCheck, clock, windowMs }: Deps,
  writings: Pick<Writings, 'get' | 'delete'>,
): ChunkWriter {
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
    const refused = await mayStream(headCheck, writing);
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
    const isGone = last === undefined && writing.expectLast > 0;
    const ended = isGone ? await refusalAtLeader(headCheck, writing) : null;
    return ended ?? indexGap(last === undefined ? 0 : last.chunk.index + 1);
  }

  return {
    schedule(key, writing) {
      if (windowMs === 0) void storeWaiting(key, writing);
      else writing.cancelTimer = clock.after(windowMs, () => void storeWaiting(key, writing));
    },
    storeWaiting,
  };
}

export function indexGap(next: number): Problem {
  return new Problem('index_gap', `The next delta of this draft is ${next}.`);
}
