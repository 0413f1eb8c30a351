/** Data keys of tenants as they are stored: wrapped, versioned, never deleted but erased. */
import type { TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';

export interface StoredDataKey {
  /** 1, 2, 3… in a tenant. */
  readonly version: number;
  /** By KeyWrap, for the purpose `data-key` and the id `<tenant>/<version>`; null once it was erased. */
  readonly wrapped: string | null;
  readonly createdAt: Micros;
  /** When a newer one took its place; it still opens what it sealed. */
  readonly retiredAt: Micros | null;
  readonly erasedAt: Micros | null;
}

export interface DataKeyStore {
  /** Every version, ascending; erased ones too. */
  list(tenant: TenantId): Promise<readonly StoredDataKey[] | Problem>;
  /** Adds a version and retires the ones before; false: somebody else has added this version. */
  add(tenant: TenantId, version: number, wrapped: string, at: Micros): Promise<boolean | Problem>;
  /** Destroys every version; answers how many there were to destroy. */
  erase(tenant: TenantId, at: Micros): Promise<number | Problem>;
}

export interface WrappedDataKey {
  readonly tenant: TenantId;
  readonly version: number;
  readonly wrapped: string;
}

/** The same keys across tenants: for whoever changes the master key. */
export interface WrappedDataKeys {
  /** Keys that are not erased, in the order of tenant and version, after the one given. */
  page(
    after: Pick<WrappedDataKey, 'tenant' | 'version'> | null,
    limit: number,
  ): Promise<readonly WrappedDataKey[] | Problem>;
  /** Puts other wrappings in the place of these; what was changed or erased meanwhile stays as it is. */
  replace(keys: readonly (WrappedDataKey & { readonly by: string })[]): Promise<Problem | null>;
}
