/** Sockets, Socket.IO vocabularies and NATS subjects as the documents describe them. */
import { Type } from '@sinclair/typebox';
import type {
  Declarations,
  EventSocketDeclaration,
  SocketDeclaration,
  SubjectDeclaration,
} from '../../contract/documents/declarations.ts';
import { exampleEvent } from '../../contract/examples/event.ts';
import { exampleValues } from '../../contract/examples/values.ts';
import { botFrames } from '../../dialects/generalbots/socket/frames.ts';
import { botFrameForm, botSocketPaths } from '../../dialects/generalbots/socket/index.ts';
import {
  ErrorFrame as BotError,
  errorExample as botError,
  botPushes,
} from '../../dialects/generalbots/socket/wire.ts';
import { nativeFrames, nativePushes } from '../../dialects/native/index.ts';
import { nativeService } from '../../dialects/native/service.ts';
import { messagingPath, veroFrameForm, veroFrames } from '../../dialects/vero/chat/socket/index.ts';
import { ErrorFrame, errorExample, veroPushes } from '../../dialects/vero/chat/socket/wire.ts';
import { kindOfType } from '../../domain/event.ts';
import { EventSchema } from '../../domain/events/event-schema.ts';
import { Problem } from '../../domain/problem.ts';
import { botChatDepsOf, chatDepsOf, type DialectDeps, eventDialects } from '../dialects.ts';

/** The same sockets as documents describe them. */
export function socketDeclarations(deps: DialectDeps): readonly SocketDeclaration[] {
  const { core, identity } = deps;
  return [
    {
      name: 'native',
      title: 'Native protocol, parley.v1',
      description:
        'The richest door: commands, live events in order, resume by cursor, streamed messages, typing, presence. Subprotocol `parley.v1`. A browser shows its token as the subprotocol `bearer.<token>`; with no credential in the handshake the first frame is a `hello` with one.',
      path: '/v1/socket',
      frames: nativeFrames(core.bus, identity.directory),
      pushes: nativePushes,
    },
    {
      name: 'vero-messaging',
      title: 'Vero messaging socket, vero.v1',
      description:
        'Where `GET /v1/messaging/token` says, with its token as `?token=`, as the subprotocol `bearer.<token>`, or in a first frame `auth`. Conversations are followed by `subscribe` or, after what was missed, by `resume`; whom the principal blocks is not seen. Tell by `type` what the server sends.',
      path: messagingPath,
      frames: veroFrames(chatDepsOf(deps), core.live),
      pushes: veroPushes,
      form: { ...veroFrameForm, refused: { schema: ErrorFrame, example: errorExample } },
    },
    {
      name: 'generalbots-socket',
      title: 'General Bots, raw WebSocket',
      description:
        'Also `/ws/{bot_name}`. Query: `session_id`, `bot_name`, `stream=1` for answers in pieces, `token`. Without a credential and a session the caller becomes a guest; the id of a guest’s session is enough to come back to it. A frame without `type` but with `message_type` is a message, too. Tell by `type` what the server sends.',
      path: botSocketPaths[0],
      frames: botFrames(botChatDepsOf(deps)),
      pushes: botPushes,
      form: { ...botFrameForm, refused: { schema: BotError, example: botError } },
    },
  ];
}

/** The vocabularies of the one Socket.IO server. */
function eventSocketDeclarations(deps: DialectDeps): readonly EventSocketDeclaration[] {
  return eventDialects(deps).map(({ name, title, description, events, pushes, refuseEvent }) => {
    const [first] = events;
    return {
      // Its HTTP side has the plain name.
      name: `${name}-events`,
      title: title ?? `${name} on Socket.IO`,
      ...(description === undefined ? {} : { description }),
      path: '/socket.io',
      events,
      pushes,
      refusal: refuseEvent(new Problem('not_found'), first?.name ?? ''),
    };
  });
}

const place = {
  tenant: { description: 'Id of the tenant, base64url where it is not NATS-safe' },
  service: { description: 'The service that the conversation was created for; `_`: none' },
  conversation: { description: 'Id of the conversation' },
};

const { conversation, user } = exampleValues;

/** What services subscribe to on NATS without asking us. */
const subjectDeclarations: readonly SubjectDeclaration[] = [
  {
    name: 'live',
    summary: 'Every committed event, republished by the stream with its sequence in the header Nats-Sequence',
    address: 'live.{tenant}.{service}.{conversation}.{kind}',
    parameters: {
      ...place,
      kind: { description: 'Kind of the event', enum: [...new Set(Object.values(kindOfType))] },
    },
    action: 'send',
    schema: EventSchema,
    example: { message: exampleEvent },
  },
  {
    name: 'pulse',
    summary: 'Volatile news of a conversation: typing, presence, read marks, pieces of streamed messages',
    address: 'pulse.{tenant}.{service}.{conversation}.{kind}',
    parameters: {
      ...place,
      kind: { description: 'What it is', enum: ['typing', 'presence', 'read', 'delta'] },
    },
    action: 'send',
    schema: Type.Object({}, { description: 'JSON, by kind' }),
    example: { message: { kind: 'typing', conversation, from: user, state: 'start' } },
  },
  {
    name: 'inbox',
    summary:
      'Notes to one principal: it was added to a conversation, removed from one, or one of its conversations was deleted; may come twice',
    address: 'inbox.{tenant}.{principal}.{kind}',
    parameters: {
      tenant: place.tenant,
      principal: { description: 'Its own id, base64url where it is not NATS-safe' },
      kind: { description: 'What happened', enum: ['added', 'removed', 'deleted'] },
    },
    action: 'send',
    schema: Type.Object({
      conversation: Type.String({ format: 'uuid' }),
      position: Type.Integer({ examples: [5] }),
    }),
  },
];

/** Requests over NATS: one for each verb, with the schemas of the socket's frames. */
function requestDeclarations(deps: DialectDeps): readonly SubjectDeclaration[] {
  const { core, identity, clock, logger, rates } = deps;
  const service = nativeService({ bus: core.bus, directory: identity.directory, clock, logger, rates });
  return service.verbs.map(({ op, summary, schema, reply }) => ({
    name: `api.${op}`,
    summary: `${summary} Answered only in an inbox of the principal.`,
    address: `api.{tenant}.{principal}.${op}`,
    parameters: {
      tenant: place.tenant,
      principal: { description: 'Its own id, base64url where it is not NATS-safe' },
    },
    action: 'receive',
    schema,
    reply: Type.Object({ ok: Type.Literal(true), ...reply?.properties }),
  }));
}

/** Everything that a client of NATS may see or ask. */
function natsDeclarations(deps: DialectDeps): readonly SubjectDeclaration[] {
  return [...subjectDeclarations, ...requestDeclarations(deps)];
}

/** Everything that clients reach by sockets and by NATS. */
export function messageDeclarations(deps: DialectDeps): Declarations {
  return {
    sockets: socketDeclarations(deps),
    eventSockets: eventSocketDeclarations(deps),
    subjects: natsDeclarations(deps),
  };
}
