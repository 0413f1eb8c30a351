/** A vocabulary of Socket.IO in AsyncAPI: a message is the argument of an event, or of its acknowledgement. */
import type { EventSocketDeclaration } from '../declarations.ts';
import { ackExample, eventExample, pushExample } from '../message-examples.ts';
import { channelRef, type Draft, type Json, message, messageRef } from './draft.ts';

/** A channel with a message for each event, acknowledgement and push; an operation for each event and push. */
export function addEvents(draft: Draft, socket: EventSocketDeclaration): void {
  const { components, channels, operations } = draft;
  const { name: channel, title, description, path } = socket;
  const messages: Record<string, Json> = {
    refused: message('refused', 'The acknowledgement of a refused event', {}, socket.refusal),
  };
  for (const event of socket.events) {
    const { name, summary } = event;
    const ack = `${name}.ack`;
    messages[name] = message(name, summary, components.refer(event.schema, channel), eventExample(event));
    messages[ack] = message(
      ack,
      `Acknowledges ${name}`,
      components.refer(event.ack, channel),
      ackExample(event),
    );
    operations[`${channel}.${name}`] = {
      action: 'receive',
      summary,
      channel: channelRef(channel),
      messages: [messageRef(channel, name)],
      reply: {
        channel: channelRef(channel),
        messages: [messageRef(channel, ack), messageRef(channel, 'refused')],
      },
    };
  }
  for (const push of socket.pushes) addPush(draft, channel, messages, push);
  const servers = [{ $ref: '#/servers/socketio' }];
  const words = description === undefined ? {} : { description };
  channels[channel] = {
    address: path,
    title,
    ...words,
    servers,
    messages,
    bindings: { ws: { method: 'GET' } },
  };
}

function addPush(
  { components, operations }: Draft,
  channel: string,
  messages: Record<string, Json>,
  push: EventSocketDeclaration['pushes'][number],
): void {
  const { name, summary, schema } = push;
  const key = `push.${name}`;
  messages[key] = message(name, summary, components.refer(schema, channel), pushExample(push));
  operations[`${channel}.${key}`] = {
    action: 'send',
    summary,
    channel: channelRef(channel),
    messages: [messageRef(channel, key)],
  };
}
