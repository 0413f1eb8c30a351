import type { PrincipalStore } from '../../../../ports/identity/identity-store.ts';
import { insertAudit } from '../../audit/insert-audit.ts';
import type { Pool, TenantPool } from '../../pool.ts';
import { createTenant } from '../create-tenant.ts';
import {
  type PrincipalRow,
  principalColumns,
  type TenantRow,
  toPage,
  toPrincipal,
  toTenant,
  withCredential,
} from '../rows.ts';
import { refusingDuplicates } from '../unique-refusals.ts';
import { changePrincipal } from './change-principal.ts';
import { insertPrincipal } from './insert-principal.ts';

export function openPrincipalStore(requests: TenantPool, identity: Pool): PrincipalStore {
  return {
    /** Of nodes that make it at once, one does. */
    ensureRealm: ({ id, name, slug, createdAt }, principals, audit) =>
      identity.transacting(async (tx) => {
        const { count } = await tx`
          insert into tenants (id, name, slug, created_us) values (${id}, ${name}, ${slug}, ${createdAt})
          on conflict do nothing`;
        if (count !== 1) return null;
        for (const principal of principals) await insertPrincipal(tx, principal);
        await insertAudit(tx, audit);
        return null;
      }),

    tenant: (id) =>
      requests.answering(id, async (sql) => {
        const [row] = await sql<TenantRow[]>`select id, name, slug, created_us from tenants where id = ${id}`;
        return row === undefined ? null : toTenant(row);
      }),

    credential: (email) =>
      identity.answering(async (sql) => {
        const [row] = await sql<{ password_hash: string; tenant_id: string; principal_id: string }[]>`
          select password_hash, tenant_id, principal_id from credentials where email = ${email}`;
        if (row === undefined) return null;
        return { email, passwordHash: row.password_hash, tenant: row.tenant_id, principal: row.principal_id };
      }),

    principal: (tenant, id) =>
      requests.answering(tenant, async (sql) => {
        const [row] = await sql<PrincipalRow[]>`
          select ${principalColumns(sql)} from principals p ${withCredential(sql)}
          where p.tenant_id = ${tenant} and p.id = ${id}`;
        return row === undefined ? null : toPrincipal(row);
      }),

    principals: (tenant, ids) =>
      requests.answering(tenant, async (sql) => {
        const rows = await sql<PrincipalRow[]>`
          select ${principalColumns(sql)} from principals p ${withCredential(sql)}
          where p.tenant_id = ${tenant} and p.id = any(${[...ids]})`;
        return rows.map(toPrincipal);
      }),

    superAdmins: (ids) =>
      identity.answering(async (sql) => {
        const rows = await sql<{ id: string }[]>`
          select id from principals
          where id = any(${[...ids]}) and super_admin and kind = 'user' and status = 'active'`;
        return rows.map(({ id }) => id);
      }),

    firstTenantOf: (id) =>
      identity.answering(async (sql) => {
        const [row] = await sql<{ tenant_id: string }[]>`
          select tenant_id from principals where id = ${id} order by created_us, tenant_id limit 1`;
        return row?.tenant_id ?? null;
      }),

    list: (tenant, kind, { limit, after }) =>
      requests.answering(tenant, async (sql) => {
        const rows = await sql<PrincipalRow[]>`
          select ${principalColumns(sql)} from principals p ${withCredential(sql)}
          where p.tenant_id = ${tenant} and p.kind = ${kind}
            and (p.created_us, p.id) > (${after?.createdAt ?? -1}, ${after?.id ?? ''})
          order by p.created_us, p.id limit ${limit + 1}`;
        return toPage(rows.map(toPrincipal), limit);
      }),

    tenants: ({ limit, after }) =>
      identity.answering(async (sql) => {
        const rows = await sql<TenantRow[]>`
          select id, name, slug, created_us from tenants
          where (created_us, id) > (${after?.createdAt ?? -1}, ${after?.id ?? ''})
          order by created_us, id limit ${limit + 1}`;
        return toPage(rows.map(toTenant), limit);
      }),

    createTenant: (tenant, owner, credential, agent, audit) =>
      identity.transacting((tx) =>
        refusingDuplicates(createTenant(tx, tenant, owner, credential, agent, audit)),
      ),

    change: (tenant, id, kind, decide, audit) =>
      requests.transacting(tenant, (tx) => changePrincipal(tx, tenant, id, kind, decide, audit)),

    replacePassword: (tenant, id, formerHash, hash, now, audit) =>
      requests.transacting(tenant, async (tx) => {
        const { count } = await tx`
          update credentials set password_hash = ${hash}, changed_us = ${now}
          where tenant_id = ${tenant} and principal_id = ${id} and password_hash = ${formerHash}`;
        if (count !== 1) return false;
        await tx`
          update sessions set revoked_us = ${now}
          where tenant_id = ${tenant} and principal_id = ${id} and revoked_us is null`;
        await insertAudit(tx, audit);
        return true;
      }),
  };
}
