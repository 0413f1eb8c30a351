/** The WrappedDataKeys port on PostgreSQL. */
import type { WrappedDataKey, WrappedDataKeys } from '../../ports/sealing/data-key-store.ts';
import type { Pool } from './pool.ts';

export function openWrappedDataKeys(pool: Pool): WrappedDataKeys {
  return {
    page: (after, limit) =>
      pool.answering(async (sql) => {
        const { tenant, version } = after ?? { tenant: '', version: 0 };
        return await sql<WrappedDataKey[]>`
          select tenant_id as tenant, version, wrapped from data_keys
          where wrapped is not null and (tenant_id, version) > (${tenant}, ${version})
          order by tenant_id, version limit ${limit}`;
      }),

    replace: (keys) =>
      pool.transacting(async (tx) => {
        for (const { tenant, version, wrapped, by } of keys) {
          await tx`
            update data_keys set wrapped = ${by}
            where tenant_id = ${tenant} and version = ${version} and wrapped = ${wrapped}`;
        }
        return null;
      }),
  };
}
