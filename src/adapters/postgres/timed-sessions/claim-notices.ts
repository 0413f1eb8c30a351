import type { Micros } from '../../../domain/time.ts';
import type { SessionNotice } from '../../../ports/agents/timed-sessions.ts';
import type { Sql } from '../pool.ts';
import { numbers, texts } from '../projection/array-literal.ts';
import { type NoticeRow, toNotice } from './session-rows.ts';

/**
 * Each of several nodes takes others. No statement waits for the lock of a session while it holds that of a notice:
 * whoever changes a session takes them the other way round.
 */
export async function claimNotices(
  sql: Sql,
  now: Micros,
  claimedUntil: Micros,
  limit: number,
): Promise<readonly SessionNotice[]> {
  const rows = await sql<NoticeRow[]>`
    with due as (
      select tenant_id, session_id, name, renewals from session_notices
      where due_us <= ${now} and claimed_until_us <= ${now}
      order by due_us limit ${limit} for update skip locked
    )
    update session_notices n set claimed_until_us = ${claimedUntil} from due d
    where n.tenant_id = d.tenant_id and n.session_id = d.session_id and n.name = d.name
      and n.renewals = d.renewals
    returning n.tenant_id, n.session_id, n.name, n.renewals, n.conversation_id, n.user_id, n.due_us, n.expires_us`;
  const claimed = rows.map(toNotice).sort((one, other) => one.dueAt - other.dueAt);
  return claimed.length === 0 ? claimed : await stillTrue(sql, claimed, now);
}

/** Without those of a session that was renewed, or ended, just before they were claimed: their rows go with it. */
async function stillTrue(
  sql: Sql,
  claimed: readonly SessionNotice[],
  now: Micros,
): Promise<readonly SessionNotice[]> {
  const keys = (notices: readonly SessionNotice[]) => sql`unnest(
    ${texts(notices.map(({ tenant }) => tenant))}::text[], ${texts(notices.map(({ session }) => session))}::uuid[],
    ${texts(notices.map(({ name }) => name))}::text[], ${numbers(notices.map(({ renewals }) => renewals))}::integer[]
  ) as v (tenant_id, id, name, renewals)`;
  const ends = claimed.filter(({ name }) => name === 'session.expired');
  if (ends.length > 0) {
    await sql`
      update timed_sessions s set is_over = true from ${keys(ends)}
      where s.tenant_id = v.tenant_id and s.id = v.id and s.expires_us <= ${now} and not s.is_over`;
  }
  const rows = await sql<{ tenant_id: string; id: string; name: string; renewals: number }[]>`
    select v.tenant_id, v.id, v.name, v.renewals
    from ${keys(claimed)}
    left join timed_sessions s on s.tenant_id = v.tenant_id and s.id = v.id
    where v.name = 'session.renewed' or (v.name = 'session.expired' and (s.id is null or s.is_over))
      or (v.name = 'session.expiring' and s.renewals = v.renewals and not s.is_over)`;
  const keyOf = (tenant: string, id: string, name: string, renewals: number): string =>
    JSON.stringify([tenant, id, name, renewals]);
  const still = new Set(rows.map((row) => keyOf(row.tenant_id, row.id, row.name, row.renewals)));
  const isStill = (one: SessionNotice): boolean =>
    still.has(keyOf(one.tenant, one.session, one.name, one.renewals));
  const past = claimed.filter((one) => !isStill(one));
  if (past.length > 0) await settleNotices(sql, past);
  return claimed.filter(isStill);
}

export async function settleNotices(sql: Sql, notices: readonly SessionNotice[]): Promise<null> {
  await sql`
    delete from session_notices n using unnest(
      ${texts(notices.map(({ tenant }) => tenant))}::text[], ${texts(notices.map(({ session }) => session))}::uuid[],
      ${texts(notices.map(({ name }) => name))}::text[], ${numbers(notices.map(({ renewals }) => renewals))}::integer[]
    ) as v (tenant_id, session_id, name, renewals)
    where n.tenant_id = v.tenant_id and n.session_id = v.session_id and n.name = v.name
      and n.renewals = v.renewals`;
  return null;
}
