/**
 * What a Socket.IO server is given by the HTTP server that it works on: requests and sockets that passed the same
 * gate as all others, in the shape of the uWebSockets.js calls that Engine.IO makes.
 */
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Frame } from '../../ports/outbox.ts';
import type { Handshake, SocketContext } from './socket.ts';

/** A client that was let in. It has a place among the sockets of this node, nameless until identify(). */
export interface Visitor {
  readonly address: string;
  readonly context: SocketContext;
  /** Says that a connection was made of the handshake (else its place is given to others), and lets it go. */
  enter(): Handshake;
  /** As SocketPeer.identify(): a second call has no effect. */
  identify(principal: Principal): Problem | null;
  /** The connection is gone; may be called again. */
  leave(): void;
}

/** A request as Engine.IO reads it, also after the turn in which it came. */
export interface EngineRequest {
  /** Null for requests of a connection that was let in earlier. */
  readonly visitor: Visitor | null;
  getMethod(): string;
  getUrl(): string;
  getQuery(): string;
  getHeader(name: string): string;
  forEach(take: (name: string, value: string) => void): void;
}

/** Its answer: whatever is called once the client is gone has no effect. */
export interface EngineResponse {
  writeStatus(status: string): this;
  writeHeader(name: string, value: string): this;
  end(body?: string): this;
  close(): this;
  cork(write: () => void): this;
  onData(take: (bytes: ArrayBuffer, isLast: boolean) => void): this;
  onAborted(run: () => void): this;
  getRemoteAddressAsText(): ArrayBuffer;
  upgrade(data: EngineSocketData, key: string, protocol: string, extensions: string, context: unknown): void;
}

/** What Engine.IO keeps with each WebSocket. */
export interface EngineSocketData {
  /** The door adds an event to those of the transport: `dropped`, a frame was lost and nothing may follow it. */
  readonly transport: {
    socket?: unknown;
    emit(event: string): boolean;
    onClose(code?: number): void;
  };
}

/** A WebSocket; it may not be touched any more once the transport has closed. */
export interface EngineSocket {
  getUserData(): EngineSocketData;
  send(frame: Frame, isBinary: boolean): number;
  cork(write: () => void): unknown;
  subscribe(topic: string): boolean;
  unsubscribe(topic: string): boolean;
  getBufferedAmount(): number;
  end(code?: number, reason?: string): unknown;
}

/** What Engine.IO hands over for the sockets of a path. */
export interface EngineSocketBehavior {
  readonly maxPayloadLength?: number;
  upgrade(response: EngineResponse, request: EngineRequest, context: unknown): void;
  open(socket: EngineSocket): void;
  message(socket: EngineSocket, bytes: ArrayBuffer, isBinary: boolean): void;
  close(socket: EngineSocket, code: number, reason: ArrayBuffer): void;
}

/** The app that a Socket.IO server is attached to. */
export interface EngineApp {
  any(path: string, answer: (response: EngineResponse, request: EngineRequest) => void): EngineApp;
  ws(path: string, behavior: EngineSocketBehavior): EngineApp;
}

/** Readers of topics that uWebSockets.js does not know: they get the frames that their topics are published. */
export interface TopicReaders {
  publish(topic: string, frame: Frame): void;
}

/** The topics of the node, as far as their members have to know. */
export interface Topics {
  /** Publishes what is held of a topic: before its membership changes. */
  flush(topic: string): void;
  alsoTo(readers: TopicReaders): void;
}
