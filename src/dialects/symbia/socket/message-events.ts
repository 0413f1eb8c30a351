/** Messages and control events: send, edit, delete. Acknowledged when they are durable. */

import type { TSchema } from '@sinclair/typebox';
import type { EventDeclaration } from '../../../contract/sockets/event-socket.ts';
import { Problem } from '../../../domain/problem.ts';
import { decodeControl, decodeEdit, decodePost } from '../decode.ts';
import { rowOfEdit } from '../message-change-routes.ts';
import { type Reading, rowOf } from '../on-conversation.ts';
import { controlReasons, deleteReasons, editReasons, noMessage, postReasons } from '../wording.ts';
import { done, notIn, type SymbiaEvent, symbiaEvent } from './symbia-event.ts';
import { idOf, type SymbiaSession } from './symbia-session.ts';
import {
  ControlAck,
  ControlArgument,
  Done,
  EditArgument,
  MessageAck,
  MessageArgument,
  SendArgument,
} from './wire.ts';

const someId = '01936f2c-7f00-7000-8000-000000000001';
const example = <S extends TSchema>(argument: unknown): Pick<EventDeclaration<S>, 'example'> => ({
  example: { argument },
});

const send = symbiaEvent(
  {
    name: 'message:send',
    summary: 'Posts a message; an agent that is not in the conversation becomes a member of it.',
    schema: SendArgument,
    ack: MessageAck,
    rate: 'send',
    ...example({ conversationId: someId, content: 'Hello', contentType: 'text' }),
  },
  { hidden: notIn, reasons: postReasons, failed: 'Failed to send message' },
  async (session, argument) => {
    const at = session.at(argument.conversationId);
    if (at instanceof Problem) return at;
    const decoded = decodePost(argument, null, true);
    if (decoded instanceof Problem) return decoded;
    const outcome = await session.dispatch(at, decoded.command, decoded.trace);
    const message = await rowOf(session, at, outcome);
    return message instanceof Problem ? message : { success: true, message };
  },
);

/** The conversation of a message that the client names alone. */
async function placeOf(session: SymbiaSession, message: string): Promise<Reading | Problem> {
  const conversation = await session.live.conversationOf(session.own, message);
  if (conversation instanceof Problem) return conversation;
  return conversation === null ? new Problem('not_found') : session.at(conversation);
}

const edit = symbiaEvent(
  {
    name: 'message:edit',
    summary: 'Edits a message (its sender); every version is kept.',
    schema: EditArgument,
    ack: MessageAck,
    ...example({ messageId: someId, content: 'Hello again' }),
  },
  { hidden: noMessage, reasons: editReasons, failed: 'Failed to edit message' },
  async (session, argument) => {
    const message = idOf(argument.messageId);
    if (message instanceof Problem) return message;
    const command = decodeEdit(argument, message, true);
    if (command instanceof Problem) return command;
    const at = await placeOf(session, message);
    if (at instanceof Problem) return at;
    const row = await rowOfEdit(session, at, message, await session.dispatch(at, command, null));
    return row instanceof Problem ? row : { success: true, message: row };
  },
);

const remove = symbiaEvent(
  {
    name: 'message:delete',
    summary: 'Deletes a message (its sender, owner, admin); its content is erased.',
    schema: MessageArgument,
    ack: Done,
    ...example(someId),
  },
  { hidden: noMessage, reasons: deleteReasons, failed: 'Failed to delete message' },
  async (session, argument) => {
    const message = idOf(argument);
    if (message instanceof Problem) return message;
    const at = await placeOf(session, message);
    if (at instanceof Problem) return at;
    const outcome = await session.dispatch(at, { op: 'delete', message }, null);
    return outcome instanceof Problem ? outcome : done;
  },
);

const control = symbiaEvent(
  {
    name: 'control:send',
    summary: 'Sends a control event; it takes effect with the next position.',
    schema: ControlArgument,
    ack: ControlAck,
    ...example({ conversationId: someId, event: 'stream.pause', reason: 'lunch' }),
  },
  { hidden: notIn, reasons: controlReasons, failed: 'Failed to send control event' },
  async (session, argument) => {
    const at = session.at(argument.conversationId);
    if (at instanceof Problem) return at;
    const decoded = decodeControl(argument);
    if (decoded instanceof Problem) return decoded;
    const outcome = await session.dispatch(at, decoded.command, decoded.trace);
    const row = await rowOf(session, at, outcome);
    return row instanceof Problem ? row : { success: true, control: row };
  },
);

export const messageEvents: readonly SymbiaEvent[] = [send, edit, remove, control];
