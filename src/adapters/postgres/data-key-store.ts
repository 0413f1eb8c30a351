/** The DataKeyStore port on PostgreSQL. */
import type { DataKeyStore } from '../../ports/sealing/data-key-store.ts';
import type { TenantPool } from './pool.ts';

interface KeyRow {
  readonly version: number;
  readonly wrapped: string | null;
  readonly created_us: number;
  readonly retired_us: number | null;
  readonly erased_us: number | null;
}

export function openDataKeyStore(pool: TenantPool): DataKeyStore {
  return {
    list: (tenant) =>
      pool.answering(tenant, async (sql) => {
        const rows = await sql<KeyRow[]>`
          select version, wrapped, created_us, retired_us, erased_us
          from data_keys where tenant_id = ${tenant} order by version`;
        return rows.map((row) => ({
          version: row.version,
          wrapped: row.wrapped,
          createdAt: row.created_us,
          retiredAt: row.retired_us,
          erasedAt: row.erased_us,
        }));
      }),

    // Whoever retires first holds the row until it has added: two nodes cannot both be the present one.
    add: (tenant, version, wrapped, at) =>
      pool.transacting(tenant, async (tx) => {
        await tx`
          update data_keys set retired_us = ${at}
          where tenant_id = ${tenant} and retired_us is null and erased_us is null and version < ${version}`;
        const added = await tx`
          insert into data_keys (tenant_id, version, wrapped, created_us)
          values (${tenant}, ${version}, ${wrapped}, ${at})
          on conflict do nothing
          returning version`;
        return added.length > 0;
      }),

    erase: (tenant, at) =>
      pool.answering(tenant, async (sql) => {
        const erased = await sql`
          update data_keys set wrapped = null, erased_us = ${at}, retired_us = coalesce(retired_us, ${at})
          where tenant_id = ${tenant} and erased_us is null
          returning version`;
        return erased.length;
      }),
  };
}
