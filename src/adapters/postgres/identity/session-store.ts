import { Problem } from '../../../domain/problem.ts';
import type { NewSession, SessionStore } from '../../../ports/identity/identity-store.ts';
import { insertAudit } from '../audit/insert-audit.ts';
import type { Pool, TenantPool, Transaction } from '../pool.ts';
import { rotateRefreshToken } from './rotate-refresh-token.ts';
import {
  type PrincipalRow,
  principalColumns,
  type SessionRow,
  sessionColumns,
  toPage,
  toPrincipal,
  toSession,
  withCredential,
} from './rows.ts';

export function openSessionStore(requests: TenantPool, identity: Pool): SessionStore {
  return {
    open: (fresh) => requests.transacting(fresh.session.tenant, (tx) => openSession(tx, fresh)),

    load: (tenant, sid) =>
      requests.answering(tenant, async (sql) => {
        const [row] = await sql<(SessionRow & PrincipalRow)[]>`
          select ${sessionColumns(sql)}, ${principalColumns(sql)}
          from sessions s
          join principals p on p.tenant_id = s.tenant_id and p.id = s.principal_id ${withCredential(sql)}
          where s.tenant_id = ${tenant} and s.id = ${sid}`;
        return row === undefined ? null : { session: toSession(row), principal: toPrincipal(row) };
      }),

    useCookie: (digest, now, lifetime) =>
      identity.answering(async (sql) => {
        const [row] = await sql<(SessionRow & PrincipalRow)[]>`
          with moved as (
            update sessions set expires_us = least(${now + lifetime.idleUs}, ends_us)
            where cookie_sha256 = ${digest} and revoked_us is null and expires_us > ${now}
              and expires_us + ${lifetime.slideUs} < least(${now + lifetime.idleUs}, ends_us)
          )
          select ${sessionColumns(sql)}, ${principalColumns(sql)}
          from sessions s
          join principals p on p.tenant_id = s.tenant_id and p.id = s.principal_id ${withCredential(sql)}
          where s.cookie_sha256 = ${digest}`;
        return row === undefined ? null : { session: toSession(row), principal: toPrincipal(row) };
      }),

    rotate: (digest, successor, now, { idleUs, reuseGraceUs }, onReuse) =>
      identity.transacting((tx) =>
        rotateRefreshToken(tx, { digest, successor, now, idleUs, reuseGraceUs, onReuse }),
      ),

    sessionOfToken: (digest) =>
      identity.answering(async (sql) => {
        const [row] = await sql<{ session_id: string }[]>`
          select session_id from refresh_tokens where sha256 = ${digest}`;
        return row?.session_id ?? null;
      }),

    list: (tenant, principal, now, { limit, after }) =>
      requests.answering(tenant, async (sql) => {
        const rows = await sql<(SessionRow & Pick<PrincipalRow, 'tenant_id' | 'id'>)[]>`
          select ${sessionColumns(sql)}, s.tenant_id, s.principal_id as id from sessions s
          where s.tenant_id = ${tenant} and s.principal_id = ${principal} and s.revoked_us is null
            and s.expires_us > ${now}
            and (s.created_us, s.id::text) > (${after?.createdAt ?? -1}, ${after?.id ?? ''})
          order by s.created_us, s.id::text limit ${limit + 1}`;
        return toPage(rows.map(toSession), limit);
      }),

    revoke: (tenant, sid, now, audit) =>
      requests.transacting(tenant, async (tx) => {
        const { count } = await tx`
          update sessions set revoked_us = ${now}
          where tenant_id = ${tenant} and id = ${sid} and revoked_us is null`;
        if (count > 0) await insertAudit(tx, audit);
        return null;
      }),

    revokeAll: (tenant, principal, now, audit) =>
      requests.transacting(tenant, async (tx) => {
        const { count } = await tx`
          update sessions set revoked_us = ${now}
          where tenant_id = ${tenant} and principal_id = ${principal} and revoked_us is null
            and expires_us > ${now}`;
        if (count > 0) await insertAudit(tx, audit(count));
        return count;
      }),
  };
}

async function openSession(tx: Transaction, fresh: NewSession): Promise<Problem | null> {
  const { session, refreshToken, cookieDigest, passwordHash, audit } = fresh;
  if (passwordHash !== null) {
    // Held until the session is there: a change of the password waits, and then ends this one as well.
    const [same] = await tx`
      select 1 from credentials
      where tenant_id = ${session.tenant} and principal_id = ${session.principal}
        and password_hash = ${passwordHash}
      for share`;
    if (same === undefined) return new Problem('conflict', undefined, { reason: 'password_changed' });
  }
  await tx`
    insert into sessions (id, tenant_id, principal_id, created_us, expires_us, ends_us, cookie_sha256)
    values (${session.id}, ${session.tenant}, ${session.principal}, ${session.createdAt},
            ${session.expiresAt}, ${session.endsAt}, ${cookieDigest})`;
  await tx`
    insert into refresh_tokens (sha256, tenant_id, session_id, issued_us, expires_us)
    values (${refreshToken.digest}, ${session.tenant}, ${session.id}, ${session.createdAt},
            ${refreshToken.expiresAt})`;
  if (audit !== null) await insertAudit(tx, audit);
  return null;
}
