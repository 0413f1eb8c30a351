/** auth, send, typing, read, presence, ping. */
import { Type } from '@sinclair/typebox';
import { alreadyAnswered, type Frame, frame } from '../../../../contract/sockets/frame.ts';
import { canonicalUuid } from '../../../../domain/ids.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { sendMessage } from '../messages/send-route.ts';
import { ClientId, SendRequest } from '../wire.ts';
import type { VeroConnection } from './connection.ts';
import {
  AuthFrame,
  PingFrame,
  Pong,
  PresenceFrame,
  ReadAck,
  ReadFrame,
  Ready,
  SendAck,
  TypingFrame,
} from './wire.ts';

/** As the body of the route; here a client always says its own id, for nothing else tells what is acknowledged. */
const SendFrame = Type.Object({ ...SendRequest.properties, client_message_id: ClientId });

export function commandFrames(deps: ChatDeps): readonly Frame<VeroConnection>[] {
  return [auth, send(deps), typing, read(deps), presence, ping];
}

const auth = frame(
  {
    op: 'auth',
    summary: 'Says who it is, when the handshake did not: with a messaging token, within 5 s.',
    schema: AuthFrame,
    reply: Ready,
  },
  async (connection: VeroConnection, { token }) => (await connection.authenticate(token)) ?? alreadyAnswered,
);

function send(deps: ChatDeps): Frame<VeroConnection> {
  return frame(
    {
      op: 'send',
      rate: 'send',
      summary:
        'Sends a message; the acknowledgement means that it is durable. The same id again: the same message.',
      schema: SendFrame,
      reply: SendAck,
    },
    async ({ session, context }: VeroConnection, body) => {
      const { dataClass, policyRef, env } = context;
      const sent = await sendMessage(deps, {
        ...{ body, principal: session.principal, idempotencyKey: null },
        ...{ dataClass, policyRef, env },
      });
      if (sent instanceof Problem) return sent;
      const { event } = sent.message;
      const payload = {
        ...{ message_id: event.data.message_id, conversation_id: event.conversation },
        ...{ seq_num: event.seq, created_at: event.at, duplicate: sent.isDuplicate },
      };
      return { type: 'ack', ref: body.client_message_id, payload };
    },
  );
}

const typing = frame(
  {
    op: 'typing',
    summary: 'Says that one writes; ends by itself after 6 s.',
    schema: TypingFrame,
    reply: null,
  },
  ({ world, session }: VeroConnection, { conversation_id: id, state = 'start' }) => {
    const conversation = canonicalUuid(id);
    return conversation === null ? new Problem('not_found') : world.live.typing(session, conversation, state);
  },
);

function read({ bus }: ChatDeps): Frame<VeroConnection> {
  return frame(
    {
      op: 'read',
      summary: 'Has read up to here; never goes back.',
      schema: ReadFrame,
      reply: ReadAck,
    },
    async ({ session, context }: VeroConnection, { conversation_id: id, up_to_seq: upTo, ref }) => {
      const conversation = canonicalUuid(id);
      if (conversation === null) return new Problem('not_found');
      const done = await bus.read(session.principal, conversation, upTo, context.env);
      if (done instanceof Problem) return done;
      const payload = { conversation_id: conversation, last_read_seq: done.lastReadSeq };
      return { type: 'ack', ...(ref === undefined ? {} : { ref }), payload };
    },
  );
}

const presence = frame(
  {
    op: 'presence',
    summary: 'Says how one is, to those who share a conversation.',
    schema: PresenceFrame,
    reply: null,
  },
  ({ world, session }: VeroConnection, { status, status_detail: detail }) =>
    world.live.presence(session, { status, detail: detail ?? null }),
);

const ping = frame(
  { op: 'ping', summary: 'Is answered at once.', schema: PingFrame, reply: Pong },
  (connection: VeroConnection, { id }) => ({
    type: 'pong',
    ...(id === undefined ? {} : { id }),
    server_time: connection.now,
  }),
);
