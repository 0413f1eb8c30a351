/** The deployment's signing keys as this node knows them: which one signs, which ones verify. */
import { type CryptoKey, importJWK, type JWK } from 'jose';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SigningKeyStore } from '../../ports/identity/token-key-store.ts';
import type { KeySealing } from './key-sealing.ts';
import { algorithm, newSigningKey, notUnwrapped } from './signing-key.ts';

interface VerifyingKey {
  readonly key: CryptoKey;
  readonly publicJwk: JWK;
  /** Microseconds; Infinity while it signs. */
  readonly verifiesUntil: number;
}

interface SigningKey {
  readonly kid: string;
  readonly key: CryptoKey;
}

/** A retired key goes on verifying until the last token it signed has expired. */
const afterlifeUs = (limits.accessTokenSec + limits.clockSkewSec) * 1_000_000;

export class KeyRing {
  readonly #store: SigningKeyStore;
  readonly #clock: Clock;
  readonly #sealing: KeySealing;
  #signing: SigningKey | null = null;
  #verifying: ReadonlyMap<string, VerifyingKey> = new Map();
  #reloading: Promise<Problem | null> | null = null;
  #again: Promise<Problem | null> | null = null;
  #reloadedMs = Number.NEGATIVE_INFINITY;
  #lastReload: Problem | null = null;

  constructor(store: SigningKeyStore, clock: Clock, sealing: KeySealing) {
    this.#store = store;
    this.#clock = clock;
    this.#sealing = sealing;
  }

  /** The key that signs; null before the first reload. */
  get signing(): SigningKey | null {
    return this.#signing;
  }

  /**
   * The public key of `kid`: null when there is none, `unavailable` when it could not be looked up. A
   * strange kid makes the node read the keys again, but once a second at most: anybody can invent one.
   */
  async verifying(kid: string): Promise<CryptoKey | null | Problem> {
    const known = this.#usable(kid);
    if (known !== null) return known;
    if (this.#clock.monotonicMs() - this.#reloadedMs >= limits.signingKeyReloadMs) await this.reload();
    return this.#usable(kid) ?? this.#lastReload;
  }

  /** Public keys that verify something still. */
  get publicJwks(): readonly JWK[] {
    const now = this.#clock.nowMicros();
    return [...this.#verifying.values()].filter((key) => key.verifiesUntil > now).map((key) => key.publicJwk);
  }

  /**
   * Resolves after a read of the store that began after the call: one that was under way may not know yet what
   * made somebody call. Calls at once share it.
   */
  reload(): Promise<Problem | null> {
    if (this.#reloading === null) return this.#startRead();
    this.#again ??= this.#reloading.then(() => {
      this.#again = null;
      return this.#startRead();
    });
    return this.#again;
  }

  #startRead(): Promise<Problem | null> {
    this.#reloading = this.#read().finally(() => {
      this.#reloading = null;
    });
    return this.#reloading;
  }

  /** Makes the first key of a deployment, unless there is one. */
  async open(): Promise<Problem | null> {
    const stored = await this.#store.list();
    if (stored instanceof Problem) return stored;
    if (!stored.some((key) => key.retiredAt === null)) {
      const added = await this.#store.addFirst(await newSigningKey(this.#sealing, this.#clock.nowMicros()));
      if (added !== null) return added;
    }
    return this.reload();
  }

  #usable(kid: string): CryptoKey | null {
    const found = this.#verifying.get(kid);
    return found !== undefined && found.verifiesUntil > this.#clock.nowMicros() ? found.key : null;
  }

  async #read(): Promise<Problem | null> {
    const stored = await this.#store.list();
    this.#reloadedMs = this.#clock.monotonicMs();
    this.#lastReload = stored instanceof Problem ? stored : null;
    if (stored instanceof Problem) return stored;
    const now = this.#clock.nowMicros();
    const verifying = new Map<string, VerifyingKey>();
    for (const record of stored) {
      const verifiesUntil =
        record.retiredAt === null ? Number.POSITIVE_INFINITY : record.retiredAt + afterlifeUs;
      if (verifiesUntil <= now) continue;
      const publicJwk = record.publicJwk as JWK;
      verifying.set(record.kid, { key: await toKey(publicJwk), publicJwk, verifiesUntil });
    }
    this.#verifying = verifying;
    const newest = stored.find((record) => record.retiredAt === null);
    if (newest === undefined || newest.kid === this.#signing?.kid) return null;
    const opened = this.#sealing.open(newest.kid, newest.privateJwk);
    // Better nothing than a retired key: what that one signs is soon refused everywhere.
    this.#signing = opened === null ? null : { kid: newest.kid, key: await toKey(opened as JWK) };
    return opened === null ? notUnwrapped(newest.kid) : null;
  }
}

async function toKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, algorithm);
  if (key instanceof Uint8Array) throw new Error('A stored signing key is not an Ed25519 key');
  return key;
}
