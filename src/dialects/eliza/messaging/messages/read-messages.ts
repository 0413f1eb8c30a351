/** A page of the messages of a channel: newest first, by times of milliseconds, without losing any. */
import type { ConversationId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { type Micros, parseMicros } from '../../../../domain/time.ts';
import type { TimelineEntry } from '../../../../domain/timeline.ts';
import type { ElizaDeps } from '../../deps.ts';
import type { Said } from '../acting.ts';
import { type Channel, inWords } from '../channels/channel.ts';
import { isShown, listedRowJson, type MessageEvent } from './encode-message.ts';

const limitDefault = 50;
const millisecond = 1_000;

export interface PageRange {
  /** 0: nothing is asked for. */
  readonly limit: number;
  readonly before: Micros | null;
  /** Then the oldest of what follows. */
  readonly after: Micros | null;
  /** Which end of the range counts where both are given; default: as above. */
  readonly keep?: 'newest' | 'oldest';
}

export type ShownMessage = TimelineEntry & { readonly event: MessageEvent };

export interface MessagePage extends Channel {
  /** Newest first. Where the last one shares its millisecond with others, these come on top of the limit. */
  readonly messages: readonly ShownMessage[];
  readonly hasMore: boolean;
}

export interface RangeQuery {
  readonly limit?: string;
  readonly before?: string;
  readonly after?: string;
}

/** What is no number is none given, as upstream, but for the bound. Null: a time that is none. */
export function decodeRange({ limit, before, after }: RangeQuery): PageRange | null {
  const lower = decodeTime(after, 'after');
  const upper = decodeTime(before, 'before');
  if (lower === undefined || upper === undefined) return null;
  return { limit: decodeLimit(limit), before: upper, after: lower };
}

function decodeLimit(text = ''): number {
  if (text === '') return limitDefault;
  const asked = Number.parseInt(text, 10);
  return asked >= 0 ? Math.min(asked, limits.historyPageMax) : limits.historyPageMax;
}

/**
 * Milliseconds, or RFC 3339. Our own times have microseconds, and most clients cut them off: what comes without
 * them means all of its millisecond. Null: not given; undefined: no time.
 */
function decodeTime(text: string | undefined, bound: 'before' | 'after'): Micros | null | undefined {
  if (text === undefined || text === '') return null;
  const isNumber = /^\d{1,15}$/.test(text);
  const at = isNumber ? Number(text) * millisecond : parseMicros(text.replace(/ (\d{2}:?\d{2})$/, '+$1'));
  if (at === null || !Number.isSafeInteger(at)) return undefined;
  const isExact = !isNumber && at % millisecond !== 0;
  return isExact || bound === 'before' ? at : at + millisecond - 1;
}

/**
 * A client that pages by milliseconds asks next for what is before its last message: whatever else that millisecond
 * has must be on the same page.
 */
export async function readMessages(
  { bus }: Pick<ElizaDeps, 'bus'>,
  caller: Principal,
  channel: ConversationId,
  range: PageRange,
  { env }: Pick<Said, 'env'>,
): Promise<MessagePage | Problem> {
  const { limit, before, after, keep = after === null ? 'newest' : 'oldest' } = range;
  const found: ShownMessage[] = [];
  let bounds = {
    ...(before === null ? {} : { beforeAt: before }),
    ...(after === null ? {} : { afterAt: after }),
  };
  for (let round = 1; ; round += 1) {
    // One more than wanted tells whether the page is to go on.
    const wanted = Math.min(limits.historyPageMax, round === 1 ? limit + 1 : limits.historyPageMax);
    const page = await bus.history(caller, channel, { ...bounds, limit: wanted, keep, env });
    if (page instanceof Problem) return inWords(page);
    const inOrder = keep === 'newest' ? page.entries.toReversed() : page.entries;
    for (const one of inOrder) if (isShown(one, caller.kind !== 'user')) found.push(one as ShownMessage);
    const end = endOfPage(found, limit);
    const last = inOrder.at(-1);
    if (end !== null || !page.hasMore || last === undefined || round === limits.historyRoundsMax) {
      const messages = found.slice(0, end ?? found.length);
      const hasMore = messages.length < found.length || page.hasMore;
      const { ref, state } = page;
      return { ref, state, messages: keep === 'newest' ? messages : messages.reverse(), hasMore };
    }
    const at = parseMicros(last.event.at) ?? 0;
    bounds = { ...bounds, ...(keep === 'newest' ? { beforeAt: at } : { afterAt: at }) };
  }
}

/** How many of the messages make the page; null: that is not known without reading on. */
function endOfPage(found: readonly ShownMessage[], limit: number): number | null {
  if (limit === 0) return 0;
  const edge = found[limit - 1];
  if (edge === undefined) return null;
  const ms = Date.parse(edge.event.at);
  for (let end = limit; end < found.length; end += 1) {
    if (Date.parse((found[end] as ShownMessage).event.at) !== ms) return end;
  }
  return null;
}

interface KeptPage {
  readonly position: number;
  readonly limit: number;
  readonly isForPerson: boolean;
  readonly text: Uint8Array;
}

const keptPages = new WeakMap<TimelineEntry, KeptPage>();
const encoder = new TextEncoder();

/**
 * The answer with a page. That with the newest messages, which everybody asks for, is kept with the newest of them
 * until anything happens in the channel.
 */
export function pageText(page: MessagePage, range: PageRange, reader: Principal): Uint8Array {
  const newest = page.messages[0];
  const { position } = page.state;
  const isForPerson = reader.kind === 'user';
  const mayKeep = range.before === null && range.after === null && newest !== undefined;
  const kept = mayKeep ? keptPages.get(newest) : undefined;
  if (kept?.position === position && kept.limit === range.limit && kept.isForPerson === isForPerson) {
    return kept.text;
  }
  const rows = page.messages.map(listedRowJson);
  const text = encoder.encode(`{"success":true,"data":{"messages":[${rows.join(',')}]}}`);
  if (mayKeep) keptPages.set(newest, { position, limit: range.limit, isForPerson, text });
  return text;
}
