/** Requests without an answer yet: matched by the number in their reply subject, one sweep for all their time-outs. */
import { randomBytes } from 'node:crypto';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Unanswered } from './answer.ts';

export interface PendingRequest {
  /** By performance.now(). */
  readonly deadline: number;
  /** Returns true when the request is finished. */
  readonly take: (message: Msg) => boolean;
  readonly fail: (kind: Unanswered) => void;
  /** Asks once more, at that time; null: it may change something. */
  again: { readonly atMs: number; readonly ask: () => void } | null;
}

export interface PendingRequests {
  readonly count: number;
  /** Answers the number by which it is pending from now on. */
  add(one: PendingRequest): number;
  /** Where its answer is to be sent. */
  replyOf(id: number): string;
  forget(id: number): void;
  /** A message with this reply subject ('': none) did not leave. */
  failUnsent(reply: string): void;
  failAll(kind: Unanswered): void;
  close(): void;
}

const sweepMs = 100;

/** `mayAskAgain`: is there room for a question that was asked before? */
export function openPendingRequests(
  connection: Pick<NatsConnection, 'subscribe'>,
  mayAskAgain: () => boolean,
): PendingRequests {
  // `_INBOX.` and not `_INBOX_x.`: that is where principals have theirs, whatever they are called.
  const prefix = `_INBOX.parley.${randomBytes(9).toString('base64url').replaceAll('-', 'A')}`;
  const pending = new Map<number, PendingRequest>();
  let counter = 0;

  const subscription = connection.subscribe(`${prefix}.*`, {
    callback: (error, message) => {
      if (error !== null && message === undefined) return;
      const id = numberIn(message.subject);
      const waiting = pending.get(id);
      if (waiting === undefined) return;
      if (isNoResponders(message)) {
        pending.delete(id);
        waiting.fail('no-responders');
      } else if (waiting.take(message)) {
        pending.delete(id);
      }
    },
  });

  const sweep = setInterval(() => {
    const now = performance.now();
    for (const [id, one] of pending) {
      // Not all waits are equally long, so the whole map is looked at: bounded by natsRequestsPendingMax.
      if (one.deadline > now) {
        askAgain(one, now);
        continue;
      }
      pending.delete(id);
      one.fail('lost');
    }
  }, sweepMs);
  sweep.unref();

  function numberIn(subject: string): number {
    return Number.parseInt(subject.slice(prefix.length + 1), 36);
  }

  function askAgain(one: PendingRequest, now: number): void {
    const { again } = one;
    if (again === null || again.atMs > now || !mayAskAgain()) return;
    one.again = null;
    again.ask();
  }

  return {
    get count() {
      return pending.size;
    },
    add(one) {
      counter += 1;
      pending.set(counter, one);
      return counter;
    },
    replyOf: (id) => `${prefix}.${id.toString(36)}`,
    forget: (id) => void pending.delete(id),
    failUnsent(reply) {
      const id = numberIn(reply);
      const one = pending.get(id);
      pending.delete(id);
      one?.fail('not-sent');
    },
    failAll(kind) {
      const all = [...pending.values()];
      pending.clear();
      for (const one of all) one.fail(kind);
    },
    close() {
      clearInterval(sweep);
      subscription.unsubscribe();
    },
  };
}

function isNoResponders(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === 503;
}
