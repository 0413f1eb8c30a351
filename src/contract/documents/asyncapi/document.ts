/** AsyncAPI 3.0 from the declarations of sockets and of the subjects that clients of NATS see. */
import type { Declarations } from '../declarations.ts';
import { SchemaComponents } from '../schema-components.ts';
import type { Draft, Json } from './draft.ts';
import { addEvents } from './events.ts';
import { addFrames } from './frames.ts';
import { addSubject } from './subjects.ts';

export interface AsyncApiFacts {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
  /** `host:port` of HTTP and of NATS, as far as known. */
  readonly host: string;
  readonly natsHost: string;
  /** Clients come by TLS. */
  readonly isSecure?: boolean;
}

/** The document as a value to be written as JSON; the same declarations give the same text. */
export function asyncApiDocument(
  { sockets, eventSockets, subjects }: Declarations,
  { title, version, description, host, natsHost, isSecure }: AsyncApiFacts,
): Json {
  const draft: Draft = { components: new SchemaComponents(), channels: {}, operations: {} };
  for (const socket of sockets) addFrames(draft, socket);
  for (const socket of eventSockets) addEvents(draft, socket);
  for (const subject of subjects) addSubject(draft, subject);
  const protocol = isSecure === true ? 'wss' : 'ws';
  const socketio = { host, protocol: 'socket.io', description: socketIoWords };
  return {
    asyncapi: '3.0.0',
    info: { title, version, ...(description === undefined ? {} : { description }) },
    defaultContentType: 'application/json',
    servers: {
      socket: { host, protocol },
      ...(eventSockets.length === 0 ? {} : { socketio }),
      nats: { host: natsHost, protocol: 'nats' },
    },
    channels: draft.channels,
    operations: draft.operations,
    components: { schemas: draft.components.all() },
  };
}

const socketIoWords =
  'Socket.IO protocol 5 over Engine.IO 4, path /socket.io, polling or websocket. The client shows its credential ' +
  'in the option `auth` as `token` or `apiKey`, or in the headers and cookies of the handshake.';
