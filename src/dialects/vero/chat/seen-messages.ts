/** Pages of what a caller sees: what it does not see takes no room in them. */
import { Problem } from '../../../domain/problem.ts';
import type { EntryRange } from '../../../ports/projection/projection-reader.ts';
import type { ChatDeps } from './chat-deps.ts';
import type { Caller, Entered } from './entered.ts';
import type { MessageEntry } from './view.ts';

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
  { afterSeq: after = 0, ...range }: SeenRange,
): Promise<SeenPage | Problem> {
  const afterSeq = Math.max(after, view.clearedSeq);
  const page = await bus.history(principal, ref.conversation, {
    ...range,
    ...(afterSeq === 0 ? {} : { afterSeq }),
    ...{ seen: view, env, consistency: 'cached' as const },
  });
  if (page instanceof Problem) return page;
  return { entries: page.entries as readonly MessageEntry[], hasMore: page.hasMore };
}
