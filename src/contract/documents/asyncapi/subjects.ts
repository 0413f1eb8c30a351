/** A subject of NATS in AsyncAPI. */
import type { SubjectDeclaration } from '../declarations.ts';
import { subjectExample, subjectReplyExample } from '../message-examples.ts';
import { channelRef, type Draft, type Json, message, messageRef } from './draft.ts';

/** A channel and an operation. */
export function addSubject({ components, channels, operations }: Draft, subject: SubjectDeclaration): void {
  const { name, summary, address, parameters, action } = subject;
  const id = `nats.${name}`;
  const messages: Record<string, Json> = {
    message: message('message', summary, components.refer(subject.schema, 'nats'), subjectExample(subject)),
  };
  const operation: Json = { action, summary, channel: channelRef(id), messages: [messageRef(id, 'message')] };
  if (subject.reply !== undefined) {
    const payload = components.refer(subject.reply, 'nats');
    messages['reply'] = message('reply', `Reply to ${name}`, payload, subjectReplyExample(subject));
    operation['reply'] = {
      address: { location: '$message.header#/reply', description: 'The reply subject of the request' },
      channel: channelRef(id),
      messages: [messageRef(id, 'reply')],
    };
  }
  operations[id] = operation;
  channels[id] = { address, title: name, servers: [{ $ref: '#/servers/nats' }], parameters, messages };
}
