/** What tenants keep for their agents beside conversations: worlds and settings. */
import type { TenantPool } from '../../adapters/postgres/pool.ts';
import { openSettingStore } from '../../adapters/postgres/tenant/setting-store.ts';
import { openWorldStore } from '../../adapters/postgres/tenant/world-store.ts';
import type { Sealer } from '../../core/sealing/sealer.ts';
import { openTenantSettings } from '../../core/tenant/open-tenant-settings.ts';
import { openWorlds } from '../../core/tenant/open-worlds.ts';
import type { TenantSettings } from '../../ports/agents/tenant-settings.ts';
import type { Worlds } from '../../ports/agents/worlds.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';

export interface TenantSideOptions {
  readonly pool: TenantPool;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly ids: IdSource;
}

export interface TenantSide {
  readonly worlds: Worlds;
  readonly settings: TenantSettings;
}

export function openTenantSide({ pool, sealer, clock, ids }: TenantSideOptions): TenantSide {
  return {
    worlds: openWorlds({ store: openWorldStore(pool), clock, ids }),
    settings: openTenantSettings({ store: openSettingStore(pool), sealer, clock }),
  };
}
