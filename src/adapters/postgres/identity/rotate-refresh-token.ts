import { Problem } from '../../../domain/problem.ts';
import type { Rotation, SessionStore } from '../../../ports/identity/identity-store.ts';
import { insertAudit } from '../audit/insert-audit.ts';
import type { Transaction } from '../pool.ts';
import {
  type PrincipalRow,
  principalColumns,
  type SessionRow,
  sessionColumns,
  toSession,
  withCredential,
} from './rows.ts';

export interface RotationRequest {
  readonly digest: Uint8Array;
  readonly successor: Uint8Array;
  readonly now: number;
  readonly idleUs: number;
  /** 0: none. */
  readonly reuseGraceUs: number;
  readonly onReuse: Parameters<SessionStore['rotate']>[4];
}

/**
 * Uses a refresh token. The first UPDATE is the race: of concurrent calls one finds `used_us` null and
 * the others wait for it, then find it set and revoke the session, successor included.
 */
export async function rotateRefreshToken(tx: Transaction, request: RotationRequest): Promise<Rotation> {
  const session = await useToken(tx, request);
  if (session === null) return refuse(tx, request);
  const [row] = await tx<(SessionRow & PrincipalRow)[]>`
    select ${sessionColumns(tx)}, ${principalColumns(tx)}
    from sessions s join principals p on p.tenant_id = s.tenant_id and p.id = s.principal_id ${withCredential(tx)}
    where s.id = ${session}`;
  if (row === undefined) return { kind: 'invalid' };
  // Rolls back: the token still works when the suspension is lifted.
  if (row.status === 'suspended') throw new Problem('suspended');
  return { kind: 'rotated', session: toSession(row) };
}

/** Marks the token, moves the session's end and stores the successor; null when it cannot be used. */
async function useToken(tx: Transaction, request: RotationRequest): Promise<string | null> {
  const { digest, successor, now, idleUs, reuseGraceUs } = request;
  const [row] = await tx<{ session_id: string }[]>`
    with used as (
      update refresh_tokens t set used_us = coalesce(t.used_us, ${now})
      from sessions s
      where t.sha256 = ${digest} and s.id = t.session_id and s.revoked_us is null and t.expires_us > ${now}
        and (t.used_us is null or (${reuseGraceUs} > 0 and t.used_us > ${now - reuseGraceUs}))
      returning t.session_id, t.tenant_id
    ), moved as (
      update sessions s set expires_us = least(${now + idleUs}, s.ends_us)
      from used where s.id = used.session_id
      returning s.id, s.tenant_id, s.expires_us
    )
    insert into refresh_tokens (sha256, tenant_id, session_id, issued_us, expires_us)
    select ${successor}, moved.tenant_id, moved.id, ${now}, moved.expires_us from moved
    returning session_id`;
  return row?.session_id ?? null;
}

async function refuse(tx: Transaction, { digest, now, onReuse }: RotationRequest): Promise<Rotation> {
  const [token] = await tx<{ session_id: string; used_us: number | null }[]>`
    select session_id, used_us from refresh_tokens where sha256 = ${digest}`;
  if (token === undefined || token.used_us === null) return { kind: 'invalid' };
  const [ended] = await tx<{ id: string; tenant_id: string; principal_id: string }[]>`
    update sessions set revoked_us = ${now} where id = ${token.session_id} and revoked_us is null
    returning id, tenant_id, principal_id`;
  if (ended !== undefined) {
    const { id, tenant_id: tenant, principal_id: principal } = ended;
    await insertAudit(tx, onReuse({ id, tenant, principal }));
  }
  return { kind: 'reused' };
}
