/** State and entries -> rows: snake_case, every key always there, null where there is nothing. */
import type { ConversationRef, Event, EventOf } from '../../domain/event.ts';
import type { TenantId } from '../../domain/ids.ts';
import type { PrincipalKind } from '../../domain/principal.ts';
import type { ConversationState, Participant } from '../../domain/state.ts';
import { formatMicros, type Micros } from '../../domain/time.ts';
import { entryId, type TimelineEntry } from '../../domain/timeline.ts';
import type { SurveyedConversation } from '../../ports/conversations/conversation-survey.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { ConversationRow, MessageRow, MessageVersionRow, ParticipantRow } from './wire.ts';

export function conversationRow(ref: ConversationRef, state: ConversationState): ConversationRow {
  return {
    id: ref.conversation,
    type: state.type,
    name: state.name,
    description: state.description,
    org_id: ref.tenant,
    created_by: state.createdBy,
    created_at: formatMicros(state.createdAt),
    updated_at: formatMicros(state.at),
    metadata: state.metadata,
  };
}

export function listedRow(listed: SurveyedConversation): ConversationRow {
  return {
    id: listed.ref.conversation,
    type: listed.type,
    name: listed.name,
    description: listed.description,
    org_id: listed.ref.tenant,
    created_by: listed.createdBy,
    created_at: formatMicros(listed.createdAt),
    updated_at: formatMicros(listed.updatedAt),
    metadata: listed.metadata,
  };
}

/** `lastReadAt`: when it last read something new, 0 for never. */
export function participantRow(
  ref: ConversationRef,
  participant: Participant,
  ids: Pick<IdSource, 'fromName'>,
  lastReadAt: Micros = 0,
): ParticipantRow {
  return {
    // A membership has no id of its own here: the same two ids always give the same row id.
    id: ids.fromName(`symbia/participant/${ref.tenant}/${ref.conversation}/${participant.id}`),
    conversation_id: ref.conversation,
    user_id: participant.id,
    user_type: userTypeOf(participant.kind),
    role: participant.role,
    entity_id: null,
    joined_at: formatMicros(participant.joinedAt),
    last_read_at: lastReadAt === 0 ? null : formatMicros(lastReadAt),
  };
}

/** This API knows two types of participants; a service talks like an agent. */
export function userTypeOf(kind: PrincipalKind): 'user' | 'agent' {
  return kind === 'user' ? 'user' : 'agent';
}

/** What a row is made of: a timeline entry, or a message that was just posted. */
export type EncodedEntry = Pick<TimelineEntry, 'event' | 'editedAt' | 'deletedAt'>;

export function messageRow(tenant: TenantId, entry: EncodedEntry, state: ConversationState): MessageRow {
  const { event } = entry;
  return event.type === 'control' ? controlRow(tenant, entry, event, state) : postedRow(tenant, entry, event);
}

/** One literal without a spread: every answer to a post is made here. */
function postedRow(tenant: TenantId, entry: EncodedEntry, event: EventOf<'message.posted'>): MessageRow {
  const { data } = event;
  return {
    id: data.message_id,
    conversation_id: event.conversation,
    sender_id: event.actor.id,
    sender_type: event.actor.kind,
    content: data.content,
    content_type: data.content_type,
    reply_to: data.reply_to,
    org_id: tenant,
    run_id: event.run ?? null,
    trace_id: event.trace ?? null,
    sequence: event.seq ?? 0,
    priority: data.priority,
    interruptible: data.interruptible,
    preempted_by: data.preempted_by ?? null,
    created_at: event.at,
    updated_at: entry.editedAt,
    deleted_at: entry.deletedAt,
    // `erased`, `unreadable`: why the content is empty.
    metadata: data.sealed === undefined ? data.metadata : { ...data.metadata, sealed: data.sealed },
  };
}

function controlRow(
  tenant: TenantId,
  entry: EncodedEntry,
  event: EventOf<'control'>,
  state: ConversationState,
): MessageRow {
  return {
    id: event.id,
    conversation_id: event.conversation,
    sender_id: event.actor.id,
    sender_type: event.actor.kind,
    content: event.data.event,
    content_type: 'event',
    reply_to: null,
    org_id: tenant,
    run_id: event.run ?? null,
    trace_id: event.trace ?? null,
    sequence: event.seq ?? 0,
    priority: 'high',
    interruptible: false,
    preempted_by: event.data.preempted_by,
    created_at: event.at,
    updated_at: entry.editedAt,
    deleted_at: entry.deletedAt,
    metadata: {
      ...event.data.metadata,
      ...(event.data.sealed === undefined ? {} : { sealed: event.data.sealed }),
      control: controlPayload(event, state),
    },
  };
}

/** The row of an edited message, from the event that says so; null when that does not know its message. */
export function editedRow(tenant: TenantId, event: EventOf<'message.edited'>): MessageRow | null {
  const { message: head, message_id: id, content, metadata, sealed } = event.data;
  if (head === undefined) return null;
  return {
    id,
    conversation_id: event.conversation,
    sender_id: head.sender.id,
    sender_type: head.sender.kind,
    content,
    content_type: head.content_type,
    reply_to: head.reply_to,
    org_id: tenant,
    run_id: head.run ?? null,
    trace_id: head.trace ?? null,
    sequence: head.seq,
    priority: head.priority,
    interruptible: head.interruptible,
    preempted_by: head.preempted_by ?? null,
    created_at: head.created_at,
    updated_at: event.at,
    deleted_at: null,
    metadata: sealed === undefined ? metadata : { ...metadata, sealed },
  };
}

const encodedRows = new WeakMap<TimelineEntry, string>();

/**
 * A row as JSON. Entries are never changed, only replaced, so a message's text is encoded once however
 * often it is read (a page of 50 costs a tenth). A control row depends on who is in the conversation
 * now and is made anew.
 */
export function messageRowJson(tenant: TenantId, entry: TimelineEntry, state: ConversationState): string {
  if (entry.event.type === 'control') return JSON.stringify(messageRow(tenant, entry, state));
  const known = encodedRows.get(entry);
  if (known !== undefined) return known;
  const text = JSON.stringify(messageRow(tenant, entry, state));
  encodedRows.set(entry, text);
  return text;
}

/** What upstream broadcasts for a control event; keys without a value are absent, as there. */
export function controlPayload(event: EventOf<'control'>, state: ConversationState): Record<string, unknown> {
  const { data } = event;
  return {
    event: data.event,
    conversationId: event.conversation,
    ...(data.target === null ? {} : { target: targetOf(data.target, state) }),
    ...(data.reason === null ? {} : { reason: data.reason }),
    ...(data.preempted_by === null ? {} : { preemptedBy: data.preempted_by }),
    ...(event.run === undefined ? {} : { runId: event.run }),
    ...(event.trace === undefined ? {} : { traceId: event.trace }),
    ...(data.priority === null ? {} : { priority: data.priority }),
    effectiveAt: event.at,
  };
}

function targetOf(id: string, state: ConversationState): { principalId: string; principalType: string } {
  return { principalId: id, principalType: state.participants.get(id)?.kind ?? kindByName(id) };
}

/** Ids that start with `assistant:` or `agent:` are agents; nothing else is told by a name. */
export function kindByName(id: string): 'user' | 'agent' {
  return id.startsWith('assistant:') || id.startsWith('agent:') ? 'agent' : 'user';
}

/** Every version of an entry, the first one first: full rows with the content of that version. */
export function versionRows(
  tenant: TenantId,
  entry: TimelineEntry,
  versions: readonly Event[],
  state: ConversationState,
): MessageVersionRow[] {
  const present = messageRow(tenant, entry, state);
  const rows: MessageVersionRow[] = [];
  for (const event of versions) {
    if (event.type !== 'message.posted' && event.type !== 'message.edited') continue;
    if (event.data.message_id !== entryId(entry)) continue;
    const { content, metadata } = event.data;
    const updatedAt = event.type === 'message.edited' ? event.at : null;
    rows.push({ ...present, content, metadata, updated_at: updatedAt, version: rows.length + 1 });
  }
  return rows.length === 0 ? [{ ...present, version: 1 }] : rows;
}
