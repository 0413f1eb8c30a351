import type { SessionNotice, StoredSession } from '../../../ports/agents/timed-sessions.ts';
import type { Sql } from '../pool.ts';

export interface SessionRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly conversation_id: string;
  readonly agent_id: string;
  readonly user_id: string;
  readonly metadata: string;
  readonly created_us: number;
  readonly used_us: number;
  readonly expires_us: number;
  readonly renewals: number;
  readonly timeout_minutes: number;
  readonly auto_renew: boolean;
  readonly max_duration_minutes: number;
  readonly warning_minutes: number;
}

export function sessionColumns(sql: Sql) {
  return sql`
    tenant_id, id, conversation_id, agent_id, user_id, metadata, created_us, used_us, expires_us, renewals,
    timeout_minutes, auto_renew, max_duration_minutes, warning_minutes`;
}

export function toSession(row: SessionRow): StoredSession {
  return {
    ...{ tenant: row.tenant_id, id: row.id, conversation: row.conversation_id },
    ...{ agent: row.agent_id, user: row.user_id, metadata: row.metadata },
    ...{ createdAt: row.created_us, usedAt: row.used_us, expiresAt: row.expires_us, renewals: row.renewals },
    timeouts: {
      timeoutMinutes: row.timeout_minutes,
      autoRenew: row.auto_renew,
      maxDurationMinutes: row.max_duration_minutes,
      warningThresholdMinutes: row.warning_minutes,
    },
  };
}

export interface NoticeRow {
  readonly tenant_id: string;
  readonly session_id: string;
  readonly name: SessionNotice['name'];
  readonly renewals: number;
  readonly conversation_id: string;
  readonly user_id: string;
  readonly due_us: number;
  readonly expires_us: number;
}

export function toNotice(row: NoticeRow): SessionNotice {
  return {
    ...{ tenant: row.tenant_id, session: row.session_id, conversation: row.conversation_id },
    ...{ user: row.user_id, name: row.name, renewals: row.renewals },
    ...{ dueAt: row.due_us, expiresAt: row.expires_us },
  };
}
