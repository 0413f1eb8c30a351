/** AsyncAPI 3.0 from the declarations of sockets and of the subjects that clients of NATS see. */
import type { TObject, TSchema } from '@sinclair/typebox';
import { limits } from '../../domain/limits.ts';
import { problems } from '../../domain/problem.ts';
import type { FrameDeclaration, PushDeclaration } from '../frame.ts';
import { type JsonSchema, SchemaComponents } from './schema-components.ts';

type Json = Record<string, unknown>;

/** A socket protocol: what clients send, what is answered, what comes unasked. */
export interface SocketDeclaration {
  readonly name: string;
  readonly title: string;
  readonly path: string;
  readonly frames: readonly FrameDeclaration<TObject>[];
  readonly pushes: readonly PushDeclaration[];
}

/** A subject of NATS, as a client sees it. */
export interface SubjectDeclaration {
  readonly name: string;
  readonly summary: string;
  /** `live.{tenant}.{service}.{conversation}.{kind}` */
  readonly address: string;
  readonly parameters: Readonly<
    Record<string, { readonly description: string; readonly enum?: readonly string[] }>
  >;
  /** `send`: Parley publishes it. `receive`: clients request it. */
  readonly action: 'send' | 'receive';
  readonly schema: TSchema;
  readonly reply?: TSchema;
}

export interface AsyncApiFacts {
  readonly title: string;
  readonly version: string;
  /** `host:port` of HTTP and of NATS, as far as known. */
  readonly host: string;
  readonly natsHost: string;
}

/** What a document is put together from. */
interface Draft {
  readonly components: SchemaComponents;
  readonly channels: Record<string, Json>;
  readonly operations: Record<string, Json>;
}

/** The document as a value to be written as JSON; the same declarations give the same text. */
export function asyncApiDocument(
  sockets: readonly SocketDeclaration[],
  subjects: readonly SubjectDeclaration[],
  facts: AsyncApiFacts,
): Json {
  const draft: Draft = { components: new SchemaComponents(), channels: {}, operations: {} };
  for (const socket of sockets) addSocket(draft, socket);
  for (const subject of subjects) addSubject(draft, subject);
  return {
    asyncapi: '3.0.0',
    info: { title: facts.title, version: facts.version },
    defaultContentType: 'application/json',
    servers: {
      socket: { host: facts.host, protocol: 'ws' },
      nats: { host: facts.natsHost, protocol: 'nats' },
    },
    channels: draft.channels,
    operations: draft.operations,
    components: { schemas: draft.components.all() },
  };
}

function addSocket({ components, channels, operations }: Draft, socket: SocketDeclaration): void {
  const messages: Record<string, Json> = { problem: message('problem', 'A refused frame', problemReply()) };
  for (const frame of socket.frames) {
    const { op, summary, reply } = frame;
    messages[op] = message(
      op,
      summary,
      framePayload(frame, components, socket.name),
      exampleOf(op, frame.example?.fields),
    );
    const answers = ['problem'];
    if (reply !== null) {
      messages[`${op}.reply`] = message(
        `${op}.reply`,
        `Reply to ${op}`,
        replyPayload(reply, components, socket.name),
      );
      answers.unshift(`${op}.reply`);
    }
    operations[`${socket.name}.${op}`] = {
      action: 'receive',
      summary,
      channel: channelRef(socket.name),
      messages: [messageRef(socket.name, op)],
      reply: {
        channel: channelRef(socket.name),
        messages: answers.map((name) => messageRef(socket.name, name)),
      },
    };
  }
  for (const { name, summary, schema, example } of socket.pushes) {
    messages[`push.${name}`] = message(
      `push.${name}`,
      summary,
      components.refer(schema, socket.name),
      example,
    );
    operations[`${socket.name}.push.${name}`] = {
      action: 'send',
      summary,
      channel: channelRef(socket.name),
      messages: [messageRef(socket.name, `push.${name}`)],
    };
  }
  const servers = [{ $ref: '#/servers/socket' }];
  channels[socket.name] = {
    address: socket.path,
    title: socket.title,
    servers,
    messages,
    bindings: { ws: { method: 'GET' } },
  };
}

function addSubject({ components, channels, operations }: Draft, subject: SubjectDeclaration): void {
  const { name, summary, address, parameters, action } = subject;
  const id = `nats.${name}`;
  const messages: Record<string, Json> = {
    message: message('message', summary, components.refer(subject.schema, 'nats')),
  };
  const operation: Json = { action, summary, channel: channelRef(id), messages: [messageRef(id, 'message')] };
  if (subject.reply !== undefined) {
    messages['reply'] = message('reply', `Reply to ${name}`, components.refer(subject.reply, 'nats'));
    operation['reply'] = {
      address: { location: '$message.header#/reply', description: 'The reply subject of the request' },
      channel: channelRef(id),
      messages: [messageRef(id, 'reply')],
    };
  }
  operations[id] = operation;
  channels[id] = { address, title: name, servers: [{ $ref: '#/servers/nats' }], parameters, messages };
}

/** Fields of a frame together with those that every frame has. */
function framePayload(
  { op, schema }: FrameDeclaration<TObject>,
  components: SchemaComponents,
  scope: string,
): JsonSchema {
  const { properties, required } = fieldsOf(schema, components, scope);
  const id = {
    type: 'string',
    maxLength: limits.frameIdCharsMax,
    description: 'Its reply repeats it as `re`',
  };
  return {
    type: 'object',
    properties: { op: { const: op }, id, ...properties },
    required: ['op', ...required],
  };
}

function replyPayload(reply: TObject, components: SchemaComponents, scope: string): JsonSchema {
  const { properties, required } = fieldsOf(reply, components, scope);
  const own = { re: { type: 'string' }, ok: { const: true } };
  return { type: 'object', properties: { ...own, ...properties }, required: ['re', 'ok', ...required] };
}

function problemReply(): JsonSchema {
  const problem = {
    type: 'object',
    properties: {
      code: { type: 'string', enum: Object.keys(problems) },
      message: { type: 'string' },
      retry_after_ms: { type: 'integer' },
    },
    required: ['code', 'message'],
  };
  const properties = { re: { type: ['string', 'null'] }, ok: { const: false }, problem };
  return { type: 'object', properties, required: ['ok', 'problem'] };
}

function fieldsOf(
  schema: TObject,
  components: SchemaComponents,
  scope: string,
): { properties: Json; required: readonly string[] } {
  const entries = Object.entries(schema.properties).map(([name, field]) => [
    name,
    components.refer(field, scope),
  ]);
  return { properties: Object.fromEntries(entries), required: schema.required ?? [] };
}

function message(name: string, summary: string, payload: JsonSchema, example?: object): Json {
  return { name, summary, payload, ...(example === undefined ? {} : { examples: [{ payload: example }] }) };
}

function exampleOf(op: string, fields: object | undefined): object | undefined {
  return fields === undefined ? undefined : { op, id: '1', ...fields };
}

function channelRef(name: string): Json {
  return { $ref: `#/channels/${name}` };
}

function messageRef(channel: string, name: string): Json {
  return { $ref: `#/channels/${channel}/messages/${name}` };
}
