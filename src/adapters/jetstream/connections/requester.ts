/**
 * Requests without the client library's promise machinery: ONE inbox subscription, replies matched
 * by a counter, one sweep for all timeouts (82,500 publishes/s against 15,400/s, see the ADR on the
 * publisher). Used for every append and for every read of the log.
 */

import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { limits } from '../../../domain/limits.ts';
import type { HeaderBlock } from '../log/entry-headers.ts';
import type { Answer, Unanswered } from './answer.ts';
import { openOutboundWindow } from './outbound-window.ts';
import { openOutgoing } from './outgoing.ts';
import { openPendingRequests, type PendingRequest } from './pending-requests.ts';
import { openPlaces } from './places.ts';

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

export function openRequester(connection: NatsConnection): Requester {
  const window = openOutboundWindow(() => connection.flush());
  const pages = openPlaces({
    // A slow server is asked for few pages at once: together they are what its connection carries.
    atOnceMax: () => Math.max(limits.logPagesAtOnceMin, Math.floor(limits.logPagesAtOnceMax * window.share)),
    waitingMax: limits.logPagesWaitingMax,
    waitMsMax: limits.logReadTimeoutMs,
  });
  let isUp = true;
  const hasTooMuch = (): boolean => pending.count >= limits.natsRequestsPendingMax || window.isBursting;
  // A server that is slow would be so for longer.
  const pending = openPendingRequests(connection, () => !window.isFull && !hasTooMuch());
  const { failUnsent } = pending;
  const queue = openOutgoing({ connection, window, isUp: () => isUp, failUnsent });

  /** Answers the number by which `one` is pending. */
  function begin(
    subject: string,
    body: Uint8Array,
    headers: HeaderBlock | null,
    one: PendingRequest,
  ): number {
    const id = pending.add(one);
    queue({ subject, body, headers, reply: pending.replyOf(id) });
    return id;
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
            for (const one of open) pending.forget(one);
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
      return pending.count;
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
      queue({ subject, body, headers, reply: '' });
      return true;
    },
    disconnected() {
      isUp = false;
      window.reset();
      pending.failAll('lost');
    },
    reconnected() {
      isUp = true;
    },
    close() {
      this.disconnected();
      pending.close();
    },
  };
}
