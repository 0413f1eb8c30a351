/**
 * Guessing a password is slow: ten wrong ones for one address of mail from one network address, within fifteen
 * minutes, and further ones are refused without being looked at, right ones, too (an answer that depends on
 * the password would be worth guessing for). Somebody else's guesses from somewhere else do not count, so nobody
 * is locked out by strangers. Known and unknown addresses of mail are counted alike.
 *
 * Nodes tell each other of failures; what is told may get lost, then a node counts only its own. Each counts on its
 * monotonic clock from when it heard of one: a wall clock that is set forgives nobody, and locks nobody out for longer.
 */

import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { TokenSecrets } from '../../../ports/identity/token-secrets.ts';
import type { NodeLink } from '../../../ports/node-link.ts';

const announcement = 'login.outcome';
const windowMs = limits.loginFailuresWindowSec * 1_000;

/** What a node tells the others: no address, only its digest. */
interface Told {
  readonly node: string;
  readonly key: string;
  /** Null: it went well, and former failures are forgotten. Else any number: what it says is not heeded. */
  readonly failedAt: number | null;
}

interface Attempts {
  /** When each was heard of, monotonic milliseconds; oldest first, at most limits.loginFailuresMax. */
  failures: number[];
  inFlight: number;
  /** Who waits for the outcome of one in flight, because it may be the last that is allowed. */
  readonly waiting: (() => void)[];
}

export interface ThrottleDeps {
  readonly clock: Clock;
  readonly link: NodeLink;
  readonly secrets: TokenSecrets;
}

/** Whose password is tried, and from where. */
export interface Attempt {
  /** As it is compared (canonicalEmail). */
  readonly email: string;
  /** Null: from nowhere, so nothing is counted. */
  readonly address: string | null;
}

export class LoginThrottle {
  readonly #deps: ThrottleDeps;
  readonly #isOn: boolean;
  /** Least lately failed first. */
  readonly #attempts = new Map<string, Attempts>();
  #waiting = 0;

  constructor(deps: ThrottleDeps, isOn: boolean) {
    this.#deps = deps;
    this.#isOn = isOn;
    if (isOn) deps.link.onTell(announcement, (body) => this.#hear(body as Told));
  }

  /**
   * Runs `verify` unless too many failed before: then `rate_limited` with the time until one more is allowed.
   * `onLocked` runs with the failure that is one too many.
   */
  async run(
    attempt: Attempt,
    verify: () => Promise<boolean | Problem>,
    onLocked: () => Promise<void>,
  ): Promise<boolean | Problem> {
    if (!this.#isOn || attempt.address === null) return verify();
    const key = this.#keyOf(attempt.email, attempt.address);
    const attempts = this.#attemptsOf(key);
    const refused = await this.#admit(attempts);
    if (refused !== null) return refused;
    let outcome: boolean | Problem | null = null;
    try {
      outcome = await verify();
    } finally {
      attempts.inFlight -= 1;
      if (typeof outcome === 'boolean') this.#settle(key, attempts, outcome);
      this.#forgetIfIdle(key, attempts);
      for (const wake of attempts.waiting.splice(0)) wake();
    }
    if (outcome === false && attempts.failures.length >= limits.loginFailuresMax) await onLocked();
    return outcome;
  }

  /** Null: one more may be tried, and is in flight now. Those in flight may all fail, so nobody goes beyond them before they ended. */
  async #admit(attempts: Attempts): Promise<Problem | null> {
    for (;;) {
      const nowMs = this.#deps.clock.monotonicMs();
      attempts.failures = attempts.failures.filter((atMs) => atMs > nowMs - windowMs);
      const [oldest] = attempts.failures;
      if (oldest !== undefined && attempts.failures.length >= limits.loginFailuresMax) {
        return new Problem('rate_limited', 'Too many failed logins; wait before the next one.', {
          reason: 'too_many_failures',
          retryAfterMs: Math.ceil(oldest + windowMs - nowMs),
        });
      }
      if (attempts.failures.length + attempts.inFlight < limits.loginFailuresMax) {
        // Counted in this very turn: hundred others may ask in the same one.
        attempts.inFlight += 1;
        return null;
      }
      if (this.#waiting >= limits.loginsWaitingMax) return overloaded('logins', 'Too many logins at once.');
      this.#waiting += 1;
      await new Promise<void>((resolve) => attempts.waiting.push(resolve));
      this.#waiting -= 1;
    }
  }

  #settle(key: string, attempts: Attempts, isRight: boolean): void {
    const { clock, link } = this.#deps;
    // A login without failures before it is nobody's news.
    if (isRight && attempts.failures.length === 0) return;
    this.#note(key, attempts, isRight);
    const failedAt = isRight ? null : clock.monotonicMs();
    link.tell(announcement, { node: link.node, key, failedAt } satisfies Told);
  }

  #hear({ node, key, failedAt }: Told): void {
    if (node === this.#deps.link.node) return;
    if (failedAt === null && !this.#attempts.has(key)) return;
    const attempts = this.#attemptsOf(key);
    this.#note(key, attempts, failedAt === null);
    this.#forgetIfIdle(key, attempts);
  }

  #note(key: string, attempts: Attempts, isRight: boolean): void {
    const nowMs = this.#deps.clock.monotonicMs();
    attempts.failures = isRight ? [] : [...attempts.failures, nowMs].slice(-limits.loginFailuresMax);
    // The one that failed last goes last.
    this.#attempts.delete(key);
    this.#attempts.set(key, attempts);
  }

  #attemptsOf(key: string): Attempts {
    const known = this.#attempts.get(key);
    if (known !== undefined) return known;
    if (this.#attempts.size >= limits.loginAttemptsTrackedMax) this.#forgetOne();
    const fresh: Attempts = { failures: [], inFlight: 0, waiting: [] };
    this.#attempts.set(key, fresh);
    return fresh;
  }

  #forgetOne(): void {
    for (const [key, { inFlight }] of this.#attempts) {
      if (inFlight > 0) continue;
      this.#attempts.delete(key);
      return;
    }
  }

  #forgetIfIdle(key: string, { failures, inFlight, waiting }: Attempts): void {
    if (failures.length + inFlight + waiting.length === 0) this.#attempts.delete(key);
  }

  #keyOf(email: string, address: string): string {
    const { secrets } = this.#deps;
    return String.fromCharCode(...secrets.digest(`${address} ${email}`));
  }
}
