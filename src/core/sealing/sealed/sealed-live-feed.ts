/** The live feed as the core sees it: sealed events and chunks of drafts are opened. */
import type { ConversationRef, LogEntry } from '../../../domain/event.ts';
import { Problem } from '../../../domain/problem.ts';
import type { LiveEntry, LiveFeed, PulseKind } from '../../../ports/live-feed.ts';
import { sealedTextOf } from '../event-texts.ts';
import { InOrder, type OrderWorld } from '../in-order.ts';
import type { Opener, Sealer } from '../sealer.ts';
import { endsSealed, openPulse } from './sealed-drafts.ts';

interface ReceivedPulse {
  readonly kind: PulseKind;
  readonly body: Uint8Array;
}

export function sealedLiveFeed(live: LiveFeed, sealer: Sealer, world: OrderWorld): LiveFeed {
  return {
    get isConnected() {
      return live.isConnected;
    },

    follow(ref, onEntry) {
      const order = new InOrder<LiveEntry>(world, (entry) => openEntry(sealer, ref, entry), onEntry);
      return stopping(
        order,
        live.follow(ref, (entry) => order.take(entry)),
      );
    },

    followPulses(ref, onPulse) {
      const open = (pulse: ReceivedPulse) =>
        pulse.kind === 'delta' && endsSealed(pulse.body) ? openDelta(sealer, ref, pulse) : pulse;
      const order = new InOrder<ReceivedPulse>(world, open, ({ kind, body }) => onPulse(kind, body));
      return stopping(
        order,
        live.followPulses(ref, (kind, body) => order.take({ kind, body })),
      );
    },

    publishPulse: (ref, kind, body) => live.publishPulse(ref, kind, body),
    followInbox: (tenant, principal, onNote) => live.followInbox(tenant, principal, onNote),
    publishInbox: (tenant, principal, kind, body) => live.publishInbox(tenant, principal, kind, body),
    onReconnect: (run) => live.onReconnect(run),
  };
}

function stopping(order: { isStopped: boolean }, stop: () => void): () => void {
  return () => {
    order.isStopped = true;
    stop();
  };
}

function openEntry(
  sealer: Sealer,
  ref: ConversationRef,
  entry: LiveEntry,
): LiveEntry | Problem | Promise<LiveEntry | Problem> {
  if (!entry.isSealed) return entry;
  const sealed = sealedTextOf(entry.decode().event);
  // The bytes only looked as if they ended in a sealed text.
  if (sealed === null) return entry;
  const opener = sealer.opener(ref, [sealed]);
  const use = (found: Opener | Problem) => (found instanceof Problem ? found : new OpenedEntry(entry, found));
  return opener instanceof Promise ? opener.then(use) : use(opener);
}

async function openDelta(
  sealer: Sealer,
  ref: ConversationRef,
  { kind, body }: ReceivedPulse,
): Promise<ReceivedPulse | Problem> {
  const opened = await openPulse(sealer, ref, body);
  return opened instanceof Problem ? opened : { kind, body: opened };
}

/** A sealed event whose key is in memory: opened when somebody asks for it. */
class OpenedEntry implements LiveEntry {
  readonly isSealed = false;
  readonly #inner: LiveEntry;
  readonly #opener: Opener;
  #decoded: LogEntry | null = null;

  constructor(inner: LiveEntry, opener: Opener) {
    this.#inner = inner;
    this.#opener = opener;
  }

  get position(): number {
    return this.#inner.position;
  }

  /** As if it had never been sealed: what sockets are sent. */
  get bytes(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify(this.decode().event));
  }

  get traceparent(): string | null {
    return this.#inner.traceparent;
  }

  isEvent(id: string): boolean {
    return this.#inner.isEvent(id);
  }

  decode(): LogEntry {
    if (this.#decoded === null) {
      const entry = this.#inner.decode();
      this.#decoded = { ...entry, event: this.#opener.event(entry.event) };
    }
    return this.#decoded;
  }
}
