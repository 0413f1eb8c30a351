/** Who an id is: asked whenever somebody is added, so what was found is kept until it changes. */
import { canonicalUuid, type PrincipalId, type TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { PageStart, PrincipalRecord } from '../../ports/identity/identity-records.ts';
import type { Directory, KnownPrincipal } from '../../ports/identity/identity-service.ts';
import type { PrincipalStore } from '../../ports/identity/identity-store.ts';
import { slugStemOf } from './new-records.ts';

export class KnownPrincipals implements Directory {
  readonly #store: PrincipalStore;
  readonly #generation: () => number;
  /** Oldest first. An id that is nobody is not kept: it may become somebody. */
  readonly #known = new Map<string, KnownPrincipal>();
  /** Tenants do not go away. */
  readonly #tenants = new Set<TenantId>();

  constructor(store: PrincipalStore, generation: () => number) {
    this.#store = store;
    this.#generation = generation;
  }

  async hasTenant(id: TenantId): Promise<boolean | Problem> {
    if (this.#tenants.has(id)) return true;
    const tenant = await this.#store.tenant(id);
    if (tenant instanceof Problem) return tenant;
    if (tenant === null) return false;
    if (this.#tenants.size >= limits.principalsCachedMax) this.#tenants.clear();
    this.#tenants.add(id);
    return true;
  }

  async superAdmins(ids: readonly PrincipalId[]): Promise<ReadonlySet<PrincipalId> | Problem> {
    if (ids.length === 0) return new Set();
    const found = await this.#store.superAdmins(ids);
    return found instanceof Problem ? found : new Set(found);
  }

  async principalsOf(
    tenant: TenantId,
    ids: readonly PrincipalId[],
    isAnew = false,
  ): Promise<ReadonlyMap<PrincipalId, KnownPrincipal> | Problem> {
    const found = new Map<PrincipalId, KnownPrincipal>();
    const missing: PrincipalId[] = [];
    for (const id of new Set(ids.map((given) => canonicalUuid(given) ?? given))) {
      const known = isAnew ? undefined : this.#known.get(keyOf(tenant, id));
      if (known === undefined) missing.push(id);
      else found.set(id, known);
    }
    if (missing.length === 0) return found;
    const generation = this.#generation();
    const records = await this.#store.principals(tenant, missing);
    if (records instanceof Problem) return records;
    for (const record of records) {
      const known = toKnown(record);
      found.set(record.id, known);
      if (generation === this.#generation()) this.#keep(tenant, known);
    }
    return found;
  }

  async agentNamed(tenant: TenantId, name: string): Promise<KnownPrincipal | null | Problem> {
    const found = await this.principalsOf(tenant, [name]);
    if (found instanceof Problem) return found;
    const known = found.get(canonicalUuid(name) ?? name);
    if (known?.kind === 'agent' && known.status === 'active') return known;
    return await this.#agentOfSlug(tenant, name);
  }

  /** Agents are few, and names of theirs seldom asked for: nothing is kept. */
  async #agentOfSlug(tenant: TenantId, slug: string): Promise<KnownPrincipal | null | Problem> {
    let standIn: PrincipalRecord | null = null;
    for (let after: PageStart | null = null; ; ) {
      const page = await this.#store.list(tenant, 'agent', { limit: limits.listPageMax, after });
      if (page instanceof Problem) return page;
      const active = page.rows.filter(({ status }) => status === 'active');
      const named = active.find(({ displayName }) => slug !== '' && slugStemOf(displayName) === slug);
      if (named !== undefined) return toKnown(named);
      if (slug === 'default') standIn ??= active.find(({ isDefaultAgent }) => isDefaultAgent) ?? null;
      after = page.next;
      if (after === null) return standIn === null ? null : toKnown(standIn);
    }
  }

  forget(tenant: TenantId, id: PrincipalId): void {
    this.#known.delete(keyOf(tenant, id));
  }

  forgetAll(): void {
    this.#known.clear();
  }

  #keep(tenant: TenantId, known: KnownPrincipal): void {
    if (this.#known.size >= limits.principalsCachedMax) {
      const oldest = this.#known.keys().next();
      if (oldest.done !== true) this.#known.delete(oldest.value);
    }
    this.#known.set(keyOf(tenant, known.id), known);
  }
}

function keyOf(tenant: TenantId, id: PrincipalId): string {
  return `${tenant} ${id}`;
}

function toKnown(record: PrincipalRecord): KnownPrincipal {
  const { id, kind, displayName, status, avatarUrl, jobTitle, bio, isDefaultAgent, runs } = record;
  return { id, kind, displayName, status, avatarUrl, jobTitle, bio, isDefaultAgent, runs };
}
