import type { Stage } from '../../../../../domain/event.ts';
import type { PrincipalId, TenantId } from '../../../../../domain/ids.ts';
import { limits } from '../../../../../domain/limits.ts';
import type {
  AgentConversation,
  AgentConversations,
  AgentQuery,
} from '../../../../../ports/projection/listed-conversations.ts';
import type { Sql } from '../../../pool.ts';
import { type EntryRow, entryColumns, toEntry } from '../../entry-row.ts';

/** `total` in each row; with no conversation on the page one row whose other columns are null. */
type AgentRow = Omit<EntryRow, 'seq' | 'position'> & {
  readonly total: number;
  readonly conversation_id: string | null;
  readonly service_id: string | null;
  readonly stage: Stage;
  readonly updated_us: number;
  readonly agent_id: string;
  readonly at_position: number;
  readonly position: number | null;
  readonly seq: number;
};

/**
 * Open conversations of an active participant in which an agent takes part, by (updated_us, id) descending, each
 * with its newest message that a person sees.
 */
export async function listWithAgents(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  query: AgentQuery,
): Promise<AgentConversations> {
  const rows = await sql<AgentRow[]>`
    with own as (
      select c.conversation_id, c.service_id, c.stage, c.updated_us, c.position as at_position,
        c.seq as at_seq, a.principal_id as agent_id
      from participants p
      join conversations c using (tenant_id, conversation_id)
      cross join lateral (
        select o.principal_id from participants o
        where o.tenant_id = ${tenant} and o.conversation_id = c.conversation_id and o.active and o.kind = 'agent'
        order by o.joined_us, o.ordinal limit 1
      ) as a
      where p.tenant_id = ${tenant} and p.principal_id = ${principal} and p.active and c.status = 'open'
        ${conditions(sql, query)}
    ),
    page as (
      select * from own order by updated_us desc, conversation_id desc
      limit ${Math.min(query.limit, limits.listPageMax)} offset ${query.offset}
    )
    select counted.total::int as total, page.conversation_id, page.service_id, page.stage, page.updated_us,
      page.agent_id, page.at_position, newest.*
    from (select count(*) as total from own) as counted
    left join page on true
    left join lateral (
      select ${entryColumns(sql)} from messages m
      where m.tenant_id = ${tenant} and m.conversation_id = page.conversation_id
        and m.seq > page.at_seq - ${limits.previewSoughtMax}
        and m.kind = 'message' and m.deleted_us is null
        -- Only where the text has the word: metadata may hold escapes that the operators refuse.
        and case when strpos(m.data::text, '"is_internal"') > 0
          then (m.data -> 'metadata' ->> 'is_internal') is distinct from 'true' else true end
      order by m.seq desc limit 1
    ) as newest on true
    order by page.updated_us desc, page.conversation_id desc`;
  const conversations = rows.flatMap((row) =>
    row.conversation_id === null ? [] : [toConversation(tenant, row)],
  );
  return { conversations, total: rows[0]?.total ?? 0 };
}

function conditions(sql: Sql, { agent, isActive, among, env, service }: AgentQuery) {
  return sql`
    ${agent === null ? sql`` : sql`and a.principal_id = ${agent}`}
    ${isActive === null ? sql`` : isActive ? sql`and c.stage = 'active'` : sql`and c.stage <> 'active'`}
    ${among === null ? sql`` : sql`and c.conversation_id = any(${[...among]})`}
    ${env === null ? sql`` : sql`and c.env = ${env}`}
    ${service === null ? sql`` : sql`and (c.service_id is null or c.service_id = ${service})`}`;
}

function toConversation(tenant: TenantId, row: AgentRow): AgentConversation {
  const conversation = row.conversation_id ?? '';
  const { position } = row;
  return {
    ref: { tenant, service: row.service_id, conversation },
    agent: row.agent_id,
    stage: row.stage,
    updatedAt: row.updated_us,
    position: row.at_position,
    newest: position === null ? null : toEntry(conversation, { ...row, position }),
  };
}
