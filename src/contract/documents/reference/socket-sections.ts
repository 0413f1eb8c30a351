/** Sockets as sections: an entry for each frame or event, and for each push. */
import type { TObject, TSchema } from '@sinclair/typebox';
import type { EventDeclaration } from '../../sockets/event-socket.ts';
import type { FrameDeclaration, FrameForm, PushDeclaration } from '../../sockets/frame.ts';
import type { EventSocketDeclaration, SocketDeclaration } from '../declarations.ts';
import {
  ackExample,
  eventExample,
  frameExample,
  frameReplyExample,
  pushExample,
} from '../message-examples.ts';
import { type Block, code, type Entry, idOf, list, type Section, text } from './reference.ts';
import { fieldsTable, titledIn, typeOf } from './schema-rows.ts';

/** `socketUrl`: `ws://host:port`. */
export function frameSection(socket: SocketDeclaration, socketUrl: string): Section {
  const { name, title, description, frames, pushes, path, form } = socket;
  return {
    id: name,
    title,
    blocks: [
      ...(description === undefined ? [] : [text(description)]),
      list(`Address: \`${socketUrl}${path}\``, 'One JSON object in each text frame'),
    ],
    entries: [
      ...frames.map((frame) => frameEntry(name, frame, form)),
      ...pushes.map((push) => pushEntry(name, push)),
      ...shapes(name, [...frames.flatMap(({ schema, reply }) => [schema, reply]), ...schemasOf(pushes)]),
    ],
  };
}

function frameEntry(socket: string, frame: FrameDeclaration<TObject>, form?: FrameForm): Entry {
  const { op, summary, schema, reply, rate = 'write' } = frame;
  const [asked, answered] = [frameExample(frame, form), frameReplyExample(frame, form)];
  return {
    id: idOf(socket, op),
    title: op,
    summary,
    blocks: [
      text(`Sent by the client; rate class \`${rate}\`.`),
      ...fieldsTable(schema),
      ...line('Frame', asked),
      text(reply === null ? 'Not answered, unless it is refused.' : 'Fields of the reply:'),
      ...fieldsTable(reply),
      ...line('Reply', answered),
    ],
  };
}

/** `url`: `http://host:port`, which Socket.IO clients are given. */
export function eventSection(socket: EventSocketDeclaration, url: string): Section {
  const { name, title, description, path, events, pushes, refusal } = socket;
  return {
    id: name,
    title,
    blocks: [
      ...(description === undefined ? [] : [text(description)]),
      code(
        'Connect',
        `import { io } from 'socket.io-client';\nconst socket = io('${url}', { path: '${path}', auth: { token } });`,
      ),
      ...line('The acknowledgement of a refused event', refusal),
    ],
    entries: [
      ...events.map((event) => eventEntry(name, event)),
      ...pushes.map((push) => pushEntry(name, push)),
      ...shapes(name, [...events.flatMap(({ schema, ack }) => [schema, ack]), ...schemasOf(pushes)]),
    ],
  };
}

function eventEntry(socket: string, event: EventDeclaration<TSchema>): Entry {
  const { name, summary, schema, ack, rate = 'write' } = event;
  return {
    id: idOf(socket, name),
    title: name,
    summary,
    blocks: [
      text(`Emitted by the client; rate class \`${rate}\`. Its argument: ${typeOf(schema)}.`),
      ...fieldsTable(schema),
      ...line('Argument', eventExample(event)),
      text(`Acknowledged with ${typeOf(ack)}.`),
      ...fieldsTable(ack),
      ...line('Acknowledgement', ackExample(event)),
    ],
  };
}

function pushEntry(socket: string, push: PushDeclaration): Entry {
  const { name, summary, schema } = push;
  return {
    id: idOf(socket, 'push', name),
    title: `${name} (from the server)`,
    summary,
    blocks: [...fieldsTable(schema), ...line('Example', pushExample(push))],
  };
}

function shapes(socket: string, schemas: readonly (TSchema | null)[]): readonly Entry[] {
  return [...titledIn(schemas)].map(([title, schema]) => ({
    id: idOf(socket, 'shape', title),
    title,
    summary: 'A shape that the entries above name',
    blocks: fieldsTable(schema),
  }));
}

function schemasOf(pushes: readonly PushDeclaration[]): readonly TSchema[] {
  return pushes.map(({ schema }) => schema);
}

/** As it goes over the wire: in one line. */
function line(label: string, value: unknown): readonly Block[] {
  return value === undefined ? [] : [code(label, JSON.stringify(value))];
}
