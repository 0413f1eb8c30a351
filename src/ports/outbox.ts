/** The way to one socket, and to all sockets of a topic. Implemented by the transport. */
import type { CloseReason } from '../domain/problem.ts';

export type Frame = string | Uint8Array;

export interface Outbox {
  /**
   * Queues a frame behind everything sent before, topic frames included. False: the outbox is over
   * its bound; the transport then closes the socket with slow_consumer and nothing follows.
   */
  send(frame: Frame): boolean;
  /** Bytes accepted but not yet taken by the peer. */
  readonly bufferedBytes: number;
  /** From now on every publish() on the topic reaches this socket too. */
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  close(reason: CloseReason, retryAfterMs?: number): void;
  readonly isOpen: boolean;
}

export interface Fanout {
  /** Sends one already encoded frame to every socket of a topic; slow ones are closed by the transport. */
  publish(topic: string, frame: Frame): void;
}
