/** A socket of JSON frames in AsyncAPI. */
import type { TObject } from '@sinclair/typebox';
import { limits } from '../../../domain/limits.ts';
import { problems } from '../../../domain/problem.ts';
import type { FrameDeclaration, FrameForm } from '../../sockets/frame.ts';
import type { SocketDeclaration } from '../declarations.ts';
import { frameExample, frameReplyExample, pushExample } from '../message-examples.ts';
import type { JsonSchema, SchemaComponents } from '../schema-components.ts';
import { channelRef, type Draft, type Json, message, messageRef } from './draft.ts';

const refusedExample = {
  re: '7',
  ok: false,
  problem: { code: 'conversation_paused', message: problems.conversation_paused.sentence },
};

/** A channel with a message for each frame, reply and push; an operation for each frame and push. */
export function addFrames({ components, channels, operations }: Draft, socket: SocketDeclaration): void {
  const { form } = socket;
  const refused = form?.refused;
  const problem =
    refused === undefined
      ? problemReply()
      : { type: 'object', ...fieldsOf(refused.schema, components, socket.name) };
  const messages: Record<string, Json> = {
    problem: message('problem', 'A refused frame', problem, refused?.example ?? refusedExample),
  };
  for (const frame of socket.frames) {
    const { op, summary, reply } = frame;
    messages[op] = message(
      op,
      summary,
      framePayload(frame, components, socket.name, form),
      frameExample(frame, form),
    );
    const answers = ['problem'];
    if (reply !== null) {
      messages[`${op}.reply`] = message(
        `${op}.reply`,
        `Reply to ${op}`,
        replyPayload(reply, components, socket.name, form),
        frameReplyExample(frame, form),
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
  for (const push of socket.pushes) {
    const { name, summary, schema } = push;
    messages[`push.${name}`] = message(
      `push.${name}`,
      summary,
      components.refer(schema, socket.name),
      pushExample(push),
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
    ...(socket.description === undefined ? {} : { description: socket.description }),
    servers,
    messages,
    bindings: { ws: { method: 'GET' } },
  };
}

/** Fields of a frame together with those that every frame has. */
function framePayload(
  { op, schema }: FrameDeclaration<TObject>,
  components: SchemaComponents,
  scope: string,
  form: FrameForm | undefined,
): JsonSchema {
  const { properties, required } = fieldsOf(schema, components, scope);
  if (form?.hasIds === false) {
    const { opField } = form;
    return {
      type: 'object',
      properties: { [opField]: { const: op }, ...properties },
      required: [opField, ...required],
    };
  }
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

function replyPayload(
  reply: TObject,
  components: SchemaComponents,
  scope: string,
  form: FrameForm | undefined,
): JsonSchema {
  const { properties, required } = fieldsOf(reply, components, scope);
  if (form?.hasIds === false) return { type: 'object', properties, required };
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
