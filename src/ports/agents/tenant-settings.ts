/**
 * What a tenant keeps for its agents as variables: a store of its own, never the environment of the process. Values
 * may be keys of other services: they are sealed with the tenant's data key and told only to who may change them.
 */
import type { TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { AuditEntry, RequestTrace } from '../audit.ts';

/** Name -> value. */
export type SettingValues = Readonly<Record<string, string>>;

/** Owners, admins and services of the tenant; others are `forbidden`. `unavailable`/`no_master_key` where nothing can be sealed. */
export interface TenantSettings {
  read(by: Principal): Promise<SettingValues | Problem>;
  /**
   * These take the place of all that were there. `invalid_request` with fields: a name that is not in
   * settingNames, a value that is too long.
   */
  replace(by: Principal, values: SettingValues, trace: RequestTrace): Promise<Problem | null>;
}

export interface TenantSettingStore {
  /** The sealed text; null: nothing was ever stored. */
  read(tenant: TenantId): Promise<string | null | Problem>;
  replace(tenant: TenantId, sealed: string, at: Micros, audit: AuditEntry): Promise<Problem | null>;
}
