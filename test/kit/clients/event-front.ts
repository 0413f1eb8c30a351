/** The Socket.IO server of a node with small dialects, and real clients of it. */
import { Type } from '@sinclair/typebox';
import { io, type Socket } from 'socket.io-client';
import { openEventServer } from '../../../src/adapters/socketio/event-server.ts';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { EngineDoor } from '../../../src/adapters/uws/engine/engine-door.ts';
import { compileTrustedProxies } from '../../../src/adapters/uws/gate/client-address.ts';
import { ConnectionGate } from '../../../src/adapters/uws/gate/connection-gate.ts';
import { compileCors } from '../../../src/adapters/uws/gate/cors.ts';
import type { TlsFiles } from '../../../src/adapters/uws/gate/tls-files.ts';
import { openSockets } from '../../../src/adapters/uws/socket-server.ts';
import type { JsonObject } from '../../../src/contract/checking/json-text.ts';
import {
  type EventDialect,
  type EventPeer,
  type EventSession,
  eventFrame,
  socketEvent,
} from '../../../src/contract/sockets/event-socket.ts';
import type { SocketDialect } from '../../../src/contract/sockets/socket.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Credentials } from '../../../src/ports/identity/identity-authenticator.ts';
import type { RateLimiter } from '../../../src/ports/limits/rate-limiter.ts';
import type { Fanout } from '../../../src/ports/outbox.ts';
import { noRateLimits } from '../hostile/rate-limits.ts';
import { quietMetrics } from '../memory/quiet-metrics.ts';
import type { Teardown } from '../temporary.ts';
import { startFront, testAuthenticate, testDialect } from './http-front.ts';

export interface SmallSession extends EventSession {
  readonly peer: EventPeer;
  readonly auth: JsonObject;
  /** `end(true)`, `end(false)`… in order. */
  readonly ends: boolean[];
}

export interface SmallDialect {
  readonly dialect: EventDialect;
  readonly sessions: SmallSession[];
  /** Names of the events that ran, with their first arguments. */
  readonly ran: string[];
}

export interface SmallOptions {
  /** What sessions wait for before their clients are told that they are connected. */
  readonly ready?: (peer: EventPeer) => Promise<Problem | null>;
  /** A mistake of ours in the words of refusals. */
  readonly refusalThrows?: true;
  /** Who its clients are that show nothing. */
  readonly anonymous?: Principal;
  /** Clients must say that they are `auth.who`, if anybody; and refusals are told by events, too. */
  readonly isWordy?: true;
}

/**
 * A dialect named `north`: `north:echo` answers its text, `north:join` follows a topic, `north:post` publishes to
 * one, `north:later` answers when it is let, `north:throw` is a mistake of ours. It claims `auth.api === 'north'`.
 */
export function smallDialect(name: string, fanout: () => Fanout, options: SmallOptions = {}): SmallDialect {
  const sessions: SmallSession[] = [];
  const ran: string[] = [];
  const topicOf = (topic: string): string => `${name}/${topic}`;
  const Text = Type.Object({ text: Type.String({ maxLength: 300_000 }) });
  const Post = Type.Object({ topic: Type.String(), text: Type.String() });
  const events = [
    socketEvent(
      { name: `${name}:echo`, summary: 'Answers its text', schema: Text, ack: Text },
      (_session: SmallSession, { text }) => {
        ran.push(`echo ${text.slice(0, 20)}`);
        return { ok: true, text };
      },
    ),
    socketEvent(
      { name: `${name}:join`, summary: 'Follows a topic', schema: Type.String(), ack: Type.Object({}) },
      (session: SmallSession, topic) => {
        ran.push(`join ${topic}`);
        session.peer.subscribe(topicOf(topic));
        return { ok: true };
      },
    ),
    socketEvent(
      { name: `${name}:leave`, summary: 'Follows it no more', schema: Type.String(), ack: Type.Object({}) },
      (session: SmallSession, topic) => {
        session.peer.unsubscribe(topicOf(topic));
        return { ok: true };
      },
    ),
    socketEvent(
      { name: `${name}:post`, summary: 'Publishes', schema: Post, ack: Type.Object({}) },
      (_session: SmallSession, { topic, text }) => {
        fanout().publish(topicOf(topic), eventFrame('posted', { api: name, text }), 1, false);
        return { ok: true };
      },
    ),
    socketEvent(
      { name: `${name}:later`, summary: 'Answers in a later turn', schema: Text, ack: Text },
      async (_session: SmallSession, { text }) => {
        ran.push(`later ${text}`);
        await new Promise((resolve) => setImmediate(resolve));
        return text === 'no' ? new Problem('forbidden') : { ok: true, text };
      },
    ),
    socketEvent(
      { name: `${name}:throw`, summary: 'A mistake', schema: Type.Any(), ack: Type.Object({}) },
      () => {
        throw new Error('a mistake');
      },
    ),
  ];
  const dialect: EventDialect = {
    name,
    events,
    pushes: [],
    claims: (auth) => auth['api'] === name,
    credentials: ({ auth, cookie, header }): readonly Credentials[] => {
      const token = auth['token'];
      if (typeof token === 'string') return [{ bearer: token }];
      if (header('x-api-key') !== '') return [{ apiKey: header('x-api-key') }];
      return cookie === null ? [] : [{ cookie }];
    },
    refuseConnection: ({ code }) => `${name} says ${code}`,
    refuseEvent({ code, reason }, event) {
      if (options.refusalThrows === true) throw new Error('a mistake');
      return { ok: false, api: name, code, reason, event };
    },
    ...(options.anonymous === undefined ? {} : { anonymous: options.anonymous }),
    ...(options.isWordy === true ? wordy : {}),
    accept(peer, auth) {
      const ends: boolean[] = [];
      const ready = options.ready?.(peer) ?? Promise.resolve(null);
      const session: SmallSession = { peer, auth, ends, ready, end: (goodbye) => void ends.push(goodbye) };
      sessions.push(session);
      peer.send(eventFrame('welcome', name));
      return session;
    },
  };
  return { dialect, sessions, ran };
}

const wordy: Pick<EventDialect, 'admit' | 'tellRefusal'> = {
  admit: ({ id }, { who }) => (who === undefined || who === id ? null : new Problem('forbidden')),
  tellRefusal: (session, { code }, event) =>
    void (session as SmallSession).peer.send(eventFrame('refused', { code, event })),
};

export interface EventFrontOptions {
  readonly rates?: RateLimiter;
  readonly clock?: Clock;
  readonly origins?: readonly string[];
  readonly proxies?: readonly string[];
  readonly tls?: TlsFiles;
  readonly north?: SmallOptions;
  readonly south?: SmallOptions;
  readonly socketDialects?: readonly SocketDialect[];
}

/** A front end whose Socket.IO server speaks `north` (the default) and `south`. */
export async function startEventFront(t: Teardown, options: EventFrontOptions = {}) {
  const metrics = quietMetrics();
  const logged: string[] = [];
  const log = (fields: object, message: string): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const logger = { debug() {}, info() {}, warn: log, error: log, child: () => logger };
  const clock = options.clock ?? openClock();
  const world = {
    rates: options.rates ?? noRateLimits,
    proxies: compileTrustedProxies(options.proxies ?? []),
    metrics,
  };
  const gate = new ConnectionGate(world);
  const shared = {
    ...{ ...world, logger, clock, authenticate: testAuthenticate, cors: compileCors(options.origins ?? []) },
    ...{ isTls: options.tls !== undefined, cookieNames: ['token'], onGone: () => gate.socketIsGone() },
  };
  const sockets = openSockets({ ...shared, dialects: options.socketDialects ?? [] });
  const { fanout, peers, census, isRefusing, anySocket } = sockets;
  const north = smallDialect('north', () => fanout, options.north);
  const south = smallDialect('south', () => fanout, options.south);
  const events = openEventServer({
    ...{ ...shared, topics: fanout, peers },
    dialects: [north.dialect, south.dialect],
  });
  const isShared = (options.origins ?? []).length > 0;
  const door = { ...shared, census, isRefusing, isShared, other: anySocket };
  const front = await startFront(
    t,
    [testDialect([])],
    {},
    [
      (app) => gate.attach(app),
      (app) => sockets.attach(app),
      (app) => events.attach(new EngineDoor(door, app)),
    ],
    options.tls ?? null,
  );
  t.teardown(() => events.close());
  return { ...front, north, south, sockets, fanout, peers, metrics, logged, events };
}

export type EventFront = Awaited<ReturnType<typeof startEventFront>>;
export type ClientOptions = Exclude<Parameters<typeof io>[1], string | undefined>;

/** A client of its own connection, not connected yet; ended with the test. */
export function eventClient(
  t: Teardown,
  front: Pick<EventFront, 'url'>,
  options: ClientOptions = {},
): Socket {
  const socket = io(front.url, {
    forceNew: true,
    autoConnect: false,
    reconnection: false,
    auth: { token: 'ann' },
    transports: ['websocket'],
    ...options,
  });
  t.teardown(() => void socket.disconnect());
  return socket;
}

/** Connects; rejects with the words of a refusal. */
export async function connected(socket: Socket): Promise<Socket> {
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
    socket.connect();
  });
  return socket;
}

/** Everything that a client is sent, in order. */
export function record(socket: Socket): { readonly name: string; readonly argument: unknown }[] {
  const events: { name: string; argument: unknown }[] = [];
  socket.onAny((name: string, argument: unknown) => void events.push({ name, argument }));
  return events;
}
