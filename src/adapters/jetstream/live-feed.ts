/** The LiveFeed port over core NATS: `live.>`, `pulse.>` and `inbox.>`. */
import type { NatsConnection } from '@nats-io/transport-node';
import type { LiveEntry, LiveFeed, PulseKind } from '../../ports/live-feed.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Nats } from './connection.ts';
import { headerNames, readEntry } from './entry-headers.ts';
import { inboxSubject, liveSubject, pulseSubject } from './subjects.ts';

export function openLiveFeed(nats: Nats, log: Logger): LiveFeed {
  const { connection } = nats;
  return {
    get isConnected() {
      return nats.isConnected();
    },

    follow: (ref, onEntry) =>
      subscribe(connection, liveSubject(ref), (message) => {
        const logSeq = Number(message.headers?.get(headerNames.sequence) ?? 0);
        const bytes = message.data;
        const entry: LiveEntry = { logSeq, bytes, decode: () => readEntry(bytes, message.headers, logSeq) };
        guard(log, () => onEntry(entry));
      }),

    followPulses: (ref, onPulse) =>
      subscribe(connection, pulseSubject(ref, '*'), (message) => {
        const kind = message.subject.slice(message.subject.lastIndexOf('.') + 1) as PulseKind;
        guard(log, () => onPulse(kind, message.data));
      }),

    publishPulse(ref, kind, body) {
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

    onReconnect: (run) => nats.onReconnect(run),
  };
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
