/** What a caller has missed in one conversation. */
import type { ConversationId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { encodeMessage } from '../encode-message.ts';
import { type Caller, type Entered, enter } from '../entered.ts';
import { readSeen } from '../seen-messages.ts';
import { isSeen, type MessageEntry } from '../view.ts';
import type { SyncBatch } from '../wire.ts';

export interface Asked {
  readonly id: ConversationId;
  readonly lastSeq: number;
  /** Null: no updates are asked for. */
  readonly lastRev: number | null;
}

interface Updates {
  readonly entries: readonly MessageEntry[];
  /** Up to which position nothing is missing. */
  readonly rev: number;
  readonly hasMore: boolean;
}

/** At most `room` messages and as many updates, and limits.historyPageMax of each. A Problem only when servers are away. */
export async function readBatch(
  deps: ChatDeps,
  caller: Caller,
  asked: Asked,
  room: number,
): Promise<SyncBatch | Problem> {
  const place = await enter(deps, caller, asked.id);
  if (place instanceof Problem)
    return place.code === 'not_found' ? await missing(deps, caller, asked) : place;
  // Without room one message is looked for all the same: whether there are more is told.
  const limit = Math.min(limits.historyPageMax, Math.max(room, 1));
  const range = { afterSeq: asked.lastSeq, keep: 'oldest', limit } as const;
  const updates = await updatesOf(deps, caller, place, asked);
  if (updates instanceof Problem) return updates;
  const page = await readSeen(deps, caller, place, range);
  if (page instanceof Problem) return page;
  const looking = { tenant: place.ref.tenant, view: place.view, media: deps.media };
  return {
    conversation_id: asked.id,
    messages: page.entries.map((entry) => encodeMessage(entry, looking)),
    current_seq: place.state.seq,
    has_more: page.hasMore || updates.hasMore,
    updates: updates.entries.map((entry) => encodeMessage(entry, looking)),
    current_rev: updates.rev,
    deleted: false,
  };
}

/** Changes of messages that the caller has, in the order of their last change. */
async function updatesOf(
  { bus }: ChatDeps,
  { principal, env }: Caller,
  { ref, state, view }: Entered,
  { lastSeq, lastRev }: Asked,
): Promise<Updates | Problem> {
  if (lastRev === null || lastRev >= state.position)
    return { entries: [], rev: state.position, hasMore: false };
  const limit = limits.historyPageMax;
  const query = { afterPosition: lastRev, upToSeq: lastSeq, limit, env };
  const page = await bus.changes(principal, ref.conversation, query);
  if (page instanceof Problem) return page;
  const entries = page.entries.filter((entry) => isSeen(entry, view)) as MessageEntry[];
  // What was changed while this was read comes with the next sync, too: clients keep the newest rev.
  const rev = page.hasMore ? (page.entries.at(-1)?.changedPosition ?? lastRev) : state.position;
  return { entries, rev, hasMore: page.hasMore };
}

/** Of a conversation that was deleted for everyone while the caller was in it, it is told so. */
async function missing(deps: ChatDeps, caller: Caller, asked: Asked): Promise<SyncBatch | Problem> {
  const deleted = await deps.bus.wasDeleted(caller.principal, asked.id);
  if (deleted instanceof Problem) return deleted;
  return {
    conversation_id: asked.id,
    messages: [],
    current_seq: 0,
    has_more: false,
    updates: [],
    current_rev: 0,
    deleted,
    ...(deleted ? {} : { error: 'not_found' as const }),
  };
}
