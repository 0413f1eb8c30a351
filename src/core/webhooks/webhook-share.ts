/**
 * Which endpoints this process consumes. The server gives each to one of those who ask, and leaves it there: without a
 * rule every process asks for all of them, and the one that started first delivers everything. So all say every 1.5
 * seconds that they are there, and an endpoint is for the one whose id scores highest with its own: who comes takes its
 * share of each other one, who leaves leaves it to all. Safety never depends on it: when views differ, two ask for a
 * moment or nobody does, and the server still chooses one.
 *
 *   not heard of -> answered -> counted once it knows the endpoints -> not any more when it leaves, or is silent for 5 s
 */
import type { NodeId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { WebhookRef } from '../../domain/webhook.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NodeLink } from '../../ports/node-link.ts';

const hereKind = 'webhooks.here';

interface Said {
  readonly node: NodeId;
  /** It knows the endpoints: who could not read them yet delivers nothing. */
  readonly isReady: boolean;
  readonly isLeaving: boolean;
}

export interface WebhookShareOptions {
  readonly link: Pick<NodeLink, 'node' | 'tell' | 'onTell'>;
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>;
  /** Called whenever `isMine()` may have changed. */
  readonly onChange: () => void;
}

export class WebhookShare {
  readonly #options: WebhookShareOptions;
  readonly #others = new Map<NodeId, { readonly heardMs: number; readonly isReady: boolean }>();
  #cancel: () => void = () => undefined;
  #isReady = false;
  #isClosed = false;

  /** Speaks at once, so that the others answer before the first endpoint is opened. */
  constructor(options: WebhookShareOptions) {
    this.#options = options;
    options.link.onTell(hereKind, (said) => this.#hear(said));
    this.#tick();
  }

  /** All of them, for who is alone. */
  isMine({ id }: Pick<WebhookRef, 'id'>): boolean {
    const own = this.#options.link.node;
    const score = scoreOf(own, id);
    for (const [node, { isReady }] of this.#others) {
      if (!isReady) continue;
      const other = scoreOf(node, id);
      if (other > score || (other === score && node > own)) return false;
    }
    return true;
  }

  /** The endpoints are known here: the others leave us our share. */
  ready(): void {
    if (this.#isReady || this.#isClosed) return;
    this.#isReady = true;
    this.#say(false);
  }

  /** The others take it over. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancel();
    this.#say(true);
  }

  #tick(): void {
    const { clock, onChange } = this.#options;
    const nowMs = clock.monotonicMs();
    const silent = [...this.#others].filter(([, { heardMs }]) => nowMs - heardMs > limits.projectorSilentMs);
    for (const [node] of silent) this.#others.delete(node);
    this.#say(false);
    if (silent.length > 0) onChange();
    this.#cancel = clock.after(limits.projectorHereMs, () => this.#tick());
  }

  #say(isLeaving: boolean): void {
    const { link } = this.#options;
    link.tell(hereKind, { node: link.node, isReady: this.#isReady, isLeaving } satisfies Said);
  }

  #hear(body: unknown): void {
    const { node, isReady, isLeaving } = (body ?? {}) as Partial<Said>;
    const { link, clock, onChange } = this.#options;
    if (this.#isClosed || typeof node !== 'string' || node === link.node) return;
    const known = this.#others.get(node);
    if (isLeaving === true) {
      if (this.#others.delete(node)) onChange();
      return;
    }
    if (known === undefined && this.#others.size >= limits.projectorsKnownMax) return;
    const heard = { heardMs: clock.monotonicMs(), isReady: isReady === true };
    this.#others.set(node, heard);
    if (known === undefined) this.#say(false); // it has not heard of us either
    if ((known?.isReady ?? false) !== heard.isReady) onChange();
  }
}

/** FNV-1a over both, then mixed so that ids which differ little score nothing alike. */
function scoreOf(node: NodeId, id: string): number {
  let hash = 0x811c9dc5;
  const text = `${node} ${id}`;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
