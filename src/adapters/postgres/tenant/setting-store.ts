/** The TenantSettingStore port on PostgreSQL. */
import type { TenantSettingStore } from '../../../ports/agents/tenant-settings.ts';
import { insertAudit } from '../audit/insert-audit.ts';
import type { TenantPool } from '../pool.ts';

export function openSettingStore(pool: TenantPool): TenantSettingStore {
  return {
    read: (tenant) =>
      pool.answering(tenant, async (sql) => {
        const [row] = await sql<{ sealed: string }[]>`
          select sealed from tenant_settings where tenant_id = ${tenant}`;
        return row?.sealed ?? null;
      }),

    replace: (tenant, sealed, at, audit) =>
      pool.transacting(tenant, async (tx) => {
        await tx`
          insert into tenant_settings (tenant_id, sealed, updated_us) values (${tenant}, ${sealed}, ${at})
          on conflict (tenant_id) do update set sealed = excluded.sealed, updated_us = excluded.updated_us`;
        await insertAudit(tx, audit);
        return null;
      }),
  };
}
