/** The port RunningAgents, with the rights of a projector. */
import type { ConversationRef, ConversationType } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { RunningAgents } from '../../ports/agents/agent-turns.ts';
import type { Pool, Sql } from './pool.ts';
import { texts } from './projection/array-literal.ts';

interface Row {
  readonly tenant_id: string;
  readonly conversation_id: string;
  readonly service_id: string | null;
  readonly agent: string;
  readonly type: ConversationType;
  readonly floor: string | null;
}

export function openRunningAgents(pool: Pool): RunningAgents {
  return {
    async takingPart(refs) {
      const rows = await pool.answering((sql) => select(sql, refs));
      if (rows instanceof Problem) return rows;
      return rows.map((row) => ({
        ref: { tenant: row.tenant_id, service: row.service_id, conversation: row.conversation_id },
        agent: row.agent,
        type: row.type,
        floor: row.floor,
      }));
    },
  };
}

/**
 * Each lateral is one probe of an index, whatever the planner believes of the tables: 2 µs for a conversation
 * without an agent. The ids of principals have another collation than those of participants.
 */
function select(sql: Sql, refs: readonly ConversationRef[]) {
  return sql<Row[]>`
    select v.tenant_id, v.conversation_id, c.service_id, p.principal_id as agent, c.type, c.floor
    from unnest(
      ${texts(refs.map(({ tenant }) => tenant))}::text[],
      ${texts(refs.map(({ conversation }) => conversation))}::text[]
    ) as v (tenant_id, conversation_id)
    cross join lateral (
      select p.principal_id from participants p
      where p.tenant_id = v.tenant_id and p.conversation_id = v.conversation_id
        and p.active and p.kind = 'agent'
      limit ${limits.participantsMax}
    ) p
    cross join lateral (
      select a.id from principals a
      where a.tenant_id = v.tenant_id and a.id = p.principal_id collate "default" and a.runs and a.status = 'active'
      limit 1
    ) a
    cross join lateral (
      select c.service_id, c.type, c.control ->> 'floor' as floor from conversations c
      where c.tenant_id = v.tenant_id and c.conversation_id = v.conversation_id and c.status = 'open'
      limit 1
    ) c`;
}
