/**
 * Events in the words of the messaging socket, each encoded once for all readers with the same view: people see
 * nothing internal, whoever blocks somebody sees nothing of that one, and of what one has cleared nothing is told.
 * Everybody else shares.
 */
import type { ConversationView, PresencePulse, Pulse, Wording } from '../../../../core/bus.ts';
import type { Event, EventOf, LogEntry, MessageOrigin } from '../../../../domain/event.ts';
import type { ConversationId, PrincipalId, TenantId } from '../../../../domain/ids.ts';
import { formatMicros } from '../../../../domain/time.ts';
import { toTimelineEntry } from '../../../../domain/timeline.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { Frame } from '../../../../ports/outbox.ts';
import { contentMetaOf, encodeMessage, type MediaOf } from '../encode-message.ts';
import { isEventSeen, isOriginSeen, type MessageEntry, type View } from '../view.ts';

export interface WordingWorld {
  readonly clock: Pick<Clock, 'nowMicros'>;
  readonly media: MediaOf;
}

/** Of a conversation, or (null) of the principal itself. */
export function eventFrame(conversation: ConversationId | null, type: string, payload: object): string {
  const scope = conversation === null ? {} : { conversation_id: conversation };
  return JSON.stringify({ type: 'event', ...scope, payload: { type, payload } });
}

/** `name`: of this view, different from that of any other. */
export function wordingOf(name: string, view: View, world: WordingWorld): Wording {
  return {
    dialect: name,
    event(entry, _bytes, { ref }) {
      if (view.blocked.has(entry.event.actor.id) && isOfSender(entry.event)) return null;
      return eventWords(entry, view, ref.tenant, world);
    },
    // Messages that are being streamed come whole, as in the original.
    delta: () => null,
    // How far somebody has read is no news of what it says: that goes on (vero.md §6).
    pulse: (pulse) =>
      pulse.kind !== 'read' && view.blocked.has(pulse.from) ? null : pulseWords(pulse, world),
    presence: (pulse, where) => (view.blocked.has(pulse.from) ? null : presenceWords(pulse, where)),
  };
}

/** What is hidden of somebody that is blocked; that it comes, goes or renames the group is no message of it. */
function isOfSender({ type }: Event): boolean {
  return type.startsWith('message.') || type === 'reaction.changed';
}

function eventWords(entry: LogEntry, view: View, tenant: TenantId, world: WordingWorld): Frame | null {
  const { event } = entry;
  const { conversation, at } = event;
  switch (event.type) {
    case 'message.posted':
      return postedWords(entry, event, view, tenant, world.media);
    case 'message.edited':
      return editedWords(event, view, tenant, world.media);
    case 'message.deleted':
      return deletedWords(entry, event, view);
    case 'reaction.changed': {
      const { message_id, emoji, action, message } = event.data;
      if (isHidden(message, view)) return null;
      return eventFrame(conversation, 'reaction.updated', {
        ...{ message_id, user_id: event.actor.id },
        ...{ emoji, action },
      });
    }
    case 'participant.added': {
      const { id, kind, role } = event.data.participant;
      const who = { conversation_id: conversation, user_id: id, is_agent: kind !== 'user', role, at };
      return eventFrame(conversation, 'participant.added', who);
    }
    case 'participant.removed': {
      const who = { conversation_id: conversation, user_id: event.data.participant, at };
      return eventFrame(conversation, 'participant.removed', who);
    }
    // The catalogue has no event for it, and clients that know this one read the participants again.
    case 'participant.role': {
      const { participant, role } = event.data;
      const changed = { conversation_id: conversation, participant: { user_id: participant, role }, at };
      return eventFrame(conversation, 'conversation.updated', changed);
    }
    case 'conversation.updated': {
      const { name, description } = event.data;
      const changed = {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
      };
      if (Object.keys(changed).length === 0) return null;
      return eventFrame(conversation, 'conversation.updated', {
        conversation_id: conversation,
        ...changed,
        at,
      });
    }
    // Of its making and its end everybody concerned hears, subscribed or not; control events are no messages here.
    case 'conversation.created':
    case 'conversation.deleted':
    case 'control':
      return null;
  }
}

function postedWords(
  entry: LogEntry,
  event: EventOf<'message.posted'>,
  view: View,
  tenant: TenantId,
  media: MediaOf,
): Frame | null {
  // The stub of one that was erased since: its deletion follows.
  if (event.data.deleted === true || !isEventSeen(event, view)) return null;
  return createdFrame(toTimelineEntry(entry) as MessageEntry, view, tenant, media);
}

/** A message as it is now: live, or replayed. */
export function createdFrame(
  entry: MessageEntry,
  view: Pick<View, 'blocked'>,
  tenant: TenantId,
  media: MediaOf,
): string {
  const message = encodeMessage(entry, { tenant, view, media });
  return eventFrame(message.conversation_id, 'message.created', {
    message_id: message.id,
    seq_num: message.seq_num,
    ...(message.is_internal ? { is_internal: true } : {}),
    message,
  });
}

/** With its media, for one may have joined it: that counts as no edit, so one that was never edited has no time. */
function editedWords(
  event: EventOf<'message.edited'>,
  view: View,
  tenant: TenantId,
  media: MediaOf,
): Frame | null {
  const { conversation, data, at } = event;
  if (data.deleted === true || isHidden(data.message, view)) return null;
  if (!view.seesInternal && data.metadata['is_internal'] === true) return null;
  const contentMeta = contentMetaOf(data.metadata);
  const attached = media(tenant, event);
  return eventFrame(conversation, 'message.edited', {
    ...{ id: data.message_id, conversation_id: conversation, content_text: data.content },
    ...(contentMeta === null ? {} : { content_meta: contentMeta }),
    ...{ edit_count: data.edit_count, edited_at: data.edit_count === 0 ? null : at },
    ...(attached.length === 0 ? {} : { media: attached }),
  });
}

/** Whoever deleted it: that a message of somebody blocked is gone is nothing to tell either. */
function deletedWords(
  { erased }: LogEntry,
  { conversation, data, at }: EventOf<'message.deleted'>,
  view: View,
): Frame | null {
  const posted = erased.find((one) => one.type === 'message.posted' && one.messageId === data.message_id);
  if (isHidden(data.message, view)) return null;
  if (posted !== undefined && view.blocked.has(posted.actor.id)) return null;
  return eventFrame(conversation, 'message.deleted', {
    ...{ id: data.message_id, conversation_id: conversation },
    ...(posted === undefined ? {} : { seq_num: posted.seq }),
    deleted_at: at,
  });
}

/** What happens to a message that is not seen is not told either, whoever does it; unknown: an event of before. */
function isHidden(message: MessageOrigin | undefined, view: View): boolean {
  return message !== undefined && !isOriginSeen(message, view);
}

function pulseWords(pulse: Pulse, { clock }: WordingWorld): Frame | null {
  const at = formatMicros(clock.nowMicros());
  switch (pulse.kind) {
    case 'typing': {
      const who = { conversation_id: pulse.conversation, user_id: pulse.from, at };
      return eventFrame(pulse.conversation, `typing.${pulse.state}`, who);
    }
    case 'read':
      return eventFrame(pulse.conversation, 'conversation.read', {
        ...{ conversation_id: pulse.conversation, user_id: pulse.from },
        ...{ last_read_seq: pulse.up_to, at },
      });
    // Presence is told once to each socket, however many conversations it shares: see presence.
    case 'presence':
    case 'draft.abandoned':
      return null;
  }
}

function presenceWords(
  { conversation, from, status, detail }: PresencePulse,
  where: ConversationView,
): Frame {
  return eventFrame(conversation, 'presence.updated', {
    ...whoOf(from, where),
    status,
    ...(detail === undefined ? {} : { status_detail: detail }),
  });
}

function whoOf(id: PrincipalId, { state }: ConversationView): object {
  const kind = state.participants.get(id)?.kind ?? 'user';
  return kind === 'user' ? { user_id: id } : { agent_id: id };
}
