/** messageBroadcast: whatever road a message came, the union of all fields that clients look for (eliza.md §5). */
import type { ConversationView } from '../../../core/bus.ts';
import type { EventOf, MessageHead } from '../../../domain/event.ts';
import { isRecord } from '../fields.ts';
import { serverOf } from '../messaging/channels/channel.ts';
import { messageFactsOf, shownMetadata } from '../messaging/kept.ts';
import { authorNameOf, type MessageEvent, sourceTypeOf } from '../messaging/messages/encode-message.ts';
import type { DisplayNames } from './display-names.ts';
import type { MessageBroadcast } from './wire.ts';

type EditedEvent = EventOf<'message.edited'>;

export function broadcastOf(
  event: MessageEvent,
  view: ConversationView,
  names: DisplayNames,
  editedAt: string | null = null,
): MessageBroadcast {
  const { data, actor } = event;
  const { metadata, content: text } = data;
  const { rawMessage } = messageFactsOf(metadata, text);
  const shown = shownMetadata(metadata);
  const said = { ...parts(shown), ...parts(rawMessage) };
  const senderName =
    authorNameOf(event) ??
    names.nameOf(view.ref.tenant, actor.id) ??
    (actor.kind === 'agent' ? 'Agent' : 'User');
  const source = sourceTypeOf(event);
  const server = serverOf(view.state);
  const inReplyTo = data.reply_to === null ? {} : { inReplyTo: data.reply_to };
  return {
    id: data.message_id,
    senderId: actor.id,
    senderName,
    sender: senderName,
    text,
    content: { text, source, ...inReplyTo, ...said },
    channelId: event.conversation,
    roomId: event.conversation,
    messageServerId: server,
    serverId: server,
    createdAt: Date.parse(event.at),
    source,
    ...(editedAt === null ? {} : { updatedAt: Date.parse(editedAt) }),
    ...said,
    ...(isEmpty(shown) ? {} : { metadata: shown }),
    ...(rawMessage === undefined ? {} : { rawMessage }),
  };
}

/** The message as it is after an edit; null: what it was is not known any more. */
export function editedBroadcastOf(
  event: EditedEvent,
  view: ConversationView,
  names: DisplayNames,
): MessageBroadcast | null {
  const { data } = event;
  if (data.message === undefined || data.deleted === true) return null;
  return broadcastOf(postedAgain(event, data.message), view, names, event.at);
}

/** As if it had been posted so. */
function postedAgain(edited: EditedEvent, head: MessageHead): MessageEvent {
  const { data, conversation, position, id, v } = edited;
  const { content_type, reply_to, priority, interruptible } = head;
  return {
    ...{ v, id, conversation, position, seq: head.seq, at: head.created_at, actor: head.sender },
    type: 'message.posted',
    data: {
      ...{ message_id: data.message_id, content: data.content, metadata: data.metadata },
      ...{ content_type, reply_to, priority, interruptible },
    },
  };
}

/** What clients show beside the text. */
function parts(from: unknown): Pick<MessageBroadcast, 'thought' | 'actions' | 'attachments'> {
  if (!isRecord(from)) return {};
  const { thought, actions, attachments } = from;
  return {
    ...(thought === undefined ? {} : { thought }),
    ...(actions === undefined ? {} : { actions }),
    ...(attachments === undefined ? {} : { attachments }),
  };
}

function isEmpty(metadata: object): boolean {
  for (const _ in metadata) return false;
  return true;
}
