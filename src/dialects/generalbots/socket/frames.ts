/** message, typing, ping. */
import { fieldProblem } from '../../../contract/checking/field-errors.ts';
import { type Frame, frame } from '../../../contract/sockets/frame.ts';
import { Problem } from '../../../domain/problem.ts';
import { type Message, refuseMessage } from '../decode.ts';
import type { ChatDeps } from '../deps.ts';
import { enter } from '../place.ts';
import { sendMessage } from '../send-message.ts';
import type { BotConnection } from './connection.ts';
import { Ack, MessageFrame, PingFrame, Pong, TypingFrame } from './wire.ts';

export function botFrames(chat: ChatDeps): readonly Frame<BotConnection>[] {
  return [message(chat), typing, ping];
}

const userText = 1;
const goOn = 3;
const toolCall = 6;

function message(chat: ChatDeps): Frame<BotConnection> {
  return frame(
    {
      op: 'message',
      rate: 'send',
      summary: 'Sends a message; the ack means that it is durable. The answer comes as a frame of its own.',
      schema: MessageFrame,
      reply: Ack,
    },
    (connection: BotConnection, fields) => {
      const decoded = decodeFrame(fields);
      if (decoded instanceof Problem) return decoded;
      return connection.inTurn(() => send(chat, connection, fields, decoded));
    },
  );
}

function decodeFrame(fields: MessageFrame): Message | Problem {
  const { message_type: type = userText, media_url: media, client_message_id: clientId = null } = fields;
  if (type === toolCall) return new Problem('forbidden', 'Tools are not run for clients.');
  if (type !== userText && type !== goOn)
    return fieldProblem([{ path: 'message_type', reason: 'not_allowed' }]);
  const content = fields.content ?? (type === goOn ? 'continue' : '');
  const attachments = media ? [{ url: media }] : [];
  return refuseMessage({ content, attachments }) ?? { content, attachments, clientId };
}

async function send(
  chat: ChatDeps,
  connection: BotConnection,
  { session_id: named, stream }: MessageFrame,
  decoded: Message,
): Promise<object | Problem> {
  const seated = await connection.seatOf(named);
  if (seated instanceof Problem) return seated;
  const { seat, bound, live } = seated;
  const { principal } = live;
  const { refused } = chat.windows.take(principal, 'chat-message');
  if (refused !== null) return refused;
  const place = await enter(chat, { principal, env: connection.peer.context.env }, bound.conversation);
  if (place instanceof Problem) return place;
  seat.isStreaming = stream ?? connection.streams;
  // Known before it is sent: it comes back before this knows that it was.
  const id = chat.ids.next();
  seat.own.add(id);
  const sent = await sendMessage(chat, { principal }, place, decoded, connection.context, id);
  const isNew = !(sent instanceof Problem) && !sent.isRepeated;
  if (!isNew) seat.own.delete(id);
  if (sent instanceof Problem) return sent;
  const { messageId, timestamp } = sent;
  return { type: 'ack', client_message_id: decoded.clientId, message_id: messageId, timestamp };
}

const typing = frame(
  {
    op: 'typing',
    rate: 'typing',
    summary: 'Says that the user writes; ends by itself after 6 s.',
    schema: TypingFrame,
    reply: null,
  },
  (connection: BotConnection, { session_id: named }) =>
    connection.inTurn(async () => {
      // In a session that has not begun nobody could read it, and it does not begin it.
      const seated = connection.isOwn(named) ? connection.seated() : await connection.seatOf(named);
      if (seated === null || seated instanceof Problem) return seated;
      return await connection.world.live.typing(seated.live, seated.bound.conversation, 'start');
    }),
);

const ping = frame(
  { op: 'ping', summary: 'Is answered at once.', schema: PingFrame, reply: Pong },
  (connection: BotConnection) => ({ type: 'pong', timestamp: connection.now }),
);
