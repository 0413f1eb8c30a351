/** One conversation as its caller gets it: its state, and what the caller has of it. */
import type { ConversationRef } from '../../../../domain/event.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ConversationState } from '../../../../domain/state.ts';
import type { TimelineEntry } from '../../../../domain/timeline.ts';
import type { ChatDeps } from '../chat-deps.ts';
import type { Caller } from '../entered.ts';
import { readSeen } from '../seen-messages.ts';
import { viewOf } from '../view.ts';
import { acquaintancesOf } from './acquaintances.ts';
import { encodeState, type Own } from './encode-conversation.ts';
import type { Conversation } from './wire.ts';

interface Found {
  readonly ref: ConversationRef;
  readonly state: ConversationState;
}

/** Deleted messages at the end that a preview reads over. */
const previewSought = 10;

/** `not_found` when the caller is not in it any more. */
export async function answerConversation(
  deps: ChatDeps,
  caller: Caller,
  found: Found,
): Promise<Conversation | Problem> {
  const { principal } = caller;
  const own = await ownOf(deps, caller, found);
  if (own instanceof Problem) return own;
  const others = [...found.state.participants.keys()].filter((id) => id !== principal.id);
  const who = await acquaintancesOf(deps, principal.tenant, others.slice(0, 1));
  if (who instanceof Problem) return who;
  const now = deps.clock.nowMicros();
  const { ref, state } = found;
  return encodeState(ref.conversation, state, principal.id, own, who, now) ?? new Problem('not_found');
}

async function ownOf(deps: ChatDeps, caller: Caller, { ref, state }: Found): Promise<Own | Problem> {
  const { principal, env } = caller;
  const mark = await deps.personal.mark(ref, principal);
  if (mark instanceof Problem) return mark;
  // Reading up to nothing moves nothing, and answers where the mark is.
  const read = await deps.bus.read(principal, ref.conversation, 0, env);
  if (read instanceof Problem) return read;
  const view = await viewOf(deps.personal, ref, principal);
  if (view instanceof Problem) return view;
  const range = { keep: 'newest', limit: previewSought } as const;
  const page = await readSeen(deps, caller, { ref, state, view }, range);
  if (page instanceof Problem) return page;
  const newest = page.entries.findLast(isThere) ?? null;
  return { mark, unread: read.unread, lastReadSeq: read.lastReadSeq, newest };
}

const isThere = ({ deletedAt }: TimelineEntry): boolean => deletedAt === null;
