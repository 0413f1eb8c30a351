/**
 * Raw events after a position, for readers that resume: from the tail, else from the log, where the
 * projection says at which stream sequence to start. Erased events leave holes in the log; their
 * stubs come from the deletion that erased them, which always stands later.
 */
import type { ErasedEvent, LogEntry } from '../../domain/event.ts';
import { erasedStub } from '../../domain/events/erased-stub.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Log } from '../../ports/log.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import { FreshAnswers } from '../fresh-answers.ts';
import type { LoadedConversation } from './loaded-conversation.ts';

export interface Replay {
  /**
   * The next entries after `position` in position order without a gap, at most a page; empty at the
   * end. Bounded by limits.logReadPageMax entries. Readers that ask for the same at once share one read:
   * those of a conversation that lost their node together are all at the same few positions.
   */
  after(conversation: LoadedConversation, position: number): Promise<readonly LogEntry[] | Problem>;
}

export function openReplay(log: Log, reader: ProjectionReader): Replay {
  const shared = new FreshAnswers<readonly LogEntry[] | Problem>();

  async function fromLog(conversation: LoadedConversation, position: number): Promise<LogEntry[] | Problem> {
    const start = position === 0 ? 0 : await reader.logSeqAt(conversation.ref, position);
    if (start instanceof Problem) return start;
    for (let from = start; ; ) {
      const page = await log.readAfter(conversation.ref, from, limits.logReadPageMax);
      if (page instanceof Problem) return page;
      const entries = page.entries.filter((entry) => entry.event.position > position);
      const last = page.entries.at(-1);
      // The index names timeline entries only: a stretch of reactions may lie before the position.
      if (entries.length > 0 || page.isLast || last === undefined) return entries;
      from = last.logSeq;
    }
  }

  /** Erased events by position, from the deletions in the log after `logSeq`. */
  async function erasedAfter(
    conversation: LoadedConversation,
    logSeq: number,
  ): Promise<Map<number, ErasedEvent> | Problem> {
    const erased = new Map<number, ErasedEvent>();
    for (let from = logSeq; ; ) {
      const page = await log.readAfter(conversation.ref, from, limits.logReadPageMax, 'delete');
      if (page instanceof Problem) return page;
      for (const entry of page.entries) for (const one of entry.erased) erased.set(one.position, one);
      const last = page.entries.at(-1);
      if (page.isLast || last === undefined) return erased;
      from = last.logSeq;
    }
  }

  async function fillHoles(
    conversation: LoadedConversation,
    position: number,
    entries: readonly LogEntry[],
  ): Promise<readonly LogEntry[] | Problem> {
    if (!hasHoles(position, entries)) return entries;
    // A deletion stands after what it erased, so the one that made a hole is after the hole's first entry.
    const erased = await erasedAfter(conversation, (entries[0]?.logSeq ?? 1) - 1);
    if (erased instanceof Problem) return erased;
    const filled: LogEntry[] = [];
    let expected = position + 1;
    for (const entry of entries) {
      for (; expected < entry.event.position; expected += 1) {
        const one = erased.get(expected);
        if (one !== undefined) filled.push(stubEntry(conversation, one, entry));
      }
      filled.push(entry);
      expected = entry.event.position + 1;
    }
    return filled;
  }

  return {
    async after(conversation, position) {
      if (conversation.tailCovers(position)) {
        const entries = conversation.tail.filter((entry) => entry.event.position > position);
        return await fillHoles(conversation, position, entries);
      }
      const { tenant, service, conversation: id } = conversation.ref;
      return await shared.ask(`${tenant}/${service}/${id}/${position}`, async () => {
        const entries = await fromLog(conversation, position);
        return entries instanceof Problem ? entries : await fillHoles(conversation, position, entries);
      });
    },
  };
}

function hasHoles(position: number, entries: readonly LogEntry[]): boolean {
  let expected = position + 1;
  for (const entry of entries) {
    if (entry.event.position !== expected) return true;
    expected += 1;
  }
  return false;
}

function stubEntry(conversation: LoadedConversation, erased: ErasedEvent, near: LogEntry): LogEntry {
  const event = erasedStub(conversation.ref.conversation, erased);
  return { event, logSeq: erased.logSeq, node: near.node, dataClass: 'none', policyRef: null, erased: [] };
}
