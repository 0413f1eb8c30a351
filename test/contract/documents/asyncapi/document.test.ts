import { Type } from '@sinclair/typebox';
import t from 'tap';
import { asyncApiDocument } from '../../../../src/contract/documents/asyncapi/document.ts';
import { socketEvent } from '../../../../src/contract/sockets/event-socket.ts';
import { frame } from '../../../../src/contract/sockets/frame.ts';
import { EventSchema } from '../../../../src/domain/events/event-schema.ts';
import { danglingReferences } from '../../../kit/references.ts';

const facts = { title: 'Parley', version: '1.2.3', host: 'localhost:3000', natsHost: 'localhost:4222' };
const post = frame(
  {
    op: 'post',
    summary: 'Posts a message',
    schema: Type.Object({ content: Type.String(), run: Type.Optional(Type.String()) }),
    reply: Type.Object({ seq: Type.Integer() }),
    example: { fields: { content: 'hello' } },
  },
  (_session: null) => ({ seq: 1 }),
);
const typing = frame(
  { op: 'typing', summary: 'Says that one types', schema: Type.Object({}), reply: null },
  (_session: null) => null,
);
const socket = {
  name: 'native',
  title: 'Native socket',
  path: '/v1/socket',
  frames: [post, typing],
  pushes: [{ name: 'event', summary: 'A durable event', schema: Type.Object({ ev: EventSchema }) }],
};
const chat = {
  name: 'chat',
  title: 'A vocabulary of Socket.IO',
  path: '/socket.io',
  events: [
    socketEvent(
      {
        name: 'message:send',
        summary: 'Posts a message',
        schema: Type.Object({ content: Type.String({ examples: ['hello'] }) }),
        ack: Type.Object({ success: Type.Literal(true), sequence: Type.Integer({ minimum: 1 }) }),
      },
      () => null,
    ),
  ],
  pushes: [
    {
      name: 'message:new',
      summary: 'A message',
      schema: Type.Object({ id: Type.String({ format: 'uuid' }) }),
    },
  ],
  refusal: { success: false, error: 'Not a participant' },
};
const live = {
  name: 'live',
  summary: 'Each committed event',
  address: 'live.{tenant}.{conversation}',
  parameters: { tenant: { description: 'Tenant' }, conversation: { description: 'Conversation' } },
  action: 'send' as const,
  schema: EventSchema,
};
const history = {
  name: 'history',
  summary: 'History',
  address: 'api.{tenant}.history',
  parameters: { tenant: { description: 'Tenant' } },
  action: 'receive' as const,
  schema: Type.Object({ conversation: Type.String() }),
  reply: Type.Object({ events: Type.Array(EventSchema) }),
};

t.test('frames, pushes and subjects are in the document', async (t) => {
  const document = asyncApiDocument(
    { sockets: [socket], eventSockets: [chat], subjects: [live, history] },
    facts,
  );
  t.same(danglingReferences(document), []);
  t.match(document, {
    asyncapi: '3.0.0',
    channels: {
      native: {
        address: '/v1/socket',
        messages: {
          post: {
            payload: {
              properties: { op: { const: 'post' }, id: { type: 'string' }, content: { type: 'string' } },
              required: ['op', 'content'],
            },
            examples: [{ payload: { op: 'post', id: '7', content: 'hello' } }],
          },
          'post.reply': { payload: { required: ['re', 'ok', 'seq'] } },
          problem: { payload: { properties: { ok: { const: false } } } },
        },
      },
      chat: {
        address: '/socket.io',
        messages: {
          'message:send': { examples: [{ payload: { content: 'hello' } }] },
          'message:send.ack': { examples: [{ payload: { success: true, sequence: 1 } }] },
          'push.message:new': { name: 'message:new' },
          refused: { examples: [{ payload: { success: false, error: 'Not a participant' } }] },
        },
      },
      'nats.live': { address: 'live.{tenant}.{conversation}' },
    },
    operations: {
      'native.post': {
        action: 'receive',
        reply: {
          messages: [
            { $ref: '#/channels/native/messages/post.reply' },
            { $ref: '#/channels/native/messages/problem' },
          ],
        },
      },
      'native.typing': { reply: { messages: [{ $ref: '#/channels/native/messages/problem' }] } },
      'native.push.event': { action: 'send' },
      'chat.message:send': {
        action: 'receive',
        reply: {
          messages: [
            { $ref: '#/channels/chat/messages/message:send.ack' },
            { $ref: '#/channels/chat/messages/refused' },
          ],
        },
      },
      'chat.push.message:new': { action: 'send' },
      'nats.live': { action: 'send' },
      'nats.history': {
        action: 'receive',
        reply: { messages: [{ $ref: '#/channels/nats.history/messages/reply' }] },
      },
    },
    components: {
      schemas: { 'native.message.posted': { type: 'object' }, 'nats.message.posted': { type: 'object' } },
    },
  });
});

t.test('every parameter of an address is described', async (t) => {
  const { channels } = asyncApiDocument(
    { sockets: [], eventSockets: [], subjects: [live, history] },
    facts,
  ) as {
    channels: Record<string, { address: string; parameters: object }>;
  };
  for (const { address, parameters } of Object.values(channels)) {
    t.same(
      [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      Object.keys(parameters),
    );
  }
});
