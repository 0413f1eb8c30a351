import { bounds } from '../bounds.ts';
import type { Event } from '../wire.ts';
import type { NatsConnection } from './connection.ts';
import { type LiveFilter, liveSubject } from './subjects.ts';

export interface LiveOptions {
  /** Conversations with the position after which they go on. */
  readonly positions?: Readonly<Record<string, number>>;
  /** Ends the following. */
  readonly signal?: AbortSignal;
}

interface History {
  events(conversation: string, after: number): AsyncIterable<Event>;
}

/** See ParleyNats.follow. */
export async function* followLive(
  nats: NatsConnection,
  history: History,
  filter: LiveFilter,
  { positions, signal }: LiveOptions,
): AsyncGenerator<Event, void, undefined> {
  const known = new Map<string, number>(Object.entries(positions ?? {}));
  const subscription = nats.subscribe(liveSubject(filter));
  const missed = new Set<string>(known.keys());
  const stop = (): void => subscription.unsubscribe();
  signal?.addEventListener('abort', stop, { once: true });
  let wake: () => void = () => undefined;
  const watching = watch(nats, () => {
    for (const conversation of known.keys()) missed.add(conversation);
    wake();
  });

  async function* upTo(conversation: string, end: number): AsyncGenerator<Event, void, undefined> {
    for await (const event of history.events(conversation, known.get(conversation) ?? 0)) {
      if (event.position > end) return;
      remember(known, event);
      yield event;
    }
  }

  try {
    if (signal?.aborted === true) return;
    const messages = subscription[Symbol.asyncIterator]();
    for (let message = messages.next(); ; ) {
      const woken = new Promise<null>((resolve) => (wake = () => resolve(null)));
      for (const conversation of missed) {
        missed.delete(conversation);
        yield* upTo(conversation, Number.POSITIVE_INFINITY);
      }
      const result = await Promise.race([message, woken]);
      if (result === null) continue;
      if (result.done === true) return;
      message = messages.next();
      const event = JSON.parse(new TextDecoder().decode(result.value.data)) as Event;
      const last = known.get(event.conversation) ?? null;
      const isAll = filter.kind === undefined;
      if (isAll && last !== null && event.position <= last) continue;
      if (isAll && last !== null && event.position > last + 1)
        yield* upTo(event.conversation, event.position - 1);
      if (isAll) remember(known, event);
      yield event;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    subscription.unsubscribe();
    watching.end();
  }
}

function remember(known: Map<string, number>, { conversation, position }: Event): void {
  known.delete(conversation);
  known.set(conversation, position);
  const oldest = known.size > bounds.livePositionsMax ? known.keys().next().value : undefined;
  if (oldest !== undefined) known.delete(oldest);
}

/** After a reconnect the server has sent things that nobody was there for. */
function watch(nats: NatsConnection, onReconnect: () => void): { end(): void } {
  const statuses = nats.status()[Symbol.asyncIterator]();
  let isOver = false;
  const next = async (): Promise<void> => {
    for (;;) {
      const { value, done } = await statuses.next();
      if (done === true || isOver) return;
      if (value.type === 'reconnect') onReconnect();
    }
  };
  next().catch(() => undefined);
  return {
    end() {
      isOver = true;
      void statuses.return?.();
    },
  };
}
