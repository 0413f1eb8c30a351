/** The TimedSessionStore port on PostgreSQL: the tables timed_sessions and session_notices. */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Micros } from '../../../domain/time.ts';
import type { SessionCounts, TimedSessionStore } from '../../../ports/agents/timed-sessions.ts';
import type { IdentityPools } from '../identity/identity-store.ts';
import type { Sql } from '../pool.ts';
import { changeSession, insertSession } from './change-session.ts';
import { claimNotices, settleNotices } from './claim-notices.ts';
import { type SessionRow, sessionColumns, toSession } from './session-rows.ts';

export function openTimedSessionStore({ requests, identity }: IdentityPools): TimedSessionStore {
  return {
    add: (session, notices) =>
      requests.transacting(session.tenant, (tx) => insertSession(tx, session, notices)),

    find: (tenant, id) =>
      requests.answering(tenant, async (sql) => {
        const [row] = await sql<SessionRow[]>`
          select ${sessionColumns(sql)} from timed_sessions where tenant_id = ${tenant} and id = ${id}`;
        return row === undefined ? null : toSession(row);
      }),

    change: (tenant, id, now, claimedUntil, decide) =>
      requests.transacting(tenant, (tx) => changeSession(tx, tenant, id, { now, claimedUntil }, decide)),

    remove: (tenant, id) =>
      requests.transacting(tenant, async (tx) => {
        const { count } = await tx`
          delete from timed_sessions where tenant_id = ${tenant} and id = ${id}`;
        await tx`delete from session_notices where tenant_id = ${tenant} and session_id = ${id}`;
        return count === 1;
      }),

    removeExpired: (tenant, id, now) =>
      requests.answering(tenant, async (sql) => {
        const { count } = await sql`
          delete from timed_sessions
          where tenant_id = ${tenant} and id = ${id} and (is_over or expires_us <= ${now})`;
        return count === 1;
      }),

    list: (tenant, user, now, { limit, offset }) =>
      requests.answering(tenant, async (sql) => {
        const rows = await sql<SessionRow[]>`
          select ${sessionColumns(sql)} from timed_sessions
          where tenant_id = ${tenant} and ${ofUser(sql, user)} and not is_over and expires_us > ${now}
          order by created_us desc, id limit ${limit} offset ${offset}`;
        return rows.map(toSession);
      }),

    counts: (tenant, user, now) => requests.answering(tenant, (sql) => countSessions(sql, tenant, user, now)),

    claim: (now, claimedUntil, limit) =>
      identity.answering((sql) => claimNotices(sql, now, claimedUntil, limit)),
    settle: (notices) => identity.answering((sql) => settleNotices(sql, notices)),

    sweep: (before, limit) =>
      identity.answering(async (sql) => {
        const { count } = await sql`
          delete from timed_sessions where (tenant_id, id) in (
            select tenant_id, id from timed_sessions where expires_us < ${before}
            order by expires_us limit ${limit} for update skip locked
          )`;
        return count;
      }),
  };
}

function ofUser(sql: Sql, user: PrincipalId | null) {
  return user === null ? sql`true` : sql`user_id = ${user}`;
}

async function countSessions(
  sql: Sql,
  tenant: TenantId,
  user: PrincipalId | null,
  now: Micros,
): Promise<SessionCounts> {
  const [row] = await sql<{ total: number; active: number; near_end: number }[]>`
    select count(*) as total,
      count(*) filter (where not is_over and expires_us > ${now}) as active,
      count(*) filter (
        where not is_over and expires_us > ${now} and expires_us - (warning_minutes * 60000000)::bigint <= ${now}
      ) as near_end
    from timed_sessions where tenant_id = ${tenant} and ${ofUser(sql, user)}`;
  if (row === undefined) throw new Problem('internal');
  return { total: row.total, active: row.active, nearEnd: row.near_end };
}
