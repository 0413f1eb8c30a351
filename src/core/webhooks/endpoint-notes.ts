/**
 * How the endpoints of this node fare. A success is written down once a minute, a failure always, and when the one
 * becomes the other: so an endpoint that works costs Postgres nothing.
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
  /** When a success was written down. */
  notedAt: Micros;
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
    const wasFailing = note.failingSince !== null;
    if (!wasFailing && now - note.notedAt < limits.webhookSuccessNotedMs * 1_000) return;
    note.failingSince = null;
    note.notedAt = now;
    await store.noteSuccess(webhook, now);
    if (!wasFailing) return;
    const written = await store.change(webhook, { failingSince: null }, null);
    // Else the next success writes it.
    if (written instanceof Problem) note.failingSince = now;
  }

  /** For how many milliseconds nothing was delivered. */
  async failed(webhook: StoredWebhook, { status, reason }: Failed): Promise<number> {
    const { store, clock } = this.#deps;
    const note = this.#noteOf(webhook);
    const now = clock.nowMicros();
    const isNew = note.failingSince === null;
    note.failingSince ??= now;
    await store.noteFailure(webhook, { at: now, status, reason });
    if (isNew) await store.change(webhook, { failingSince: note.failingSince }, null);
    return (now - note.failingSince) / 1_000;
  }

  /** It is not consumed here any more, or begins anew. */
  forget({ id }: WebhookRef): void {
    this.#notes.delete(id);
  }

  #noteOf({ id, failingSince }: StoredWebhook): Note {
    const known = this.#notes.get(id);
    if (known !== undefined) return known;
    const note: Note = { failingSince, notedAt: 0 };
    this.#notes.set(id, note);
    return note;
  }
}
