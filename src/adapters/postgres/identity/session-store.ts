import type { SessionStore } from '../../../ports/identity-store.ts';
import type { Pool, TenantPool } from '../pool.ts';
import { rotateRefreshToken } from './rotate-refresh-token.ts';
import {
  type PrincipalRow,
  principalColumns,
  type SessionRow,
  sessionColumns,
  toPrincipal,
  toSession,
  withCredential,
} from './rows.ts';

export function openSessionStore(requests: TenantPool, identity: Pool): SessionStore {
  return {
    open: (session, token) =>
      requests.answering(session.tenant, async (sql) => {
        await sql`
          with opened as (
            insert into sessions (id, tenant_id, principal_id, created_us, expires_us, ends_us)
            values (${session.id}, ${session.tenant}, ${session.principal}, ${session.createdAt},
                    ${session.expiresAt}, ${session.endsAt})
            returning id, tenant_id, created_us
          )
          insert into refresh_tokens (sha256, tenant_id, session_id, issued_us, expires_us)
          select ${token.digest}, tenant_id, id, created_us, ${token.expiresAt} from opened`;
        return null;
      }),

    load: (tenant, sid) =>
      requests.answering(tenant, async (sql) => {
        const [row] = await sql<(SessionRow & PrincipalRow)[]>`
          select ${sessionColumns(sql)}, ${principalColumns(sql)}
          from sessions s
          join principals p on p.tenant_id = s.tenant_id and p.id = s.principal_id ${withCredential(sql)}
          where s.tenant_id = ${tenant} and s.id = ${sid}`;
        return row === undefined ? null : { session: toSession(row), principal: toPrincipal(row) };
      }),

    rotate: (digest, successor, now, { idleUs, reuseGraceUs }) =>
      identity.transacting((tx) => rotateRefreshToken(tx, { digest, successor, now, idleUs, reuseGraceUs })),

    sessionOfToken: (digest) =>
      identity.answering(async (sql) => {
        const [row] = await sql<{ session_id: string }[]>`
          select session_id from refresh_tokens where sha256 = ${digest}`;
        return row?.session_id ?? null;
      }),

    revoke: (tenant, sid, now) =>
      requests.answering(tenant, async (sql) => {
        await sql`
          update sessions set revoked_us = ${now}
          where tenant_id = ${tenant} and id = ${sid} and revoked_us is null`;
        return null;
      }),

    revokeAll: (tenant, principal, now) =>
      requests.answering(tenant, async (sql) => {
        await sql`
          update sessions set revoked_us = ${now}
          where tenant_id = ${tenant} and principal_id = ${principal} and revoked_us is null`;
        return null;
      }),
  };
}
