/** Tokens and API keys that were verified, bounded, and found by what a revocation names. */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import type { Principal } from '../../../domain/principal.ts';
import type { Micros } from '../../../domain/time.ts';

interface Verified {
  readonly principal: Principal;
  readonly expiresAt: Micros;
  /** Used since the eviction last came by: it gets another round. */
  wasUsed: boolean;
}

/** How many used entries an insertion may pass over before it evicts one anyway. */
const secondChancesMax = 8;

/**
 * A map by the exact secret. A hit is one map look-up and two comparisons: recency is a flag, not a
 * move (second chance), since this stands in front of every request.
 */
export class VerifiedCredentials {
  readonly #max: number;
  readonly #bySecret = new Map<string, Verified>();
  /** Secrets by session or key id, and by principal. */
  readonly #bySid = new Map<string, Set<string>>();
  readonly #byPrincipal = new Map<string, Set<string>>();

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#bySecret.size;
  }

  get(secret: string, now: Micros): Principal | null {
    const verified = this.#bySecret.get(secret);
    if (verified === undefined) return null;
    if (verified.expiresAt <= now) {
      this.#remove(secret, verified);
      return null;
    }
    verified.wasUsed = true;
    return verified.principal;
  }

  /** Served until the principal expires or is to be asked about again; else until it is forgotten. */
  add(secret: string, principal: Principal): void {
    const former = this.#bySecret.get(secret);
    if (former !== undefined) this.#remove(secret, former);
    else if (this.#bySecret.size >= this.#max) this.#evict();
    this.#bySecret.set(secret, {
      principal,
      expiresAt: Math.min(
        principal.expiresAt ?? Number.POSITIVE_INFINITY,
        principal.recheckAt ?? Number.POSITIVE_INFINITY,
      ),
      wasUsed: false,
    });
    link(this.#bySid, sidKey(principal.tenant, principal.sid), secret);
    link(this.#byPrincipal, principalKey(principal.tenant, principal.id), secret);
  }

  forget(secret: string): void {
    this.#removeAll(new Set([secret]));
  }

  /** Everything of one session or API key. */
  forgetSid(tenant: TenantId, sid: string): void {
    this.#removeAll(this.#bySid.get(sidKey(tenant, sid)));
  }

  forgetPrincipal(tenant: TenantId, id: PrincipalId): void {
    this.#removeAll(this.#byPrincipal.get(principalKey(tenant, id)));
  }

  clear(): void {
    this.#bySecret.clear();
    this.#bySid.clear();
    this.#byPrincipal.clear();
  }

  #evict(): void {
    let chances = secondChancesMax;
    for (const [secret, verified] of this.#bySecret) {
      if (!verified.wasUsed || chances === 0) {
        this.#remove(secret, verified);
        return;
      }
      chances -= 1;
      verified.wasUsed = false;
      this.#bySecret.delete(secret);
      this.#bySecret.set(secret, verified);
    }
  }

  #removeAll(secrets: ReadonlySet<string> | undefined): void {
    for (const secret of [...(secrets ?? [])]) {
      const verified = this.#bySecret.get(secret);
      if (verified !== undefined) this.#remove(secret, verified);
    }
  }

  #remove(secret: string, { principal }: Verified): void {
    this.#bySecret.delete(secret);
    unlink(this.#bySid, sidKey(principal.tenant, principal.sid), secret);
    unlink(this.#byPrincipal, principalKey(principal.tenant, principal.id), secret);
  }
}

// A tenant id has no blank, so no pair spells another one's key.
function sidKey(tenant: TenantId, sid: string): string {
  return `${tenant} ${sid}`;
}

function principalKey(tenant: TenantId, id: PrincipalId): string {
  return `${tenant} ${id}`;
}

function link(index: Map<string, Set<string>>, key: string, secret: string): void {
  const secrets = index.get(key);
  if (secrets === undefined) index.set(key, new Set([secret]));
  else secrets.add(secret);
}

function unlink(index: Map<string, Set<string>>, key: string, secret: string): void {
  const secrets = index.get(key);
  if (secrets === undefined) return;
  secrets.delete(secret);
  if (secrets.size === 0) index.delete(key);
}
