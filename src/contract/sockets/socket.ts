/** How a socket protocol is declared: what a dialect tells the transport, and what the transport tells it. */
import type { DataClass } from '../../domain/event.ts';
import type { Principal } from '../../domain/principal.ts';
import type { CloseReason, Problem } from '../../domain/problem.ts';
import type { Credentials } from '../../ports/identity/identity-authenticator.ts';
import type { Frame, Outbox } from '../../ports/outbox.ts';
import type { Tracing } from '../../ports/tracing.ts';

/**
 * What a handshake says in the headers of common.md beside who it is. It holds for all frames of the socket, as
 * far as a frame does not say otherwise.
 */
export interface SocketContext {
  /** X-Env: conversations of other environments are not found, new ones belong to it. Null: no filter. */
  readonly env: 'dev' | 'stage' | 'prod' | null;
  readonly dataClass: DataClass;
  readonly policyRef: string | null;
}

/** The request that wants to become a socket. */
export interface Handshake {
  /** '' when absent; `name` in lower case. Cookies are not among them: see `cookie`. */
  header(name: string): string;
  /** The session cookie, when the page that opens the socket is of our own origin or a named one; else null. */
  readonly cookie: string | null;
  /** Undefined when absent; `token`, `api_key`, and those that the dialect names. */
  query(name: string): string | undefined;
  /** The `:name` of the dialect's path as it was meant; '' when it is no percent-encoded UTF-8, undefined without one. */
  readonly parameter: string | undefined;
  readonly address: string;
}

/** A connected socket as a dialect sees it; until it is identified it may send limits.helloFramesMax frames. */
export interface SocketPeer extends Outbox {
  /** Who the handshake's credentials belong to; null when it showed none. */
  readonly principal: Principal | null;
  readonly address: string;
  readonly context: SocketContext;
  /**
   * Says who an anonymous socket turned out to be. `overloaded` when that principal has limits.socketsPerPrincipalMax
   * sockets on this node already, `forbidden` when the handshake named another tenant: the dialect answers it
   * and closes.
   */
  identify(principal: Principal): Problem | null;
  /** In which frames run. */
  readonly tracing: Tracing;
  /** To be told of each refusal that is answered on the socket: the transport counts them. */
  refused(problem: Problem): void;
}

/** What a dialect does with one socket. Neither method may throw for what a client sends. */
export interface SocketConversation {
  /** One text frame; the bytes are only valid during the call. */
  onFrame(bytes: ArrayBuffer): void;
  /** The socket is gone; called exactly once. */
  onClosed(): void;
}

/** A handshake that is accepted: whose socket it becomes, and what deals with it. */
export interface Admission {
  readonly principal: Principal;
  accept(peer: SocketPeer): SocketConversation;
}

export interface SocketDialect {
  /** Path of the handshake: `/v1/socket`; it may end in one `:name`. */
  readonly path: string;
  /** Parameters of the query that it reads beside `token` and `api_key`. */
  readonly queryNames?: readonly string[];
  /** A client that shows no sign of life for so long is closed with 1001; absent: the transport drops it sooner. */
  readonly idleSec?: number;
  /** Larger frames are answered with close 1009. */
  readonly frameBytesMax: number;
  /** Credentials that the handshake shows, null for none. */
  credentials(handshake: Handshake): Credentials | null;
  /** The subprotocol to answer with, of those offered; null: none. */
  subprotocol(offered: readonly string[]): string | null;
  /** Body of a refused handshake; default: the code and the sentence. */
  refuse?(problem: Problem, requestId: string): object;
  /** The last frame before a close; null: none. */
  farewell(reason: CloseReason, code: number, retryAfterMs: number | null): Frame | null;
  /**
   * Decides before the upgrade, where more than a credential decides it (`not_found`, `forbidden`): instead of
   * accept(). `principal`: of the credentials that were shown.
   */
  admit?(
    handshake: Handshake,
    principal: Principal | null,
    context: SocketContext,
  ): Promise<Admission | Problem>;
  accept(peer: SocketPeer): SocketConversation;
}
