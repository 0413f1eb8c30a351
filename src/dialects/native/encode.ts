/** Events, states and numbers -> the words of the native socket. */
import type { Delta, Outcome, Pulse, Wording } from '../../core/bus.ts';

import type { ConversationRef, Event, LogEntry } from '../../domain/event.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import { formatMicros } from '../../domain/time.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { ListedConversation } from '../../ports/projection/listed-conversations.ts';

const head = new TextEncoder().encode('{"ev":');
const tail = '}'.charCodeAt(0);

/** The log's bytes are the event's JSON already: a broadcast copies them between two braces. */
export const nativeWording: Wording = {
  dialect: 'n',
  event(entry: LogEntry, bytes: Uint8Array | null) {
    if (bytes === null) return `{"ev":${JSON.stringify(entry.event)}}`;
    const frame = new Uint8Array(head.length + bytes.length + 1);
    frame.set(head, 0);
    frame.set(bytes, head.length);
    frame[frame.length - 1] = tail;
    return frame;
  },
  delta: (delta: Delta) => JSON.stringify({ delta }),
  pulse: (pulse: Pulse) => JSON.stringify({ pulse: pulseView(pulse) }),
};

/** Without what only other APIs say of presence. */
function pulseView(pulse: Pulse): object {
  if (pulse.kind !== 'presence') return pulse;
  const { kind, conversation, from, status, detail } = pulse;
  return { kind, conversation, from, status, ...(detail === undefined ? {} : { detail }) };
}

export function principalView(principal: Principal): object {
  const { id, kind, tenant, scopes, role, displayName } = principal;
  return { id, kind, tenant, role, scopes, display_name: displayName };
}

export function problemView(problem: Problem): object {
  const { code, message, retryAfterMs, fields } = problem;
  return {
    code: nativeCode(problem),
    message: code === 'internal' ? 'Something went wrong on our side.' : message,
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    ...(fields === undefined ? {} : { fields }),
  };
}

/** The native protocol's own list is shorter than the table of problems. */
function nativeCode(problem: Problem): string {
  switch (problem.code) {
    case 'suspended':
      return 'forbidden';
    case 'unsupported_media_type':
    case 'method_not_allowed':
      return 'invalid_request';
    default:
      return problem.code;
  }
}

export function stateView(state: ConversationState, draftRuns: readonly string[] = []): object {
  const runs: Record<string, string> = {};
  for (const [run, how] of state.stoppedRuns) runs[run] = how;
  for (const run of state.openRuns.keys()) runs[run] = 'open';
  for (const run of draftRuns) runs[run] ??= 'open';
  return {
    type: state.type,
    name: state.name,
    description: state.description,
    metadata: state.metadata,
    env: state.env,
    service_id: state.service,
    created_by: state.createdBy,
    created_at: formatMicros(state.createdAt),
    participants: [...state.participants.values()].map(({ id, kind, role }) => ({ id, kind, role })),
    paused: state.paused,
    floor: state.floor,
    priority: state.priority,
    runs,
  };
}

export const cursorOf = (epoch: string, position: number): string => `${epoch}:${position}`;

export function conversationView(ref: ConversationRef, state: ConversationState): object {
  return { id: ref.conversation, position: state.position, seq: state.seq, ...stateView(state) };
}

/** The last event of a command is the one that the command is about. */
export function lastEvent(outcome: Outcome): Event | null {
  return outcome.events.at(-1) ?? null;
}

export function postReply(outcome: Outcome): object {
  const first = outcome.duplicate;
  if (first !== null) {
    const { eventId, messageId, seq, position, at } = first;
    return { id: eventId, message_id: messageId, seq, position, at: formatMicros(at), duplicate: true };
  }
  const event = lastEvent(outcome);
  if (event === null || event.type !== 'message.posted') throw new Error('a post leads to a message');
  const { id, seq, position, at, data } = event;
  return { id, message_id: data.message_id, seq, position, at, duplicate: false };
}

/** `position` of what the command wrote, or of the conversation when nothing had to change. */
export function positionReply(outcome: Outcome): { position: number } {
  return { position: lastEvent(outcome)?.position ?? outcome.state.position };
}

/** A timeline entry as an event: with its present content, and `edit_count` once it was edited. */
export function entryEvent(entry: TimelineEntry): object {
  const { event, editCount } = entry;
  if (event.type === 'control' || editCount === 0) return event;
  return { ...event, data: { ...event.data, edit_count: editCount, edited_at: entry.editedAt } };
}

export function listedView(listed: ListedConversation): object {
  return {
    id: listed.ref.conversation,
    type: listed.type,
    name: listed.name,
    description: listed.description,
    metadata: listed.metadata,
    env: listed.env,
    service_id: listed.ref.service,
    created_by: listed.createdBy,
    created_at: formatMicros(listed.createdAt),
    updated_at: formatMicros(listed.updatedAt),
    position: listed.position,
    seq: listed.seq,
    role: listed.role,
    last_read_seq: listed.lastReadSeq,
    unread: listed.unread,
  };
}
