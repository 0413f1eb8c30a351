import type { TenantId } from '../../../domain/ids.ts';
import type { Micros } from '../../../domain/time.ts';
import type { ChangedSession, SessionNotice, StoredSession } from '../../../ports/agents/timed-sessions.ts';
import type { Transaction } from '../pool.ts';
import { numbers, texts } from '../projection/array-literal.ts';
import { type SessionRow, sessionColumns, toSession } from './session-rows.ts';

export async function insertSession(
  tx: Transaction,
  session: StoredSession,
  notices: readonly SessionNotice[],
): Promise<null> {
  const { tenant, id, conversation, agent, user, metadata, createdAt, usedAt, expiresAt, renewals } = session;
  const { timeoutMinutes, autoRenew, maxDurationMinutes, warningThresholdMinutes } = session.timeouts;
  await tx`
    insert into timed_sessions (
      tenant_id, id, conversation_id, agent_id, user_id, metadata, created_us, used_us, expires_us, renewals,
      timeout_minutes, auto_renew, max_duration_minutes, warning_minutes
    ) values (
      ${tenant}, ${id}, ${conversation}, ${agent}, ${user}, ${metadata}, ${createdAt}, ${usedAt}, ${expiresAt},
      ${renewals}, ${timeoutMinutes}, ${autoRenew}, ${maxDurationMinutes}, ${warningThresholdMinutes}
    )`;
  await insertNotices(tx, notices, 0);
  return null;
}

/** The lock of the row makes those that come at once come one after another. */
export async function changeSession(
  tx: Transaction,
  tenant: TenantId,
  id: string,
  { now, claimedUntil }: { readonly now: Micros; readonly claimedUntil: Micros },
  decide: (session: StoredSession) => ChangedSession | null,
): Promise<StoredSession | null> {
  const [row] = await tx<SessionRow[]>`
    select ${sessionColumns(tx)} from timed_sessions
    where tenant_id = ${tenant} and id = ${id} and not is_over and expires_us > ${now}
    for update`;
  if (row === undefined) return null;
  const session = toSession(row);
  const changed = decide(session);
  if (changed === null) return session;
  const { lifetime, notices } = changed;
  const { timeouts } = lifetime;
  const writes: PromiseLike<unknown>[] = [
    tx`
      update timed_sessions set
        used_us = ${lifetime.usedAt}, expires_us = ${lifetime.expiresAt}, renewals = ${lifetime.renewals},
        timeout_minutes = ${timeouts.timeoutMinutes}, auto_renew = ${timeouts.autoRenew},
        max_duration_minutes = ${timeouts.maxDurationMinutes}, warning_minutes = ${timeouts.warningThresholdMinutes}
      where tenant_id = ${tenant} and id = ${id}`,
  ];
  if (notices !== null) {
    writes.push(
      tx`
        delete from session_notices
        where tenant_id = ${tenant} and session_id = ${id} and name <> 'session.renewed'`,
      insertNotices(tx, notices, claimedUntil),
    );
  }
  // Sent in this order, without waiting for each.
  await Promise.all(writes);
  return { ...session, ...lifetime };
}

/** A query that nobody has sent yet. A renewal is told by whoever renewed, who has it until `claimedUntil`. */
function insertNotices(tx: Transaction, notices: readonly SessionNotice[], claimedUntil: Micros) {
  const claims = notices.map(({ name }) => (name === 'session.renewed' ? claimedUntil : 0));
  return tx`
    insert into session_notices (
      tenant_id, session_id, name, renewals, conversation_id, user_id, due_us, expires_us, claimed_until_us
    )
    select * from unnest(
      ${texts(notices.map(({ tenant }) => tenant))}::text[],
      ${texts(notices.map(({ session }) => session))}::uuid[],
      ${texts(notices.map(({ name }) => name))}::text[],
      ${numbers(notices.map(({ renewals }) => renewals))}::integer[],
      ${texts(notices.map(({ conversation }) => conversation))}::text[],
      ${texts(notices.map(({ user }) => user))}::text[],
      ${numbers(notices.map(({ dueAt }) => dueAt))}::bigint[],
      ${numbers(notices.map(({ expiresAt }) => expiresAt))}::bigint[],
      ${numbers(claims)}::bigint[]
    )`;
}
