/** Principals by name: what a request on NATS may do, kept until a change of identity says otherwise. */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import { scopesOf } from '../../domain/scopes-of.ts';
import type { ApiKeyRecord, PrincipalRecord } from '../../ports/identity/identity-records.ts';
import type { IdentityChange } from '../../ports/identity/identity-store.ts';
import type { NamedPrincipal, NamedPrincipals } from '../../ports/identity/named-principals.ts';
import { unauthenticated } from './credentials/principal-of.ts';
import type { IdentityDeps } from './identity-deps.ts';

type Found = NamedPrincipal | Problem;

export class CachedNamedPrincipals implements NamedPrincipals {
  readonly #deps: Pick<IdentityDeps, 'store' | 'clock' | 'log'>;
  readonly #generation: () => number;
  /** Oldest first. */
  readonly #known = new Map<string, NamedPrincipal>();
  /** Look-ups under way: a burst of requests of one principal asks once. */
  readonly #looking = new Map<string, Promise<Found>>();

  constructor(deps: Pick<IdentityDeps, 'store' | 'clock' | 'log'>, generation: () => number) {
    this.#deps = deps;
    this.#generation = generation;
  }

  find(tenant: TenantId, id: PrincipalId): Found | Promise<Found> {
    const key = keyOf(tenant, id);
    const known = this.#known.get(key);
    const { expiresAt = null } = known?.principal ?? {};
    const isOver = expiresAt !== null && expiresAt <= this.#deps.clock.nowMicros();
    return known === undefined || isOver ? this.#lookUpOnce(tenant, id) : known;
  }

  async ownsId(tenant: TenantId, id: PrincipalId): Promise<boolean | Problem> {
    const first = await this.#deps.store.principals.firstTenantOf(id);
    return first instanceof Problem ? first : first === tenant;
  }

  /** A key may be one that nobody here has heard of, so it takes all that is known of its tenant with it. */
  apply(change: Exclude<IdentityChange, { kind: 'signing_keys' }>): void {
    if (change.kind === 'principal') this.#known.delete(keyOf(change.tenant, change.subject));
    if (change.kind !== 'key') return;
    for (const [key, { principal }] of this.#known) {
      if (principal.tenant === change.tenant) this.#known.delete(key);
    }
  }

  forgetAll(): void {
    this.#known.clear();
  }

  #lookUpOnce(tenant: TenantId, id: PrincipalId): Promise<Found> {
    const key = keyOf(tenant, id);
    const under = this.#looking.get(key);
    if (under !== undefined) return under;
    if (this.#looking.size >= limits.authenticationsInFlightMax)
      return Promise.resolve(overloaded('credential_lookups'));
    const looking = this.#lookUp(tenant, id)
      .catch((error: unknown) => {
        this.#deps.log.error({ error }, 'A principal could not be looked up');
        return new Problem('internal');
      })
      .finally(() => this.#looking.delete(key));
    this.#looking.set(key, looking);
    return looking;
  }

  async #lookUp(tenant: TenantId, id: PrincipalId): Promise<Found> {
    const generation = this.#generation();
    const principal = await this.#read(tenant, id);
    if (principal instanceof Problem) return principal;
    const ownsId = await this.ownsId(tenant, id);
    if (ownsId instanceof Problem) return ownsId;
    const found = { principal, ownsId };
    // What changed while it was read must not be remembered.
    if (generation === this.#generation()) this.#keep(keyOf(tenant, id), found);
    return found;
  }

  async #read(tenant: TenantId, id: PrincipalId): Promise<Principal | Problem> {
    const { store, clock } = this.#deps;
    const record = await store.principals.principal(tenant, id);
    if (record instanceof Problem) return record;
    if (record === null) return unauthenticated('invalid');
    if (record.status === 'suspended') return new Problem('suspended');
    if (record.kind === 'user') return named(record, { scopes: scopesOf(record.role, record.grantedScopes) });
    const keys = await store.apiKeys.liveOf(tenant, id, clock.nowMicros());
    return keys instanceof Problem ? keys : byKeys(record, keys);
  }

  #keep(key: string, found: NamedPrincipal): void {
    this.#known.delete(key);
    if (this.#known.size >= limits.principalsCachedMax) {
      const oldest = this.#known.keys().next();
      if (oldest.done !== true) this.#known.delete(oldest.value);
    }
    this.#known.set(key, found);
  }
}

/** What all of its keys hold: then it does not matter which one it came in with. */
function byKeys(record: PrincipalRecord, keys: readonly ApiKeyRecord[]): Principal | Problem {
  const [first, ...others] = keys;
  if (first === undefined) return unauthenticated('token_revoked');
  if (others.some((key) => key.service !== first.service)) {
    const sentence =
      'This principal has API keys of several services, and on NATS it cannot be told which one asks: use one principal for each service.';
    return new Problem('forbidden', sentence, { reason: 'several_services' });
  }
  const scopes = first.scopes.filter((scope) => others.every((key) => key.scopes.includes(scope)));
  const ends = keys.flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt]));
  return named(record, {
    scopes,
    service: first.service,
    // With the first key that ends the rest may hold more, or nothing: then it is looked up again.
    expiresAt: ends.length === 0 ? null : Math.min(...ends),
  });
}

function named(
  { tenant, id, kind, role, superAdmin, displayName }: PrincipalRecord,
  held: Pick<Principal, 'scopes'> & Partial<Pick<Principal, 'service' | 'expiresAt'>>,
): Principal {
  const person = kind === 'user';
  return {
    tenant,
    id,
    kind,
    role: person ? role : 'member',
    superAdmin: person && superAdmin,
    displayName,
    sid: 'nats',
    service: null,
    expiresAt: null,
    ...held,
  };
}

function keyOf(tenant: TenantId, id: PrincipalId): string {
  return `${tenant} ${id}`;
}
