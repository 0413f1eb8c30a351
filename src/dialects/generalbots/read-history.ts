/** Pages of what users and bots said: what is hidden takes no room in them. */
import type { Bus } from '../../core/bus.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { TimeBounds } from './decode.ts';
import { type MessageEvent, shownMessage } from './encode.ts';
import type { Caller, Place } from './place.ts';

export interface ShownPage {
  /** Ascending. */
  readonly messages: readonly MessageEvent[];
  /** There are more inside of the bounds, on the side that was cut. */
  readonly hasMore: boolean;
}

/** Bounds are exclusive. With `after` the oldest messages inside of them, else the newest. */
export async function readHistory(
  { bus }: { readonly bus: Pick<Bus, 'history'> },
  { principal, env }: Caller,
  { ref }: Pick<Place, 'ref'>,
  { after, before, limit }: TimeBounds & { readonly limit: number },
): Promise<ShownPage | Problem> {
  if (after !== null && before !== null && after >= before) return { messages: [], hasMore: false };
  const keep = after === null ? 'newest' : 'oldest';
  const bounds = {
    ...(after === null ? {} : { afterAt: after }),
    ...(before === null ? {} : { beforeAt: before }),
  };
  let found: readonly MessageEvent[] = [];
  let beyond: { readonly beforeSeq?: number; readonly afterSeq?: number } = {};
  let hasRows = true;
  // One more than asked for tells whether there are more.
  for (let round = 0; hasRows && round < limits.historyRoundsMax && found.length <= limit; round += 1) {
    const rows = round === 0 ? limit + 1 : limits.historyPageMax;
    const query = { ...bounds, ...beyond, keep, limit: rows, env, consistency: 'cached' } as const;
    const page = await bus.history(principal, ref.conversation, query);
    if (page instanceof Problem) return page;
    const shown = page.entries.flatMap((entry) => shownMessage(entry) ?? []);
    found = keep === 'newest' ? [...shown, ...found] : [...found, ...shown];
    hasRows = page.hasMore;
    const edge = (keep === 'newest' ? page.entries[0] : page.entries.at(-1))?.event.seq ?? 0;
    beyond = keep === 'newest' ? { beforeSeq: edge } : { afterSeq: edge };
  }
  const messages = keep === 'newest' ? found.slice(-limit) : found.slice(0, limit);
  return { messages, hasMore: hasRows || found.length > limit };
}
