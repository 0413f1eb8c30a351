/**
 * How the endpoints of this node fare. A success is written down once a minute, a failure always, and when the one
 * becomes the other: so an endpoint that works costs Postgres nothing. What is written of one endpoint is written in
 * the order in which it happened.
 */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { WebhookRef } from '../../domain/webhook.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StoredWebhook, WebhookStore } from '../../ports/webhooks/webhook-store.ts';
import type { Failed } from './attempt.ts';

interface Note {
  failingSince: Micros | null;
  /** As it was written last; undefined: that did not work. */
  written: Micros | null | undefined;
  /** When a success was written down. */
  notedAt: Micros;
  /** What is being written. */
  turn: Promise<void>;
}

interface Deps {
  readonly store: Pick<WebhookStore, 'change' | 'noteSuccess' | 'noteFailure'>;
  readonly clock: Pick<Clock, 'nowMicros'>;
}

export class EndpointNotes {
  readonly #deps: Deps;
  /** Of the endpoints that are consumed here. */
  readonly #notes = new Map<string, Note>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  isFailing({ id }: WebhookRef): boolean {
    const since = this.#notes.get(id)?.failingSince ?? null;
    return since !== null;
  }

  async succeeded(webhook: StoredWebhook): Promise<void> {
    const { store, clock } = this.#deps;
    const note = this.#noteOf(webhook);
    const now = clock.nowMicros();
    note.failingSince = null;
    const isOld = now - note.notedAt >= limits.webhookSuccessNotedMs * 1_000;
    if (note.written === null && !isOld) return;
    note.notedAt = now;
    await this.#write(webhook, note, async () => void (await store.noteSuccess(webhook, now)));
  }

  /** For how many milliseconds nothing was delivered. */
  async failed(webhook: StoredWebhook, { status, reason }: Failed): Promise<number> {
    const { store, clock } = this.#deps;
    const note = this.#noteOf(webhook);
    const now = clock.nowMicros();
    const since = note.failingSince ?? now;
    note.failingSince = since;
    const failure = { at: now, status, reason };
    await this.#write(webhook, note, async () => void (await store.noteFailure(webhook, failure)));
    return (now - since) / 1_000;
  }

  /** It is not consumed here any more, or begins anew. */
  forget({ id }: WebhookRef): void {
    this.#notes.delete(id);
  }

  /** After `first`, since when it fails, unless that is written already. */
  #write(webhook: StoredWebhook, note: Note, first: () => Promise<void>): Promise<void> {
    note.turn = note.turn.then(async () => {
      await first();
      const { failingSince } = note;
      if (note.written === failingSince) return;
      const done = await this.#deps.store.change(webhook, { failingSince }, null);
      note.written = done instanceof Problem ? undefined : failingSince;
    });
    return note.turn;
  }

  #noteOf({ id, failingSince }: StoredWebhook): Note {
    const known = this.#notes.get(id);
    if (known !== undefined) return known;
    const note: Note = { failingSince, written: failingSince, notedAt: 0, turn: Promise.resolve() };
    this.#notes.set(id, note);
    return note;
  }
}
