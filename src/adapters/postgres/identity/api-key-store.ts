import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AuditEntry } from '../../../ports/audit.ts';
import type { ApiKeyRecord } from '../../../ports/identity/identity-records.ts';
import type { ApiKeyStore } from '../../../ports/identity/identity-store.ts';
import { insertAudit } from '../audit/insert-audit.ts';
import type { Pool, TenantPool, Transaction } from '../pool.ts';
import { lockTenant } from './principals/change-principal.ts';
import {
  type ApiKeyRow,
  apiKeyColumns,
  type PrincipalRow,
  principalColumns,
  toApiKey,
  toPage,
  toPrincipal,
  withCredential,
} from './rows.ts';

export function openApiKeyStore(requests: TenantPool, identity: Pool): ApiKeyStore {
  return {
    add: (key, digest, audit) => requests.transacting(key.tenant, (tx) => addKey(tx, key, digest, audit)),

    find: (digest) =>
      identity.answering(async (sql) => {
        const [row] = await sql<(ApiKeyRow & PrincipalRow)[]>`
          select ${apiKeyColumns(sql)}, ${principalColumns(sql)}
          from api_keys k
          join principals p on p.tenant_id = k.tenant_id and p.id = k.principal_id ${withCredential(sql)}
          where k.sha256 = ${digest}`;
        return row === undefined ? null : { key: toApiKey(row), principal: toPrincipal(row) };
      }),

    load: (tenant, id) =>
      requests.answering(tenant, async (sql) => {
        const [row] = await sql<(ApiKeyRow & PrincipalRow)[]>`
          select ${apiKeyColumns(sql)}, ${principalColumns(sql)}
          from api_keys k
          join principals p on p.tenant_id = k.tenant_id and p.id = k.principal_id ${withCredential(sql)}
          where k.tenant_id = ${tenant} and k.id = ${id}`;
        return row === undefined ? null : { key: toApiKey(row), principal: toPrincipal(row) };
      }),

    liveOf: (tenant, principal, now) =>
      requests.answering(tenant, async (sql) => {
        const rows = await sql<ApiKeyRow[]>`
          select ${apiKeyColumns(sql)} from api_keys k
          where k.tenant_id = ${tenant} and k.principal_id = ${principal} and k.revoked_us is null
            and (k.expires_us is null or k.expires_us > ${now})`;
        return rows.map(toApiKey);
      }),

    list: (tenant, { limit, after }) =>
      requests.answering(tenant, async (sql) => {
        const rows = await sql<ApiKeyRow[]>`
          select ${apiKeyColumns(sql)} from api_keys k
          where k.tenant_id = ${tenant} and k.revoked_us is null
            and (k.created_us, k.id::text) > (${after?.createdAt ?? -1}, ${after?.id ?? ''})
          order by k.created_us, k.id::text limit ${limit + 1}`;
        return toPage(rows.map(toApiKey), limit);
      }),

    revoke: (tenant, id, now, audit) =>
      requests.transacting(tenant, async (tx) => {
        const { count } = await tx`
          update api_keys set revoked_us = ${now}
          where tenant_id = ${tenant} and id = ${id} and revoked_us is null`;
        if (count === 1) await insertAudit(tx, audit);
        return count === 1;
      }),
  };
}

async function addKey(
  tx: Transaction,
  key: ApiKeyRecord,
  digest: Uint8Array,
  audit: AuditEntry,
): Promise<Problem | null> {
  await lockTenant(tx, key.tenant);
  const [row] = await tx<{ live: number }[]>`
    select count(*) as live from api_keys where tenant_id = ${key.tenant} and revoked_us is null`;
  if ((row?.live ?? 0) >= limits.apiKeysPerTenantMax) {
    return new Problem('conflict', `A tenant has ${limits.apiKeysPerTenantMax} keys at most.`, {
      reason: 'too_many',
    });
  }
  await tx`
    insert into api_keys (
      id, tenant_id, principal_id, name, prefix, sha256, kind, scopes, service_id, created_by, created_us,
      expires_us
    ) values (
      ${key.id}, ${key.tenant}, ${key.principal}, ${key.name}, ${key.prefix}, ${digest}, ${key.kind},
      ${[...key.scopes]}, ${key.service}, ${key.createdBy}, ${key.createdAt}, ${key.expiresAt}
    )`;
  await insertAudit(tx, audit);
  return null;
}
