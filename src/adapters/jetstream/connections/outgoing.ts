/**
 * What one turn of the loop brings (the frames of many sockets) leaves in one write: the client by itself writes once
 * for each socket that was read, and a system call is dearer than all our work.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import type { HeaderBlock } from '../log/entry-headers.ts';
import type { OutboundWindow } from './outbound-window.ts';

export interface QueuedMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: HeaderBlock | null;
  /** '' when no answer is expected. */
  readonly reply: string;
}

interface Options {
  readonly connection: Pick<NatsConnection, 'publish'>;
  readonly window: Pick<OutboundWindow, 'add' | 'written'>;
  /** What is queued while the connection is down is dropped: `failAll` has told whoever waits. */
  readonly isUp: () => boolean;
  /** Told the reply subject of what could not be sent. */
  readonly failUnsent: (reply: string) => void;
}

/** About what the protocol adds to a message. */
const frameBytes = 64;

/** Answers what queues a message for the end of this turn. Bounded by the window, whose bytes grow at once. */
export function openOutgoing({
  connection,
  window,
  isUp,
  failUnsent,
}: Options): (message: QueuedMessage) => void {
  let queued: QueuedMessage[] = [];

  function write(): void {
    const messages = queued;
    queued = [];
    if (!isUp()) return;
    for (const { subject, body, reply, headers } of messages) {
      try {
        // publish() calls nothing of the headers but encode().
        connection.publish(subject, body, { reply, headers: (headers ?? undefined) as never });
      } catch {
        // Over the server's max_payload (`parley doctor` says so), or closed: nothing was sent, and the others go on.
        failUnsent(reply);
      }
    }
    window.written();
  }

  return (message) => {
    if (queued.length === 0) setImmediate(write);
    const { subject, body, headers } = message;
    window.add(body.length + (headers?.length ?? 0) + 2 * subject.length + frameBytes);
    queued.push(message);
  };
}
