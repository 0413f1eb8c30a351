import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import type { PasswordHash } from '../../ports/identity/password-hash.ts';

/**
 * OWASP's first choice for Argon2id: 19 MiB, 2 passes, 1 lane; about 25 ms on one core. The whole
 * password counts (there is no 72-byte limit as with bcrypt). The library's default algorithm is Argon2id.
 */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export interface PasswordHashOptions {
  /**
   * Hashes at once. They run in libuv's pool of four threads, which signatures and files need, too, and
   * the event loop needs a core of its own. Default: cores - 1, between 1 and 3.
   */
  readonly concurrencyMax?: number;
  readonly queuedMax?: number;
}

/** Argon2id in the thread pool, so many at once and so many waiting; `overloaded` beyond that. */
export function openPasswordHash(options: PasswordHashOptions = {}): PasswordHash {
  const concurrencyMax = options.concurrencyMax ?? Math.min(3, Math.max(1, availableParallelism() - 1));
  const queuedMax = options.queuedMax ?? limits.passwordHashesQueuedMax;
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T | Problem> {
    if (running >= concurrencyMax) {
      if (waiting.length >= queuedMax) return overloaded('logins', 'Too many logins at once.');
      // Who is woken takes over the place of who woke it: `running` stays.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return {
    hash: (password) => inTurn(() => hash(password, cost)),
    verify: (stored, password) => inTurn(() => verify(stored, password).catch(() => false)),
  };
}
