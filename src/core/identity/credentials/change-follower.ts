/**
 * What every node must forget, and when: reads the changes that Postgres recorded, twice a second
 * and at once when a node says that there are some. So a revocation is effective within a second
 * even if no node said anything, and each change is applied exactly once.
 *
 *   idle --now(), timer--> reading --read--> idle, or reading again when asked meanwhile
 *
 * With Postgres away nothing can be revoked; what was verified goes on until it expires. A node that alone
 * is cut off from Postgres does the same, and catches up when it is back (decisions/0008).
 */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { IdentityChange, IdentityChangeFeed } from '../../../ports/identity/identity-store.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { NodeLink } from '../../../ports/node-link.ts';

/** The announcement between nodes: read now. It says no more, so a lost or repeated one does no harm. */
export const identityAnnouncement = 'identity.changed';

export interface ChangeFollowerDeps {
  readonly feed: IdentityChangeFeed;
  readonly link: NodeLink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly apply: (changes: readonly IdentityChange[]) => void;
  /** It was away for longer than changes are kept: nothing verified before counts any more. */
  readonly forgetAll: () => void;
}

export class ChangeFollower {
  readonly #deps: ChangeFollowerDeps;
  #reading: Promise<void> | null = null;
  #again: Promise<void> | null = null;
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;
  #isAway = false;
  #lastReadMs = 0;
  /** Goes up with each batch of changes: a look-up that began before may be stale. */
  #generation = 0;

  constructor(deps: ChangeFollowerDeps) {
    this.#deps = deps;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Finds the present end of the changes; rejects when Postgres is away. */
  async open(): Promise<void> {
    const first = await this.#deps.feed.next();
    if (first instanceof Problem) throw new Error(`The changes of identities cannot be read: ${first.code}`);
    this.#lastReadMs = this.#deps.clock.monotonicMs();
    this.#deps.link.onTell(identityAnnouncement, () => void this.now());
    this.#schedule();
  }

  /** Tells every node, and resolves when this one has applied what was committed before the call. */
  async announce(): Promise<void> {
    this.#deps.link.tell(identityAnnouncement, {});
    await this.now();
  }

  /** Resolves after a reading that began after the call. Calls at once share it. */
  now(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    if (this.#reading === null) return this.#start();
    this.#again ??= this.#reading.then(() => {
      this.#again = null;
      return this.#start();
    });
    return this.#again;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#reading;
  }

  #start(): Promise<void> {
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    if (this.#isClosed) return;
    const { feed, clock, log, apply, forgetAll } = this.#deps;
    const changes = await feed.next();
    if (changes instanceof Problem) {
      if (!this.#isAway) log.warn({ code: changes.code }, 'Changes of identities cannot be read now');
      this.#isAway = true;
      return;
    }
    const awayMs = clock.monotonicMs() - this.#lastReadMs;
    this.#lastReadMs = clock.monotonicMs();
    if (this.#isAway) log.info({ away_ms: awayMs }, 'Changes of identities are read again');
    this.#isAway = false;
    if (awayMs > (limits.identityChangesKeptSec * 1000) / 2) {
      this.#generation += 1;
      forgetAll();
    }
    if (changes.length === 0) return;
    this.#generation += 1;
    apply(changes);
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#deps.clock.after(limits.identityPollMs, () => {
      void this.now().then(() => this.#schedule());
    });
  }
}
