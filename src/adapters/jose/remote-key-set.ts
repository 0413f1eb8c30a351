/**
 * The published keys of an external issuer. jose fetches, checks and matches; when it fetches is decided
 * here, by our clock and also after failures: keys count for a while, a strange `kid` makes them be fetched
 * again, but anybody can invent one, so only once in a cooldown.
 */
import { type CryptoKey, createRemoteJWKSet, customFetch, errors, type JWTHeaderParameters } from 'jose';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpRequests } from '../../ports/http/http-requests.ts';
import type { Logger } from '../../ports/logger.ts';

export interface RemoteKeySetOptions {
  readonly url: string;
  readonly http: HttpRequests;
  readonly clock: Clock;
  readonly log: Logger;
}

export class RemoteKeySet {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #set: ReturnType<typeof createRemoteJWKSet>;
  #fetchedMs = Number.NEGATIVE_INFINITY;
  #failedMs = Number.NEGATIVE_INFINITY;
  #fetching: Promise<Problem | null> | null = null;

  constructor({ url, http, clock, log }: RemoteKeySetOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#set = createRemoteJWKSet(new URL(url), {
      // Never by itself: see above.
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: Number.POSITIVE_INFINITY,
      [customFetch]: (address, { headers }) => fetchWith(http, address, headers),
    });
  }

  /** The key that a token's header names: null when there is none, a Problem when it cannot be told. */
  async keyFor(header: JWTHeaderParameters): Promise<CryptoKey | null | Problem> {
    if (this.#ageMs() >= limits.keySetAgeMsMax) {
      const refused = await this.#fetch();
      if (refused !== null) return refused;
    }
    const known = await this.#match(header);
    if (known !== null || this.#ageMs() < limits.keySetCooldownMs) return known;
    return (await this.#fetch()) ?? this.#match(header);
  }

  #ageMs(): number {
    return this.#clock.monotonicMs() - this.#fetchedMs;
  }

  async #match(header: JWTHeaderParameters): Promise<CryptoKey | null> {
    try {
      return await this.#set(header);
    } catch (error) {
      // No key, several keys, or one that cannot be used: none that could verify this token.
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  #fetch(): Promise<Problem | null> {
    const sinceFailureMs = this.#clock.monotonicMs() - this.#failedMs;
    if (this.#fetching === null && sinceFailureMs < limits.keySetRetryMs) {
      return Promise.resolve(keysAway(limits.keySetRetryMs - sinceFailureMs));
    }
    this.#fetching ??= this.#reload().finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  async #reload(): Promise<Problem | null> {
    const wasAway = this.#failedMs > this.#fetchedMs;
    try {
      await this.#set.reload();
    } catch {
      this.#failedMs = this.#clock.monotonicMs();
      if (!wasAway) this.#log.warn({}, 'The keys of the external issuer cannot be fetched');
      return keysAway(limits.keySetRetryMs);
    }
    this.#fetchedMs = this.#clock.monotonicMs();
    if (wasAway) this.#log.info({}, 'The keys of the external issuer are fetched again');
    return null;
  }
}

/** Rejects for whatever is no set of keys, so that the former set stays. */
async function fetchWith(http: HttpRequests, url: string, headers: Headers): Promise<Response> {
  const answer = await http.send({ method: 'GET', url, headers: Object.fromEntries(headers), body: null });
  if (typeof answer === 'string') throw new TypeError(answer);
  if (answer.status !== 200) throw new TypeError(`status ${answer.status}`);
  const set: unknown = JSON.parse(answer.body);
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : null;
  if (!Array.isArray(keys) || keys.length > limits.keysPerSetMax) throw new TypeError('no set of keys');
  return new Response(answer.body, { status: 200 });
}

function keysAway(waitMs: number): Problem {
  return new Problem('unavailable', "The token issuer's keys cannot be fetched; try again.", {
    retryAfterMs: Math.ceil(waitMs),
  });
}
