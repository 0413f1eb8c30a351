/** The LiveFeed port over core NATS: `live.>`, `pulse.>` and `inbox.>`. */
import type { NatsConnection } from '@nats-io/transport-node';
import type { LogEntry } from '../../domain/event.ts';
import type { LiveEntry, LiveFeed, PulseKind } from '../../ports/live-feed.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Nats } from './connections/connection.ts';
import { headerNames, readEntry, traceparentIn } from './log/entry-headers.ts';
import type { Streams } from './streams/streams.ts';
import { inboxSubject, liveSubject, pulseSubject } from './subjects.ts';

/** With `streams`, one that was made anew without a loss of the connection counts as a reconnect: nothing known of it holds. */
export function openLiveFeed(nats: Nats, log: Logger, streams?: Pick<Streams, 'onMadeAnew'>): LiveFeed {
  const { connection } = nats;
  return {
    get isConnected() {
      return nats.isConnected();
    },

    follow: (ref, onEntry) =>
      subscribe(connection, liveSubject(ref), (message) => {
        guard(log, () => onEntry(new LiveMessage(message)));
      }),

    followPulses: (ref, onPulse) =>
      subscribe(connection, pulseSubject(ref, '*'), (message) => {
        const kind = message.subject.slice(message.subject.lastIndexOf('.') + 1) as PulseKind;
        guard(log, () => onPulse(kind, message.data));
      }),

    publishPulse(ref, kind, body) {
      // Whoever types will go on typing: what is committed goes first.
      if (nats.requester.isFull) return;
      nats.requester.send(pulseSubject(ref, kind), Buffer.from(JSON.stringify(body)), null);
    },

    followInbox: (tenant, principal, onNote) =>
      subscribe(connection, inboxSubject(tenant, principal, '*'), (message) => {
        const kind = message.subject.slice(message.subject.lastIndexOf('.') + 1);
        guard(log, () => onNote(kind, message.json()));
      }),

    publishInbox(tenant, principal, kind, body) {
      nats.requester.send(inboxSubject(tenant, principal, kind), Buffer.from(JSON.stringify(body)), null);
    },

    onReconnect(run) {
      nats.onReconnect(run);
      streams?.onMadeAnew(run);
    },
  };
}

/** Headers and body are parsed only when asked for: most entries are known from their own append. */
class LiveMessage implements LiveEntry {
  readonly position: number;
  readonly bytes: Uint8Array;
  readonly #message: Message;

  constructor(message: Message) {
    this.#message = message;
    this.bytes = message.data;
    this.position = positionIn(this.bytes) ?? this.decode().event.position;
  }

  get isSealed(): boolean {
    return endsSealed(this.bytes);
  }

  get traceparent(): string | null {
    return traceparentIn(this.#message.headers);
  }

  isEvent(id: string): boolean {
    for (let i = 0; i < id.length; i += 1) if (this.bytes[idAt + i] !== id.charCodeAt(i)) return false;
    return this.bytes[idAt + id.length] === quote;
  }

  decode(): LogEntry {
    const { headers } = this.#message;
    return readEntry(this.bytes, headers, Number(headers?.get(headerNames.sequence) ?? 0));
  }
}

/** Where the digits begin when both ids are UUIDs, which is how nodes write events (new-events.ts). */
const idAt = '{"v":1,"id":"'.length;
const quote = '"'.charCodeAt(0);
const marker = Buffer.from('","position":');
const markerAt = '{"v":1,"id":"'.length + 36 + '","conversation":"'.length + 36;
const [zero, nine] = [48, 57];

/** The position of an encoded event without parsing it; null when it does not stand where it should. */
function positionIn(bytes: Uint8Array): number | null {
  for (let i = 0; i < marker.length; i += 1) if (bytes[markerAt + i] !== marker[i]) return null;
  let position = 0;
  for (let at = markerAt + marker.length; ; at += 1) {
    const digit = bytes[at] ?? 0;
    if (digit < zero || digit > nine) return position > 0 ? position : null;
    position = position * 10 + digit - zero;
  }
}

const dot = '.'.charCodeAt(0);
const brace = '}'.charCodeAt(0);
/** A sealed text is the last field of the last object, and ends in a dot and the 22 characters of its tag. */
const dotFromEnd = 22 + '"}}'.length + 1;

function endsSealed(bytes: Uint8Array): boolean {
  const { length } = bytes;
  return bytes[length - dotFromEnd] === dot && bytes[length - 3] === quote && bytes[length - 2] === brace;
}

type Message = Parameters<
  NonNullable<NonNullable<Parameters<NatsConnection['subscribe']>[1]>['callback']>
>[1];

function subscribe(
  connection: NatsConnection,
  subject: string,
  onMessage: (message: Message) => void,
): () => void {
  const subscription = connection.subscribe(subject, {
    callback: (error, message) => {
      if (error === null || message !== undefined) onMessage(message);
    },
  });
  return () => {
    if (!connection.isClosed()) subscription.unsubscribe();
  };
}

/** What one message breaks must not break the connection's read loop. */
function guard(log: Logger, run: () => void): void {
  try {
    run();
  } catch (error) {
    log.error({ error }, 'A live message could not be taken');
  }
}
