/**
 * Data keys of tenants in memory: unwrapped once, forgotten when another node says that they changed. So
 * sealing and opening are synchronous for a tenant that was seen before.
 */
import type { TenantId } from '../../domain/ids.ts';
import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DataKeyStore, StoredDataKey } from '../../ports/sealing/data-key-store.ts';
import type { KeyWrap, WrapBinding } from '../../ports/sealing/key-wrap.ts';
import type { TextCipher } from '../../ports/sealing/text-cipher.ts';

/** `erased`: destroyed for good. `locked`: wrapped by a master key that this node does not have. */
export type DataKey = Uint8Array | 'erased' | 'locked';

/** All versions of one tenant. */
export interface KeyChain {
  readonly keys: ReadonlyMap<number, DataKey>;
  /** The version that seals what is new; null: there is none (yet, or since the last erasure). */
  readonly present: number | null;
}

export interface DataKeys {
  readonly cipher: TextCipher;
  readonly isMasterKeySet: boolean;
  /** The chain in memory that holds this version; a promise when it must be read; Problem: Postgres is away. */
  chain(tenant: TenantId, version: number): KeyChain | Problem | Promise<KeyChain | Problem>;
  /** The key for what is new, made if there is none; a promise when it must be read. */
  present(tenant: TenantId): PresentKey | Problem | Promise<PresentKey | Problem>;
  /** Makes a new version for what comes. Answers its number. */
  rotate(tenant: TenantId): Promise<number | Problem>;
  /** Destroys all versions; answers how many. Effective here when it is answered. */
  erase(tenant: TenantId): Promise<number | Problem>;
  /** They changed elsewhere: they are read anew before their next use. Null: of every tenant. */
  forget(tenant: TenantId | null): void;
}

export interface PresentKey {
  readonly version: number;
  readonly key: Uint8Array;
}

export interface DataKeysDeps {
  readonly store: DataKeyStore;
  /** Null: there is no master key. */
  readonly wrap: KeyWrap | null;
  readonly cipher: TextCipher;
  readonly clock: Pick<Clock, 'nowMicros'>;
}

export const missingMasterKey = (): Problem =>
  new Problem(
    'unavailable',
    'PARLEY_MASTER_KEY is not set: phi and secret content can be neither stored nor read.',
    {
      reason: 'no_master_key',
    },
  );

export const wrongMasterKey = (): Problem =>
  new Problem('unavailable', 'PARLEY_MASTER_KEY is not the one that this content was sealed under.', {
    reason: 'wrong_master_key',
  });

export const bindingOf = (tenant: TenantId, version: number): WrapBinding => ({
  purpose: 'data-key',
  id: `${tenant}/${version}`,
});

export function openDataKeys({ store, wrap, cipher, clock }: DataKeysDeps): DataKeys {
  /** Least recently loaded first. */
  const chains = new Map<TenantId, KeyChain>();
  const loading = new Map<TenantId, Promise<KeyChain | Problem>>();
  /** Goes up with each change: a reading that began before it may be stale. */
  let generation = 0;

  function toChain(tenant: TenantId, stored: readonly StoredDataKey[]): KeyChain {
    const keys = new Map<number, DataKey>();
    let present: number | null = null;
    for (const { version, wrapped, retiredAt } of stored) {
      const key =
        wrapped === null ? 'erased' : (wrap?.unwrap(wrapped, bindingOf(tenant, version)) ?? 'locked');
      keys.set(version, key);
      if (wrapped !== null && retiredAt === null) present = version;
    }
    return { keys, present };
  }

  async function read(tenant: TenantId): Promise<KeyChain | Problem> {
    for (let rounds = 1; ; rounds += 1) {
      const before = generation;
      const stored = await store.list(tenant);
      if (stored instanceof Problem) return stored;
      const chain = toChain(tenant, stored);
      if (before !== generation && rounds < limits.dataKeyRoundsMax) continue;
      if (before !== generation) return chain;
      chains.delete(tenant);
      chains.set(tenant, chain);
      const oldest = chains.size > limits.dataKeyTenantsCachedMax ? chains.keys().next().value : undefined;
      if (oldest !== undefined) chains.delete(oldest);
      return chain;
    }
  }

  function load(tenant: TenantId): Promise<KeyChain | Problem> {
    const underWay = loading.get(tenant);
    if (underWay !== undefined) return underWay;
    const begun = read(tenant).finally(() => loading.delete(tenant));
    loading.set(tenant, begun);
    return begun;
  }

  function presentOf({ present, keys }: KeyChain): PresentKey | Problem | null {
    if (present === null) return null;
    const key = keys.get(present);
    return key instanceof Uint8Array ? { version: present, key } : wrongMasterKey();
  }

  function forget(tenant: TenantId | null): void {
    generation += 1;
    if (tenant === null) chains.clear();
    else chains.delete(tenant);
  }

  /** Adds the version after these, unless somebody else adds it first: then that one is as good. */
  async function addAfter(
    stored: readonly StoredDataKey[],
    tenant: TenantId,
    by: KeyWrap,
  ): Promise<number | Problem> {
    const version = (stored.at(-1)?.version ?? 0) + 1;
    if (version > limits.dataKeyVersionsMax)
      return new Problem('conflict', 'This tenant has too many data keys.');
    const wrapped = by.wrap(cipher.newKey(), bindingOf(tenant, version));
    const added = await store.add(tenant, version, wrapped, clock.nowMicros());
    if (added instanceof Problem) return added;
    forget(tenant);
    return version;
  }

  /**
   * The rows in which no key was found are those that the new version follows: a key that another node made
   * since then has that number already and stays the present one.
   */
  async function makePresent(tenant: TenantId, by: KeyWrap): Promise<PresentKey | Problem> {
    for (let rounds = 0; rounds < limits.dataKeyRoundsMax; rounds += 1) {
      const chain = chains.get(tenant) ?? (await load(tenant));
      if (chain instanceof Problem) return chain;
      const present = presentOf(chain);
      if (present !== null) return present;
      const stored = await store.list(tenant);
      if (stored instanceof Problem) return stored;
      if (toChain(tenant, stored).present !== null) forget(tenant);
      else {
        const made = await addAfter(stored, tenant, by);
        if (made instanceof Problem) return made;
      }
    }
    return overloaded('data_keys');
  }

  return {
    cipher,
    isMasterKeySet: wrap !== null,
    forget,
    chain(tenant, version) {
      const known = chains.get(tenant);
      return known?.keys.has(version) === true ? known : load(tenant);
    },
    present(tenant) {
      if (wrap === null) return missingMasterKey();
      const known = chains.get(tenant);
      return (known === undefined ? null : presentOf(known)) ?? makePresent(tenant, wrap);
    },
    async rotate(tenant) {
      if (wrap === null) return missingMasterKey();
      const stored = await store.list(tenant);
      return stored instanceof Problem ? stored : await addAfter(stored, tenant, wrap);
    },
    async erase(tenant) {
      const erased = await store.erase(tenant, clock.nowMicros());
      forget(tenant);
      return erased;
    },
  };
}
