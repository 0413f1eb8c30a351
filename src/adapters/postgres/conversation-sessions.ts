/** The ConversationSessionStore port on PostgreSQL. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type {
  ConversationSession,
  ConversationSessionStore,
  SessionKey,
} from '../../ports/conversations/conversation-sessions.ts';
import type { Sql, TenantPool } from './pool.ts';

interface SessionRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly conversation_id: string;
  readonly principal_id: string;
  readonly sid: string | null;
  readonly created_us: number;
  readonly expires_us: number | null;
}

export function openConversationSessions(pool: TenantPool): ConversationSessionStore {
  return {
    add: (session) => pool.answering(session.tenant, (sql) => addSession(sql, session)),

    use: (tenant, key, now, { idleUs, slideUs }) =>
      pool.answering(tenant, async (sql) => {
        const [row] = await sql<SessionRow[]>`
          with moved as (
            update conversation_sessions set expires_us = least(${now + idleUs}, ends_us)
            where tenant_id = ${tenant} and ${named(sql, key)} and expires_us > ${now}
              and expires_us + ${slideUs} < least(${now + idleUs}, ends_us)
          )
          select ${columns(sql)} from conversation_sessions
          where tenant_id = ${tenant} and ${named(sql, key)} and (expires_us is null or expires_us > ${now})`;
        return row === undefined ? null : toSession(row);
      }),

    live: (tenant, principal, now) =>
      pool.answering(tenant, async (sql) => {
        const rows = await sql<Pick<SessionRow, 'conversation_id'>[]>`
          select conversation_id from conversation_sessions
          where tenant_id = ${tenant} and principal_id = ${principal}
            and (expires_us is null or expires_us > ${now})
          order by created_us desc limit ${limits.openConversationsPerSocketMax}`;
        return rows.map((row) => row.conversation_id);
      }),

    spend: (tenant, id, max) =>
      pool.answering(tenant, async (sql) => {
        const { count } = await sql`
          update conversation_sessions set sent = sent + 1
          where tenant_id = ${tenant} and id = ${id} and sent < ${max}`;
        return count === 1;
      }),

    refund: (tenant, id) =>
      pool.answering(tenant, async (sql) => {
        await sql`
          update conversation_sessions set sent = sent - 1
          where tenant_id = ${tenant} and id = ${id} and sent > 0`;
        return null;
      }),

    ended: (tenant, before, limit) =>
      pool.answering(tenant, async (sql) => {
        const rows = await sql<SessionRow[]>`
          select ${columns(sql)} from conversation_sessions
          where tenant_id = ${tenant} and expires_us < ${before} order by expires_us limit ${limit}`;
        return rows.map(toSession);
      }),

    remove: (tenant, ids) =>
      pool.answering(tenant, async (sql) => {
        await sql`delete from conversation_sessions where tenant_id = ${tenant} and id = any(${[...ids]})`;
        return null;
      }),
  };
}

async function addSession(sql: Sql, session: ConversationSession): Promise<Problem | null> {
  const { tenant, id, conversation, principal, sid, createdAt, expiresAt } = session;
  // A guest's session ends with the identity session that its token names.
  const ends =
    sid === null
      ? sql`null::bigint`
      : sql`(select s.ends_us from sessions s where s.tenant_id = ${tenant} and s.id = ${sid})`;
  const { count } = await sql`
    insert into conversation_sessions (
      tenant_id, id, conversation_id, principal_id, sid, created_us, expires_us, ends_us
    ) values (
      ${tenant}, ${id}, ${conversation}, ${principal}, ${sid}, ${createdAt}, ${expiresAt}, ${ends}
    ) on conflict do nothing`;
  return count === 1 ? null : new Problem('conflict', 'This conversation has a session already.');
}

function named(sql: Sql, key: SessionKey) {
  return 'id' in key ? sql`id = ${key.id}` : sql`conversation_id = ${key.conversation}`;
}

function columns(sql: Sql) {
  return sql`tenant_id, id, conversation_id, principal_id, sid, created_us, expires_us`;
}

function toSession(row: SessionRow): ConversationSession {
  return {
    tenant: row.tenant_id,
    id: row.id,
    conversation: row.conversation_id,
    principal: row.principal_id,
    sid: row.sid,
    createdAt: row.created_us,
    expiresAt: row.expires_us,
  };
}
