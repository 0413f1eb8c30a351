/** Pages of what a caller sees: what it does not see takes no room in them. */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { EntryRange } from '../../../ports/projection.ts';
import type { ChatDeps } from './chat-deps.ts';
import type { Caller, Entered } from './entered.ts';
import { isSeen, type MessageEntry } from './view.ts';

/** Bounds are exclusive. */
export type SeenRange = Pick<EntryRange, 'afterSeq' | 'beforeSeq' | 'keep' | 'limit'>;

export interface SeenPage {
  /** Ascending by seq. */
  readonly entries: readonly MessageEntry[];
  /** There are more that the caller sees, beyond the end that the range does not keep. */
  readonly hasMore: boolean;
}

/** At most `range.limit` messages of a conversation that the caller has entered just now. */
export async function readSeen(
  { bus }: Pick<ChatDeps, 'bus'>,
  { principal, env }: Caller,
  { ref, view }: Entered,
  range: SeenRange,
): Promise<SeenPage | Problem> {
  const isNewest = range.keep === 'newest';
  let { beforeSeq } = range;
  let afterSeq = Math.max(range.afterSeq ?? 0, view.clearedSeq);
  let found: readonly MessageEntry[] = [];
  // One more than asked for tells whether there are more.
  const wanted = range.limit + 1;
  for (let round = 0; round < limits.historyRoundsMax && found.length < wanted; round += 1) {
    const page = await bus.history(principal, ref.conversation, {
      ...(afterSeq === 0 ? {} : { afterSeq }),
      ...(beforeSeq === undefined ? {} : { beforeSeq }),
      keep: range.keep,
      limit: round === 0 ? wanted : limits.hiddenPageMax,
      env,
      consistency: 'cached',
    });
    if (page instanceof Problem) return page;
    const seen = page.entries.filter((entry) => isSeen(entry, view)) as MessageEntry[];
    found = isNewest ? [...seen, ...found] : [...found, ...seen];
    if (!page.hasMore) return cut(found, range, false);
    if (isNewest) beforeSeq = page.entries[0]?.event.seq ?? 0;
    else afterSeq = page.entries.at(-1)?.event.seq ?? afterSeq;
  }
  return cut(found, range, true);
}

function cut(found: readonly MessageEntry[], { keep, limit }: SeenRange, isOpen: boolean): SeenPage {
  const entries = keep === 'newest' ? found.slice(-limit) : found.slice(0, limit);
  return { entries, hasMore: found.length > limit || isOpen };
}
