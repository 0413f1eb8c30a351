/**
 * How a Socket.IO vocabulary is declared: each event once, like operation() and frame(). One Socket.IO server
 * serves all vocabularies; which one a socket speaks is told by its handshake, or by its first event.
 */
import type { Static, TSchema } from '@sinclair/typebox';
import type { RateClass } from '../../domain/limiting/rates.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Credentials } from '../../ports/identity/identity-authenticator.ts';
import type { JsonObject } from '../checking/json-text.ts';
import type { PushDeclaration } from './frame.ts';
import type { Handshake, SocketPeer } from './socket.ts';

export interface EventDeclaration<S extends TSchema> {
  /** `message:send`. No two vocabularies share one. */
  readonly name: string;
  readonly summary: string;
  /** Its one argument; further ones are ignored. */
  readonly schema: S;
  /** What a successful acknowledgement carries. Every event is acknowledged when its client asks for that. */
  readonly ack: TSchema;
  /** Which token bucket it takes from; default `write`. */
  readonly rate?: RateClass;
  /** For AsyncAPI; a test checks it against the schemas. */
  readonly example?: { readonly argument: unknown; readonly ack?: unknown };
}

/** A declaration bound to what answers it; `session` is what the dialect's accept() made. */
export interface SocketEvent extends EventDeclaration<TSchema> {
  /** The argument of the acknowledgement, or a refusal. Never throws for what a client sends. */
  readonly run: (session: never, argument: never) => Promise<unknown> | unknown;
}

/** Declares an event; annotate `session`, `argument` follows from the schema. */
export function socketEvent<S extends TSchema, Session extends EventSession>(
  declaration: EventDeclaration<S>,
  run: (session: Session, argument: Static<S>) => Promise<unknown | Problem> | unknown | Problem,
): SocketEvent {
  return { ...declaration, run: run as unknown as SocketEvent['run'] };
}

/** The handshake of a Socket.IO client: the request's, and what its CONNECT packet brings. */
export interface EventHandshake extends Handshake {
  /** The client's option `auth`; `{}` when it gave none. */
  readonly auth: JsonObject;
}

/** A connected client. Frames that it is sent are made by eventFrame(). */
export interface EventPeer extends SocketPeer {
  /** Of this connection: what the client sees as `socket.id`. */
  readonly id: string;
  readonly principal: NonNullable<SocketPeer['principal']>;
}

/** What a dialect keeps of one client. */
export interface EventSession {
  /**
   * Resolves once the client misses nothing any more; only then it is told that it is connected. A problem ends
   * the connection, so that the client comes back by itself.
   */
  readonly ready: Promise<Problem | null>;
  /** The client is gone, or belongs to another dialect; called exactly once. `saidGoodbye`: it disconnected itself. */
  end(saidGoodbye: boolean): void;
}

/** One API on Socket.IO. */
export interface EventDialect {
  readonly name: string;
  /** For the documents: what it is called, and what one should know before connecting. */
  readonly title?: string;
  readonly description?: string;
  /** What its clients send. */
  readonly events: readonly SocketEvent[];
  /** What they are sent. */
  readonly pushes: readonly PushDeclaration[];
  /** The client's `auth` says that it speaks this API. The first dialect takes those that nobody claims. */
  claims(auth: JsonObject): boolean;
  /** What the client shows, in the order in which it counts; none: nothing. */
  credentials(handshake: EventHandshake): readonly Credentials[];
  /** Who a client is that this dialect claims and that shows nothing; absent or null: it is refused. */
  readonly anonymous?: Principal | null;
  /** Looks at what a client that this dialect claims says of itself beside its credentials. */
  admit?(principal: Principal, auth: JsonObject): Problem | null;
  /** The client's `connect_error` message. */
  refuseConnection(problem: Problem): string;
  /** The acknowledgement of a refused event. */
  refuseEvent(problem: Problem, event: string): unknown;
  /** Where refusals are events, too: called for each refused event of a session. */
  tellRefusal?(session: EventSession, problem: Problem, event: string): void;
  /** `auth`: that of the handshake; `{}` for a client that comes from another dialect. */
  accept(peer: EventPeer, auth: JsonObject): EventSession;
}

/**
 * One event as it goes over the wire. `4`: a message of Engine.IO protocol 4, `2`: an event of Socket.IO protocol 5;
 * both are frozen, and so a broadcast is encoded once for every client.
 */
export function eventFrame(name: string, argument: unknown): string {
  return `42${JSON.stringify([name, argument])}`;
}
