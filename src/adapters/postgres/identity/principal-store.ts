import type { PrincipalStore } from '../../../ports/identity-store.ts';
import type { Pool } from '../pool.ts';
import { changePrincipal } from './change-principal.ts';
import { createTenant } from './create-tenant.ts';
import {
  type PrincipalRow,
  principalColumns,
  type TenantRow,
  toPage,
  toPrincipal,
  toTenant,
  withCredential,
} from './rows.ts';

export function openPrincipalStore(pool: Pool): PrincipalStore {
  return {
    tenant: (id) =>
      pool.answering(async (sql) => {
        const [row] = await sql<TenantRow[]>`select id, name, slug, created_us from tenants where id = ${id}`;
        return row === undefined ? null : toTenant(row);
      }),

    credential: (email) =>
      pool.answering(async (sql) => {
        const [row] = await sql<{ password_hash: string; tenant_id: string; principal_id: string }[]>`
          select password_hash, tenant_id, principal_id from credentials where email = ${email}`;
        if (row === undefined) return null;
        return { email, passwordHash: row.password_hash, tenant: row.tenant_id, principal: row.principal_id };
      }),

    principal: (tenant, id) =>
      pool.answering(async (sql) => {
        const [row] = await sql<PrincipalRow[]>`
          select ${principalColumns(sql)} from principals p ${withCredential(sql)}
          where p.tenant_id = ${tenant} and p.id = ${id}`;
        return row === undefined ? null : toPrincipal(row);
      }),

    principals: (tenant, ids) =>
      pool.answering(async (sql) => {
        const rows = await sql<PrincipalRow[]>`
          select ${principalColumns(sql)} from principals p ${withCredential(sql)}
          where p.tenant_id = ${tenant} and p.id = any(${[...ids]})`;
        return rows.map(toPrincipal);
      }),

    list: (tenant, kind, { limit, after }) =>
      pool.answering(async (sql) => {
        const rows = await sql<PrincipalRow[]>`
          select ${principalColumns(sql)} from principals p ${withCredential(sql)}
          where p.tenant_id = ${tenant} and p.kind = ${kind}
            and (p.created_us, p.id) > (${after?.createdAt ?? -1}, ${after?.id ?? ''})
          order by p.created_us, p.id limit ${limit + 1}`;
        return toPage(rows.map(toPrincipal), limit);
      }),

    createTenant: (tenant, owner, credential, agent) =>
      pool.answering((sql) => createTenant(sql, tenant, owner, credential, agent)),

    change: (tenant, id, kind, decide) =>
      pool.answering((sql) => changePrincipal(sql, tenant, id, kind, decide)),

    replacePassword: (tenant, id, formerHash, hash, now) =>
      pool.answering(async (sql) => {
        const { count } = await sql`
          update credentials set password_hash = ${hash}, changed_us = ${now}
          where tenant_id = ${tenant} and principal_id = ${id} and password_hash = ${formerHash}`;
        return count === 1;
      }),
  };
}
