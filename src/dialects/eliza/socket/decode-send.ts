/** What a client sends to a channel -> a message for it, or a Problem in the words of this API. */
import type { JsonObject } from '../../../contract/checking/json-text.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { isRecord } from '../fields.ts';
import type { ChannelMessage } from '../messaging/messages/channel-message.ts';
import {
  decodeContent,
  decodeMetadata,
  decodeWord,
  invalid,
  isGiven,
  uuidIn,
} from '../messaging/messages/decode-message.ts';

/** A message, and the id that its client gave it, to be told back; null: it gave none. */
export interface Sent {
  readonly message: ChannelMessage;
  readonly clientMessageId: string | null;
}

/** What is said of a message that does not say where it comes from. */
const sourceOfSockets = 'socketio_client';

const required =
  'For SEND_MESSAGE: channelId, messageServerId, senderId (author_id), and message are required.';

/** `{channelId|roomId, messageServerId, senderId, message, …}` */
export function decodeSend(payload: unknown): Sent | Problem {
  if (!isRecord(payload)) return invalid(required);
  const channel = uuidIn(payload['channelId'] ?? payload['roomId']);
  const server = uuidIn(payload['messageServerId']);
  const author = uuidIn(payload['senderId']);
  const content = decodeContent(payload['message']);
  if (content instanceof Problem) return content;
  if (channel === null || server === null || author === null || content === null) return invalid(required);
  return withRest(payload as JsonObject, { channel, server, author, content }, payload['senderName']);
}

/** `{text, roomId, userId, name}`: who names no user speaks for itself. */
export function decodeFlat(flat: Readonly<Record<string, unknown>>): Sent | Problem {
  const channel = uuidIn(flat['roomId'] ?? flat['channelId']);
  const content = decodeContent(flat['text']);
  if (content instanceof Problem) return content;
  if (channel === null || content === null) return invalid('roomId (a UUID) and text are required.');
  const named = flat['userId'] ?? flat['senderId'];
  const author = uuidIn(named);
  if (isGiven(named) && author === null) return invalid('userId must be a UUID.');
  return withRest(flat as JsonObject, { channel, server: null, author, content }, flat['name']);
}

type Core = Pick<ChannelMessage, 'channel' | 'server' | 'author' | 'content'>;

function withRest(payload: JsonObject, core: Core, name: unknown): Sent | Problem {
  const { messageId, source, attachments, targetUserId } = payload as Readonly<Record<string, unknown>>;
  const clientMessageId = decodeMessageId(messageId);
  if (clientMessageId instanceof Problem) return clientMessageId;
  const sourceType = decodeWord(source, 'source');
  if (sourceType instanceof Problem) return sourceType;
  const senderName = decodeWord(name, 'senderName');
  if (senderName instanceof Problem) return senderName;
  const given = decodeMetadata(payload['metadata']);
  if (given instanceof Problem) return given;
  const metadata = decodeMetadata({
    ...given,
    ...(senderName === null ? {} : { user_display_name: senderName }),
    ...(isGiven(attachments) ? { attachments } : {}),
    ...(isGiven(targetUserId) ? { targetUserId } : {}),
  });
  if (metadata instanceof Problem) return metadata;
  const sourceId = clientMessageId === null ? {} : { sourceId: clientMessageId };
  return {
    message: {
      metadata,
      replyTo: null,
      messageId: null,
      clientId: clientMessageId,
      facts: { sourceType: sourceType ?? sourceOfSockets, ...sourceId },
      ...core,
    },
    clientMessageId,
  };
}

/** Any text, or a number. */
function decodeMessageId(value: unknown): string | null | Problem {
  if (!isGiven(value)) return null;
  const text = typeof value === 'number' ? String(value) : value;
  const isId = typeof text === 'string' && text.length <= limits.clientIdCharsMax;
  return isId ? text : invalid(`messageId must be a text of at most ${limits.clientIdCharsMax} characters.`);
}
