/**
 * What sockets are sent of conversations. Each variant encodes an event once, however many follow: people do not see
 * what agents say among themselves, and notices of sessions are for those who joined one.
 */
import { eventFrame } from '../../../contract/sockets/event-socket.ts';
import type { ConversationView, Delta, Pulse, Worded, Wording } from '../../../core/bus.ts';
import type { EventOf, LogEntry } from '../../../domain/event.ts';
import type { PrincipalId } from '../../../domain/ids.ts';
import { serverOf } from '../messaging/channels/channel.ts';
import { clearedEvent } from '../messaging/channels/delete-channel.ts';
import { encodeChannel } from '../messaging/channels/encode-channel.ts';
import { completedEvent } from '../messaging/messages/complete-route.ts';
import type { DisplayNames } from './display-names.ts';
import { broadcastOf, editedBroadcastOf } from './encode-broadcast.ts';

export interface Variant {
  readonly seesInternal: boolean;
  readonly hearsOfSessions: boolean;
}

type Variants = (variant: Variant) => Wording;

/** The same words for all sockets of a node. */
export function openWordings(names: DisplayNames): Variants {
  const all = new Map<string, Wording>();
  return (variant) => {
    const dialect = `eliza${variant.seesInternal ? '-all' : ''}${variant.hearsOfSessions ? '-session' : ''}`;
    const known = all.get(dialect) ?? wordingOf(dialect, variant, names);
    all.set(dialect, known);
    return known;
  };
}

function wordingOf(dialect: string, variant: Variant, names: DisplayNames): Wording {
  // One group after another asks for the same entry: who sees an own copy of it, and all others.
  let last: LogEntry | null = null;
  let lastWorded: Worded = null;
  return {
    dialect,
    event(entry, _bytes, view) {
      if (entry === last) return lastWorded;
      last = entry;
      lastWorded = wordedEvent(entry, view, variant, names);
      return lastWorded;
    },
    delta: chunkOf,
    pulse: pulseOf,
  };
}

function wordedEvent(
  { event }: LogEntry,
  view: ConversationView,
  { seesInternal, hearsOfSessions }: Variant,
  names: DisplayNames,
): Worded {
  const { conversation: channelId } = event;
  switch (event.type) {
    case 'message.posted':
      return isHidden(event, seesInternal) ? null : postedFrames(event, view, names);
    case 'message.edited': {
      if (event.data.metadata['is_internal'] === true && !seesInternal) return null;
      const broadcast = editedBroadcastOf(event, view, names);
      return broadcast === null ? null : eventFrame('messageBroadcast', broadcast);
    }
    case 'message.deleted': {
      if (event.data.message?.is_internal === true && !seesInternal) return null;
      return eventFrame('messageDeleted', { messageId: event.data.message_id, channelId });
    }
    case 'control':
      return controlFrame(event, view, hearsOfSessions);
    case 'conversation.updated': {
      const updates = encodeChannel(view.ref, view.state, view.state.participants.keys());
      return eventFrame('channelUpdated', { channelId, updates });
    }
    case 'conversation.deleted':
      return eventFrame('channelDeleted', { channelId });
    case 'participant.added':
      void names.learn(view.ref.tenant, [event.data.participant.id]);
      return null;
    default:
      return null;
  }
}

/** Erased before it was told: the deletion follows. */
function isHidden({ data }: EventOf<'message.posted'>, seesInternal: boolean): boolean {
  return data.deleted === true || (!seesInternal && data.metadata['is_internal'] === true);
}

/** An agent that has spoken is done: its clients wait for that. */
function postedFrames(
  event: EventOf<'message.posted'>,
  view: ConversationView,
  names: DisplayNames,
): readonly string[] {
  const broadcast = eventFrame('messageBroadcast', broadcastOf(event, view, names));
  if (event.actor.kind !== 'agent') return [broadcast];
  const { conversation: channelId, data } = event;
  const serverId = serverOf(view.state);
  const complete = { channelId, roomId: channelId, serverId, messageId: data.message_id };
  return [broadcast, eventFrame('messageComplete', { ...complete, content: { text: data.content } })];
}

const inputActions: Readonly<Record<string, string>> = {
  'stream.pause': 'disable_input',
  'stream.resume': 'enable_input',
};

function controlFrame(
  event: EventOf<'control'>,
  view: ConversationView,
  hearsOfSessions: boolean,
): string | null {
  const { data, conversation: channelId } = event;
  if (data.event === clearedEvent) return eventFrame('channelCleared', { channelId });
  if (data.event === completedEvent) {
    const { message_id: messageId } = data.metadata;
    const named = messageId === undefined ? {} : { messageId };
    return eventFrame('messageComplete', {
      ...{ channelId, roomId: channelId, serverId: serverOf(view.state), ...named },
    });
  }
  const action = inputActions[data.event];
  if (action !== undefined) {
    const target = data.target === null ? {} : { target: data.target };
    return eventFrame('controlMessage', { action, ...target, channelId, roomId: channelId });
  }
  return hearsOfSessions ? noticeFrame(data.event, data.metadata) : null;
}

function noticeFrame(name: string, metadata: Readonly<Record<string, unknown>>): string | null {
  const { session_id: sessionId, minutes_remaining: minutesRemaining, expires_at: expiresAt } = metadata;
  switch (name) {
    case 'session.expiring':
      return eventFrame('sessionExpirationWarning', { sessionId, minutesRemaining });
    case 'session.expired':
      return eventFrame('sessionExpired', { sessionId });
    case 'session.renewed':
      return eventFrame('sessionRenewed', { sessionId, expiresAt });
    default:
      return null;
  }
}

/** Joined deltas have the index of their first: from 0 on, growing. */
export function chunkOf(delta: Delta, agentId: PrincipalId): string {
  const { message_id: messageId, text: chunk, from: index, conversation: channelId } = delta;
  return eventFrame('messageStreamChunk', { messageId, chunk, index, agentId, channelId });
}

function pulseOf(pulse: Pulse): string | null {
  if (pulse.kind !== 'draft.abandoned') return null;
  const { message_id: messageId, conversation: channelId, from: agentId } = pulse;
  const error = pulse.unseen === true ? 'The agent gives no answer' : 'The agent stopped before it was done';
  return eventFrame('messageStreamError', { messageId, channelId, agentId, error });
}
