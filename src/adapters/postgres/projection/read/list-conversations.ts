import type { PrincipalId, TenantId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ListedConversation, ListQuery } from '../../../../ports/projection.ts';
import type { Sql } from '../../pool.ts';
import { type SurveyedRow, toSurveyed } from '../conversation-row.ts';
import { decodeCursor, encodeCursor, type ListCursor } from './list-cursor.ts';

type ListedRow = SurveyedRow & {
  readonly role: ListedConversation['role'];
  readonly last_read_seq: number;
  readonly unread: number;
};

export interface ListPage {
  readonly conversations: readonly ListedConversation[];
  readonly next: string | null;
}

/**
 * Open conversations of an active participant by (updated_us, id) descending. A conversation that
 * moves to the front between two pages is not seen again: its new place lies before the cursor.
 */
export async function listConversations(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  query: ListQuery,
): Promise<ListPage | Problem> {
  const cursor = query.cursor === null ? null : decodeCursor(query.cursor);
  if (cursor instanceof Problem) return cursor;
  const limit = Math.min(query.limit, limits.listPageMax);
  const rows = await sql<ListedRow[]>`
    select page.*, counted.unread
    from (${pageOf(sql, tenant, principal, query, cursor, limit)}) as page
    cross join lateral (
      select count(*) as unread from (${unreadOf(sql, principal, limits.unreadMax)}) as bounded
    ) as counted
    order by page.updated_us desc, page.conversation_id desc`;
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    conversations: rows.slice(0, limit).map(toListed),
    next: last === undefined ? null : encodeCursor(last.updated_us, last.conversation_id),
  };
}

/** One more row than asked for, so that it is known whether there is a next page. */
function pageOf(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  query: ListQuery,
  cursor: ListCursor | null,
  limit: number,
) {
  const { env, service, unreadOnly } = query;
  return sql`
    select page.*
    from (
      select
        c.tenant_id, c.conversation_id, c.service_id, c.type, c.name, c.description, c.metadata, c.env,
        c.created_by, c.created_us, c.updated_us, c.position, c.seq, c.sealed, p.role,
        coalesce(r.last_read_seq, 0) as last_read_seq,
        greatest(coalesce(r.last_read_seq, 0), p.joined_seq) as seen_seq
      from participants p
      join conversations c using (tenant_id, conversation_id)
      left join read_cursors r using (tenant_id, conversation_id, principal_id)
      where p.tenant_id = ${tenant} and p.principal_id = ${principal} and p.active and c.status = 'open'
        ${env === null ? sql`` : sql`and c.env = ${env}`}
        ${service === null ? sql`` : sql`and (c.service_id is null or c.service_id = ${service})`}
        ${
          cursor === null
            ? sql``
            : sql`and (c.updated_us, c.conversation_id) < (${cursor.updatedUs}, ${cursor.conversation})`
        }
    ) as page
    ${unreadOnly ? sql`where exists (${unreadOf(sql, principal, 1)})` : sql``}
    order by page.updated_us desc, page.conversation_id desc
    limit ${limit + 1}`;
}

/** Unread messages of a row of `page`, at most `max`. */
function unreadOf(sql: Sql, principal: PrincipalId, max: number) {
  return sql`
    select 1 from messages m
    where m.tenant_id = page.tenant_id and m.conversation_id = page.conversation_id
      and m.seq > page.seen_seq
      and m.kind = 'message' and m.deleted_us is null and m.sender_id <> ${principal}
    limit ${max}`;
}

function toListed(row: ListedRow): ListedConversation {
  return { ...toSurveyed(row), role: row.role, lastReadSeq: row.last_read_seq, unread: row.unread };
}
