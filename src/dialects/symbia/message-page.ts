/** A page of messages: times as bounds, deleted ones left out, either end first. */
import type { ConversationRef } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import { type Micros, parseMicros } from '../../domain/time.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { EntryRange } from '../../ports/projection/projection-reader.ts';
import type { SymbiaDeps } from './caller.ts';
import { invalid } from './fields.ts';
import type { At } from './on-conversation.ts';
import type { ListMessagesQuery } from './wire.ts';

const limitDefault = 50;

/** `keep: 'newest'` is answered newest first. */
export function decodePage(query: ListMessagesQuery): EntryRange | Problem {
  const limit = decodeLimit(query.limit);
  if (limit instanceof Problem) return limit;
  const before = decodeTime(query.before, 'before');
  if (before instanceof Problem) return before;
  const after = decodeTime(query.after, 'after');
  if (after instanceof Problem) return after;
  const order = query.order ?? (before !== null && after === null ? 'desc' : 'asc');
  if (order !== 'asc' && order !== 'desc') return invalid('order', 'order must be asc or desc');
  return {
    limit,
    keep: order === 'desc' ? 'newest' : 'oldest',
    ...(before === null ? {} : { beforeAt: before }),
    ...(after === null ? {} : { afterAt: after }),
  };
}

export function decodeLimit(value: unknown): number | Problem {
  if (value === undefined || value === '') return limitDefault;
  const limit = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (limit >= 1 && limit <= limits.historyPageMax) return limit;
  return invalid('limit', `limit must be a number from 1 to ${limits.historyPageMax}`);
}

function decodeTime(value: unknown, path: string): Micros | null | Problem {
  if (value === undefined || value === '') return null;
  const at = typeof value === 'string' ? parseMicros(value) : null;
  return at ?? invalid(path, `${path} must be a timestamp`);
}

export interface MessagePage {
  readonly ref: ConversationRef;
  readonly state: ConversationState;
  /** In the order of the answer. */
  readonly entries: readonly TimelineEntry[];
}

/** Reads on where deleted messages left a page short, so that a short page always means the end. */
export async function readPage(
  deps: SymbiaDeps,
  { caller, id, env }: At,
  asked: EntryRange,
): Promise<MessagePage | Problem> {
  const entries: TimelineEntry[] = [];
  const isNewestFirst = asked.keep === 'newest';
  let range = asked;
  for (let round = 1; ; round += 1) {
    const page = await deps.bus.history(caller, id, { ...range, env });
    if (page instanceof Problem) return page;
    if (!page.state.participants.has(caller.id)) return new Problem('not_found');
    const inOrder = isNewestFirst ? page.entries.toReversed() : page.entries;
    entries.push(...inOrder.filter((entry) => entry.deletedAt === null));
    const last = inOrder.at(-1);
    const isFull = entries.length >= asked.limit || !page.hasMore || last === undefined;
    if (isFull || round === limits.historyRoundsMax) {
      return { ref: page.ref, state: page.state, entries: entries.slice(0, asked.limit) };
    }
    const at = parseMicros(last.event.at) ?? 0;
    const bound = isNewestFirst ? { beforeAt: at } : { afterAt: at };
    range = { ...asked, ...bound, limit: limits.historyPageMax };
  }
}
