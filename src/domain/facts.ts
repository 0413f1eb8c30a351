/**
 * Facts: what decide() needs to know about single old messages, runs and drafts, exactly as of
 * `state.position`. They are read only for the commands that need them; the expectation of the
 * append then protects them like the state itself.
 */
import type { Command } from './command.ts';
import type { DataClass } from './event.ts';
import { clockSkewMs, type PostedEntry } from './idempotency-window.ts';
import type { EventId, MessageId, PrincipalId } from './ids.ts';
import { uuidv7TimeMs } from './ids.ts';
import { limits } from './limits.ts';
import type { PrincipalKind } from './principal.ts';
import type { ConversationState } from './state.ts';
import type { Micros } from './time.ts';
import type { TimelineEntry } from './timeline.ts';

/** Whose draft a message is. */
export interface DraftOwner {
  readonly messageId: MessageId;
  readonly run: string;
  readonly author: { readonly id: PrincipalId; readonly kind: PrincipalKind };
  /** What its deltas were sent as: the message that it becomes is at least as protected. */
  readonly dataClass: DataClass;
}

/** A message that is being streamed: the text so far. */
export interface DraftFact extends DraftOwner {
  readonly text: string;
}

export interface Facts {
  /**
   * The message that the command names (edit, delete, react), the target of reply_to, or the notice as it was said
   * before; null: there is none.
   */
  readonly message: TimelineEntry | null;
  /** An earlier post with this client_id or message_id that lies before the window. */
  readonly earlier: PostedEntry | null;
  /** The open draft that a post's message_id names; null: there is none. */
  readonly draft: DraftOwner | null;
  /** Open drafts of the conversation; only for stream.preempt and stream.cancel. */
  readonly drafts: readonly DraftFact[];
  /** Fresh event ids for commands that yield more than one event. */
  readonly spareIds: readonly EventId[];
}

export const noFacts: Facts = { message: null, earlier: null, draft: null, drafts: [], spareIds: [] };

/** What must be read before decide(); all null/false on the hot path. */
export interface FactsNeeded {
  readonly message: MessageId | null;
  readonly earlierByClient: string | null;
  readonly earlierByMessage: MessageId | null;
  /** The message whose draft, if there is one, must be the sender's own. */
  readonly draftOf: MessageId | null;
  readonly drafts: boolean;
  readonly spareIds: number;
}

const nothing: FactsNeeded = {
  message: null,
  earlierByClient: null,
  earlierByMessage: null,
  draftOf: null,
  drafts: false,
  spareIds: 0,
};

/** Which facts this command needs in this state. `sender` is the principal that asks. */
export function factsNeeded(
  state: ConversationState,
  command: Command,
  sender: PrincipalId,
  now: Micros,
): FactsNeeded {
  switch (command.op) {
    case 'post':
      return postFacts(state, command, sender, now);
    case 'edit':
    case 'attach':
    case 'delete':
    case 'react':
      return { ...nothing, message: command.message };
    case 'control':
      return stopsRuns(command.event) ? { ...nothing, drafts: true } : nothing;
    case 'notice':
      return { ...nothing, message: command.id as string };
    case 'participants.add':
      return { ...nothing, spareIds: Math.min(command.participants.length, limits.participantsAddedMax) };
    case 'participant.remove':
      return command.mayHandOver === true ? { ...nothing, spareIds: 1 } : nothing;
    default:
      return nothing;
  }
}

/** True for the control events that end runs together with their drafts. */
export function stopsRuns(event: string): boolean {
  return event === 'stream.preempt' || event === 'stream.cancel';
}

/** A day is promised; the other one is for a clock that was set meanwhile. */
const lookedUpUs = 2 * limits.idempotencyKeptMs * 1000;

type Post = Extract<Command, { op: 'post' }>;

function postFacts(state: ConversationState, command: Post, sender: PrincipalId, now: Micros): FactsNeeded {
  const spareIds = (command.mayJoin ?? false) !== false && !state.participants.has(sender) ? 1 : 0;
  const { clientId, messageId, replyTo } = command;
  if (clientId === null && messageId === null && replyTo === null && spareIds === 0) return nothing;
  const { window, position } = state;
  const knownClient = clientId === null || window.byClientId(sender, clientId, position) !== null;
  const knownMessage = messageId === null || window.byMessageId(messageId, position) !== null;
  return {
    message: replyTo,
    earlierByClient: !knownClient && mayLieBeforeWindow(state, clientId ?? '', now) ? clientId : null,
    earlierByMessage: !knownMessage && mayNameOldMessage(state, messageId ?? '', now) ? messageId : null,
    // What the window knows is a message already, and no draft any more.
    draftOf: knownMessage ? null : messageId,
    drafts: false,
    spareIds,
  };
}

/**
 * A UUIDv7 tells its age: made later than all that turned over, it cannot be one of them, so a hot
 * conversation asks the projection nothing. An opaque id must be looked up only while the window does
 * not reach back the promised 24 hours, and as many more for a clock that was set.
 */
function mayLieBeforeWindow({ window }: ConversationState, id: string, now: Micros): boolean {
  if (window.isWhole) return false;
  const { oldest } = window;
  if (oldest === null) return true;
  const madeMs = believableTimeMs(id, now);
  if (madeMs !== null) return window.mayHoldClientIdBefore(madeMs);
  return now - oldest.at < lookedUpUs;
}

/** As above, but a message id names its message for ever: an opaque one is looked up however old it may be. */
function mayNameOldMessage({ window }: ConversationState, id: string, now: Micros): boolean {
  if (window.isWhole) return false;
  const madeMs = believableTimeMs(id, now);
  return window.oldest === null || madeMs === null || window.mayHoldMessageIdBefore(madeMs);
}

/** Milliseconds inside a UUIDv7; null for an opaque id, and for one that claims to be of the future. */
function believableTimeMs(id: string, now: Micros): number | null {
  const madeMs = uuidv7TimeMs(id);
  return madeMs === null || madeMs > now / 1000 + clockSkewMs ? null : madeMs;
}
