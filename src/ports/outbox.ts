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
  /**
   * Sends one already encoded frame to every socket that is on the topic now; slow ones are closed by
   * the transport. `readers`: about how many there are. `isMoreComing`: other frames of the topic will
   * follow within moments; for many readers they may then leave together.
   */
  publish(topic: string, frame: Frame, readers: number, isMoreComing: boolean): void;
}
