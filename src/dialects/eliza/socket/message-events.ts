/** Sending: a message into a channel that need not be joined, nor be there. */

import { exampleValues as example } from '../../../contract/examples/values.ts';
import { type SocketEvent, socketEvent } from '../../../contract/sockets/event-socket.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { isRecord } from '../fields.ts';
import type { ChannelMessage } from '../messaging/messages/channel-message.ts';
import { enterChannel, type PostedMessage, postInto } from '../messaging/messages/post-to-channel.ts';
import { defaultServer } from '../wire.ts';
import { decodeFlat, decodeSend, type Sent } from './decode-send.ts';
import type { ElizaSession } from './eliza-session.ts';
import { broadcastOf } from './encode-broadcast.ts';
import type { ExpectedCopy } from './own-copies.ts';
import { joinRoom } from './room-events.ts';
import { Done, MessageArgument, SendPayload } from './wire.ts';

const done = { success: true };

/** Its sender is told when it is durable: first its own copy, then the acknowledgement. */
async function send(session: ElizaSession, sent: Sent | Problem): Promise<object | Problem> {
  if (sent instanceof Problem) return sent;
  const { message, clientMessageId } = sent;
  return await session.turns.message(
    message.channel,
    () => post(session, addressed(session, message), clientMessageId),
    (underWay) => acknowledge(session, underWay, clientMessageId),
  );
}

async function acknowledge(
  session: ElizaSession,
  underWay: UnderWay | Problem,
  clientMessageId: string | null,
): Promise<object | Problem> {
  if (underWay instanceof Problem) return underWay;
  const posted = await underWay.posted;
  if (posted instanceof Problem || posted.isRepeated) underWay.copy?.stop();
  if (posted instanceof Problem) return posted;
  const isSeen = underWay.copy !== null && !posted.isRepeated && (await isSent(session, underWay.copy));
  if (!isSeen) session.send('messageBroadcast', copyOf(session, posted, clientMessageId));
  const { conversation: channelId } = posted.ref;
  session.send('messageAck', {
    ...(clientMessageId === null ? {} : { clientMessageId }),
    messageId: posted.message.event.data.message_id,
    ...{ status: 'received_by_server_and_processing', channelId, roomId: channelId },
  });
  return done;
}

interface UnderWay {
  readonly posted: Promise<PostedMessage | Problem>;
  /** Null: the sender does not follow the channel. */
  readonly copy: ExpectedCopy | null;
}

/** Resolves when the message is on its way to the log: the next one of the channel may follow. */
async function post(
  session: ElizaSession,
  message: ChannelMessage,
  clientMessageId: string | null,
): Promise<UnderWay | Problem> {
  const { deps, principal, said } = session;
  const place = await enterChannel(deps, principal, message, said);
  if (place instanceof Problem) return place;
  const { conversation } = place.ref;
  const clientId = message.clientId ?? deps.ids.next();
  const own = { author: place.author.id, clientId, clientMessageId };
  const isFollowed = await session.rooms.catchUp(conversation);
  const copy = isFollowed ? session.copies.expect(conversation, own) : null;
  return { posted: postInto(deps, place, { ...message, clientId }, said), copy };
}

/** What the client did not say of it. */
function addressed(session: ElizaSession, message: ChannelMessage): ChannelMessage {
  const channel = session.rooms.channelOf(message.channel);
  const agent = session.rooms.agentIn(message.channel);
  const isNamed = agent === null || message.metadata['targetAgentId'] !== undefined;
  return {
    ...message,
    channel,
    author: message.author ?? session.entity,
    metadata: isNamed ? message.metadata : { ...message.metadata, targetAgentId: agent },
  };
}

/** False: it did not come in time, or the socket does not follow the channel any more. */
async function isSent({ deps }: ElizaSession, { sent, stop }: ExpectedCopy): Promise<boolean> {
  let cancel = (): void => undefined;
  const late = new Promise<boolean>((resolve) => {
    cancel = deps.clock.after(limits.ownCopyMsMax, () => resolve(false));
  });
  const isSeen = await Promise.race([sent.then(() => true), late]);
  cancel();
  stop();
  return isSeen;
}

function copyOf({ deps }: ElizaSession, posted: PostedMessage, clientMessageId: string | null): object {
  const { event, editedAt } = posted.message;
  return {
    ...broadcastOf(event, posted, deps.names, editedAt),
    ...(clientMessageId === null ? {} : { clientMessageId }),
  };
}

const envelopeTypes: readonly unknown[] = [1, 2, 3, 4, 5, 6];

const message = socketEvent(
  {
    name: 'message',
    summary: 'Joins or sends, by what it holds; a sent one is answered by messageBroadcast and messageAck.',
    schema: MessageArgument,
    ack: Done,
    rate: 'send',
    example: {
      argument: {
        type: 2,
        payload: {
          ...{ channelId: example.conversation, messageServerId: defaultServer, senderId: example.user },
          ...{ senderName: 'Ada', message: 'Is the ship in?', messageId: 'draft-1' },
        },
      },
      ack: done,
    },
  },
  (session: ElizaSession, argument) => {
    if (!isRecord(argument)) return new Problem('invalid_request', 'A message is an object.');
    const { type, payload } = argument;
    if (type === 1) return joinRoom(session, payload);
    if (type === 2) return send(session, decodeSend(payload));
    // Types that upstream knows and does nothing with.
    if (envelopeTypes.includes(type)) return done;
    if (type === undefined) return send(session, decodeFlat(argument));
    return new Problem('invalid_request', 'type is a number: 1 joins, 2 sends.');
  },
);

const sendByNumber = socketEvent(
  {
    name: '2',
    summary: 'The same as a `message` of type 2.',
    schema: SendPayload,
    ack: Done,
    rate: 'send',
    example: {
      argument: {
        ...{ channelId: example.conversation, messageServerId: defaultServer, senderId: example.user },
        message: 'Is the ship in?',
      },
      ack: done,
    },
  },
  (session: ElizaSession, payload) => send(session, decodeSend(payload)),
);

export const messageEvents: readonly SocketEvent[] = [message, sendByNumber];
