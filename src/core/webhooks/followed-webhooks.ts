/**
 * Which endpoints there are: every node looks now and then, and at once when a node says that something changed. It
 * consumes those that are active and of its share; nats-server gives each to one of those who do.
 *
 *   not there -> consumed <-> paused, disabled, or another's: not consumed -> removed: what waits for it is dropped
 */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { WebhookRef } from '../../domain/webhook.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { TakenDelivery, WebhookFeed } from '../../ports/webhooks/webhook-deliveries.ts';
import type { PresentWebhook, StoredWebhook, WebhookStore } from '../../ports/webhooks/webhook-store.ts';
import { WebhookShare } from './webhook-share.ts';

export const webhooksChanged = 'webhooks.changed';

interface Deps {
  readonly store: Pick<WebhookStore, 'present' | 'find'>;
  readonly feed: Pick<WebhookFeed, 'consume' | 'forget'>;
  readonly link: Pick<NodeLink, 'node' | 'tell' | 'onTell'>;
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly logger: Logger;
  readonly take: (taken: TakenDelivery) => Promise<number | null>;
  /** It is not consumed here any more. */
  readonly onClosed: (webhook: WebhookRef) => void;
}

interface Followed {
  readonly ref: WebhookRef;
  record: StoredWebhook | null;
  consumer: { close(graceMs: number): Promise<void> } | null;
}

export class FollowedWebhooks {
  readonly #deps: Deps;
  readonly #share: WebhookShare;
  /** Bounded by limits.webhooksMax. */
  readonly #followed = new Map<string, Followed>();
  #cancel: () => void = () => undefined;
  #isClosed = false;
  /** Consumers whose last requests are under way. */
  readonly #closing = new Set<Promise<void>>();
  #turn: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    const { link, clock } = deps;
    this.#share = new WebhookShare({ link, clock, onChange: () => void this.look() });
    deps.link.onTell(webhooksChanged, () => void this.look());
    this.#tick();
  }

  /** As it was read last; null unless it is active. */
  find = ({ id }: WebhookRef): StoredWebhook | null => {
    const record = this.#followed.get(id)?.record ?? null;
    return record?.status === 'active' ? record : null;
  };

  /** Those that deliveries may wait for, of the share of this process. */
  get present(): readonly StoredWebhook[] {
    const all = [...this.#followed.values()].flatMap(({ record }) => record ?? []);
    return all.filter((webhook) => this.#share.isMine(webhook));
  }

  /** Resolves after a look that began after the call. One is enough for all who ask meanwhile. */
  look(): Promise<void> {
    this.#next ??= this.#turn.then(() => {
      this.#next = null;
      return this.#settle();
    });
    this.#turn = this.#next;
    return this.#next;
  }

  /** Gives back what waits; requests that are under way have limits.webhookDrainMs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#turn;
    this.#share.close();
    for (const one of this.#followed.values()) this.#stop(one);
    await Promise.all(this.#closing);
  }

  #tick(): void {
    if (this.#isClosed) return;
    void this.look().finally(() => {
      if (!this.#isClosed) this.#cancel = this.#deps.clock.after(limits.webhookPollMs, () => this.#tick());
    });
  }

  /** Brings what is to what should be. Never rejects. */
  async #settle(): Promise<void> {
    if (this.#isClosed) return;
    const present = await this.#deps.store.present(limits.webhooksMax * 2);
    // With Postgres away it goes on with what it knows.
    if (present instanceof Problem) return;
    const ids = new Set(present.map(({ id }) => id));
    const gone = [...this.#followed.values()].filter(({ ref }) => !ids.has(ref.id));
    await this.#each(gone, (one) => this.#leave(one));
    const changed = present.filter((one) => this.#isNews(one));
    await this.#each(changed, (one) => this.#follow(one));
    this.#share.ready();
  }

  async #each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
    for (let from = 0; from < all.length; from += limits.webhooksOpenedAtOnce) {
      await Promise.all(
        all.slice(from, from + limits.webhooksOpenedAtOnce).map((one) => this.#tried(one, work)),
      );
    }
  }

  /** What does not work now is tried again with the next look. */
  async #tried<T>(one: T, work: (one: T) => Promise<void>): Promise<void> {
    try {
      await work(one);
    } catch (error) {
      this.#deps.logger.warn({ error }, 'A webhook cannot be followed yet');
    }
  }

  #isNews(one: PresentWebhook): boolean {
    const known = this.#followed.get(one.id);
    return known?.record?.changedAt !== one.changedAt || this.#isForUs(one) !== (known.consumer !== null);
  }

  #isForUs({ id, status }: Pick<PresentWebhook, 'id' | 'status'>): boolean {
    return status === 'active' && this.#share.isMine({ id });
  }

  async #follow({ tenant, id }: PresentWebhook): Promise<void> {
    const ref = { tenant, id };
    const record = await this.#deps.store.find(ref);
    if (record === null || record instanceof Problem || this.#isClosed) return;
    const known = this.#followed.get(id);
    const followed: Followed = known ?? { ref, record, consumer: null };
    this.#followed.set(id, followed);
    const { status, url } = followed.record ?? record;
    const hasBegunAnew = status !== record.status || url !== record.url;
    followed.record = record;
    if (hasBegunAnew) this.#deps.onClosed(ref);
    if (!this.#isForUs(record)) this.#stop(followed);
    else followed.consumer ??= await this.#deps.feed.consume(ref, this.#deps.take);
  }

  async #leave(followed: Followed): Promise<void> {
    followed.record = null;
    this.#stop(followed);
    await this.#deps.feed.forget(followed.ref);
    this.#followed.delete(followed.ref.id);
  }

  /** Nobody waits for the end of its requests: a slow endpoint must not hold up the news of others. */
  #stop(followed: Followed): void {
    const { consumer, ref } = followed;
    if (consumer === null) return;
    followed.consumer = null;
    const closing = consumer
      .close(limits.webhookDrainMs)
      .catch((error: unknown) => this.#deps.logger.warn({ error }, 'A webhook could not be closed'))
      .finally(() => {
        this.#closing.delete(closing);
        this.#deps.onClosed(ref);
      });
    this.#closing.add(closing);
  }
}
