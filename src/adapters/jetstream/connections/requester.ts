/**
 * Requests without the client library's promise machinery: ONE inbox subscription, replies matched
 * by a counter, one sweep for all timeouts (82,500 publishes/s against 15,400/s, see the ADR on the
 * publisher). Used for every append and for every read of the log.
 */

import { randomBytes } from 'node:crypto';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { HeaderBlock } from '../log/entry-headers.ts';
import { openOutboundWindow } from './outbound-window.ts';
import { openPlaces } from './places.ts';

export type Answer =
  | { readonly kind: 'message'; readonly message: Msg }
  /** Nobody listens on the subject: surely not handled. */
  | { readonly kind: 'no-responders' }
  /** Not sent: the connection is down. Surely not handled. */
  | { readonly kind: 'not-sent' }
  /** Not sent: there is more under way than the server can take. Surely not handled. */
  | { readonly kind: 'overloaded' }
  /** Not sent: too many reads of many messages wait already, or this one waited too long. */
  | { readonly kind: 'no-place' }
  /** Sent, but the answer did not come: handled or not. */
  | { readonly kind: 'lost' };

/** What the answer to a request is when there is none: `overloaded` tells its author to come back. */
export function problemOf(kind: Unanswered): Problem {
  if (kind === 'overloaded') return overloaded('nats_requests');
  return kind === 'no-place' ? overloaded('log_pages') : new Problem('unavailable');
}

export interface Requester {
  /** Sends one request; never rejects. */
  request(subject: string, body: Uint8Array, headers: HeaderBlock | null, timeoutMs: number): Promise<Answer>;
  /**
   * Sends a question, which changes nothing: it is sent again each second while nobody begins to answer. Whom the servers
   * chose may hang, or lead no more, and who leads since has not heard it. Never rejects.
   */
  ask(subject: string, body: Uint8Array, timeoutMs: number): Promise<Answer>;
  /** The same for a question that many messages answer, until `isLast` says so. `lost` when they stop coming. */
  requestMany(
    subject: string,
    body: Uint8Array,
    timeoutMs: number,
    isLast: (message: Msg) => boolean,
  ): Promise<{ readonly messages: readonly Msg[]; readonly end: Answer['kind'] }>;
  /** Sends without waiting for an answer; false when the connection is down, or takes nothing at all any more. */
  send(subject: string, body: Uint8Array, headers: HeaderBlock | null): boolean;
  /** The server takes less than it is given: nothing may be added that can be refused or is volatile. */
  readonly isFull: boolean;
  /** Requests without an answer. */
  readonly pending: number;
  /** Bytes that the server did not take yet. */
  readonly outboundBytes: number;
  /** Reads of many messages that wait for their turn. */
  readonly readsWaiting: number;
  disconnected(): void;
  reconnected(): void;
  close(): void;
}

interface Pending {
  readonly deadline: number;
  /** Returns true when the request is finished. */
  readonly take: (message: Msg) => boolean;
  readonly fail: (kind: Unanswered) => void;
  /** Asks once more, at that time; null: it may change something. */
  again: { readonly atMs: number; readonly ask: () => void } | null;
}

type Unanswered = Exclude<Answer['kind'], 'message'>;

interface Outgoing {
  readonly subject: string;
  readonly body: Uint8Array;
  /** '' when no answer is expected. */
  readonly reply: string;
  readonly headers: HeaderBlock | undefined;
}

const sweepMs = 100;
/** About what the protocol adds to a message. */
const frameBytes = 64;

export function openRequester(connection: NatsConnection): Requester {
  // `_INBOX.` and not `_INBOX_x.`: that is where principals have theirs, whatever they are called.
  const prefix = `_INBOX.parley.${randomBytes(9).toString('base64url').replaceAll('-', 'A')}`;
  const pending = new Map<number, Pending>();
  const window = openOutboundWindow(() => connection.flush());
  const pages = openPlaces({
    // A slow server is asked for few pages at once: together they are what its connection carries.
    atOnceMax: () => Math.max(limits.logPagesAtOnceMin, Math.floor(limits.logPagesAtOnceMax * window.share)),
    waitingMax: limits.logPagesWaitingMax,
    waitMsMax: limits.logReadTimeoutMs,
  });
  let counter = 0;
  let isUp = true;

  const subscription = connection.subscribe(`${prefix}.*`, {
    callback: (error, message) => {
      if (error !== null && message === undefined) return;
      const id = Number.parseInt(message.subject.slice(prefix.length + 1), 36);
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

  const hasTooMuch = (): boolean => pending.size >= limits.natsRequestsPendingMax || window.isBursting;

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

  /**
   * What one turn of the loop brings (the frames of many sockets) leaves in one write: the client by
   * itself writes once for each socket that was read, and a system call is dearer than all our work.
   */
  let outgoing: Outgoing[] = [];
  function write(): void {
    const messages = outgoing;
    outgoing = [];
    if (!isUp) return;
    for (const { subject, body, reply, headers } of messages) {
      try {
        // publish() calls nothing of the headers but encode().
        connection.publish(subject, body, { reply, headers: headers as never });
      } catch {
        // Over the server's max_payload (`parley doctor` says so), or closed: nothing was sent, and the others go on.
        failUnsent(reply);
      }
    }
    window.written();
  }
  function failUnsent(reply: string): void {
    const id = Number.parseInt(reply.slice(prefix.length + 1), 36);
    const one = pending.get(id);
    pending.delete(id);
    one?.fail('not-sent');
  }
  function queue(subject: string, body: Uint8Array, headers: HeaderBlock | null, reply: string): void {
    if (outgoing.length === 0) setImmediate(write);
    window.add(body.length + (headers?.length ?? 0) + 2 * subject.length + frameBytes);
    outgoing.push({ subject, body, reply, headers: headers ?? undefined });
  }

  /** Answers the number by which `one` is pending. */
  function begin(subject: string, body: Uint8Array, headers: HeaderBlock | null, one: Pending): number {
    counter += 1;
    pending.set(counter, one);
    queue(subject, body, headers, `${prefix}.${counter.toString(36)}`);
    return counter;
  }

  function askAgain(one: Pending, now: number): void {
    const { again } = one;
    // A server that is slow would be so for longer.
    if (again === null || again.atMs > now || window.isFull || hasTooMuch()) return;
    one.again = null;
    again.ask();
  }

  /** `listen` makes what hears one answer: null while there is more to come. The first whole answer counts. */
  function askUntilHeard<T>(
    question: { readonly subject: string; readonly body: Uint8Array; readonly timeoutMs: number },
    listen: () => (message: Msg) => T | null,
  ): Promise<T | Unanswered> {
    const { subject, body, timeoutMs } = question;
    const deadline = performance.now() + timeoutMs;
    const open = new Set<number>();
    let isHeard = false;
    return new Promise((resolve) => {
      const send = (): void => {
        if (isHeard) return;
        const hear = listen();
        const id = begin(subject, body, null, {
          deadline,
          again: { atMs: performance.now() + limits.logAskAgainMs, ask: send },
          take(message) {
            isHeard = true;
            const answer = hear(message);
            if (answer === null) return false;
            for (const one of open) pending.delete(one);
            resolve(answer);
            return true;
          },
          fail(kind) {
            open.delete(id);
            if (open.size === 0) resolve(kind);
          },
        });
        open.add(id);
      };
      send();
    });
  }

  async function gather(
    subject: string,
    body: Uint8Array,
    timeoutMs: number,
    isLast: (message: Msg) => boolean,
  ): ReturnType<Requester['requestMany']> {
    const answer = await askUntilHeard({ subject, body, timeoutMs }, () => {
      const messages: Msg[] = [];
      return (message) => {
        messages.push(message);
        const isDone = isLast(message);
        if (!isDone && messages.length <= limits.logReadPageMax + 1) return null;
        // More than was asked for: what was cut off must not pass for all there is.
        return { messages, end: isDone ? ('message' as const) : ('lost' as const) };
      };
    });
    return typeof answer === 'string' ? { messages: [], end: answer } : answer;
  }

  return {
    get isFull() {
      return window.isFull;
    },
    get pending() {
      return pending.size;
    },
    get outboundBytes() {
      return window.bytes;
    },
    get readsWaiting() {
      return pages.waiting;
    },
    request(subject, body, headers, timeoutMs) {
      if (!isUp) return Promise.resolve({ kind: 'not-sent' });
      if (hasTooMuch()) return Promise.resolve({ kind: 'overloaded' });
      return new Promise((resolve) => {
        begin(subject, body, headers, {
          deadline: performance.now() + timeoutMs,
          take: (message) => {
            resolve({ kind: 'message', message });
            return true;
          },
          fail: (kind) => resolve({ kind }),
          again: null,
        });
      });
    },
    async ask(subject, body, timeoutMs) {
      if (!isUp) return { kind: 'not-sent' };
      if (hasTooMuch()) return { kind: 'overloaded' };
      const answer = await askUntilHeard({ subject, body, timeoutMs }, () => (message) => message);
      return typeof answer === 'string' ? { kind: answer } : { kind: 'message', message: answer };
    },
    async requestMany(subject, body, timeoutMs, isLast) {
      if (!(await pages.enter())) return { messages: [], end: 'no-place' };
      try {
        if (!isUp) return { messages: [], end: 'not-sent' };
        if (hasTooMuch() || window.isStalled) return { messages: [], end: 'overloaded' };
        return await gather(subject, body, timeoutMs, isLast);
      } finally {
        pages.leave();
      }
    },
    send(subject, body, headers) {
      if (!isUp || window.isBursting) return false;
      queue(subject, body, headers, '');
      return true;
    },
    disconnected() {
      isUp = false;
      window.reset();
      const lost = [...pending.values()];
      pending.clear();
      for (const one of lost) one.fail('lost');
    },
    reconnected() {
      isUp = true;
    },
    close() {
      clearInterval(sweep);
      this.disconnected();
      subscription.unsubscribe();
    },
  };
}

function isNoResponders(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === 503;
}
