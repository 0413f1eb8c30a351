import type { PrincipalId, TenantId } from '../../../../../domain/ids.ts';
import { limits } from '../../../../../domain/limits.ts';
import { Problem } from '../../../../../domain/problem.ts';
import type {
  ListedConversation,
  ListPage,
  ListQuery,
} from '../../../../../ports/projection/listed-conversations.ts';
import type { Sql } from '../../../pool.ts';
import { storeCounts } from '../../../unread/store-counts.ts';
import { type CountedRow, countedFrom, countsFor, type Fragment } from '../../../unread/unread-sql.ts';
import { type SurveyedRow, toSurveyed } from '../../conversation-row.ts';
import { decodeCursor, encodeCursor } from './list-cursor.ts';

export type ListedRow = SurveyedRow &
  CountedRow & {
    readonly role: ListedConversation['role'];
    readonly last_read_seq: number;
    readonly cleared_seq: number;
  };

/** What a list of another kind takes from the same rows, beside what all have. */
export interface ListShape {
  readonly columns: Fragment;
  readonly conditions: Fragment;
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
  const plain = { columns: sql``, conditions: sql`` };
  const page = await readPage<ListedRow>(sql, tenant, principal, query, plain);
  if (page instanceof Problem) return page;
  return { conversations: page.rows.map(toListed), next: page.next, blocked: page.blocked };
}

/** A page of rows with their counts, which are stored. */
export async function readPage<Row extends ListedRow>(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  query: ListQuery,
  shape: ListShape,
): Promise<{ rows: Row[]; next: string | null; blocked: ReadonlySet<PrincipalId> } | Problem> {
  const cursor = query.cursor === null ? null : decodeCursor(query.cursor);
  if (cursor instanceof Problem) return cursor;
  const limit = Math.min(query.limit, limits.listPageMax);
  const after =
    cursor === null
      ? sql``
      : sql`and (c.updated_us, c.conversation_id) < (${cursor.updatedUs}, ${cursor.conversation})`;
  // One more than asked for, so that it is known whether there is a next page.
  const ordered = sql`
    select page.* from (${ownConversations(sql, tenant, principal, query, { ...shape, conditions: sql`${after} ${shape.conditions}` })}) as page
    ${query.unreadOnly ? sql`where exists (${anyUnread(sql, tenant, principal)})` : sql``}
    order by page.updated_us desc, page.conversation_id desc
    limit ${limit + 1}`;
  const rows = await sql<(Row & { readonly blocked: readonly string[] })[]>`
    select counted.*, array(
      select blocked_id from blocks where tenant_id = ${tenant} and principal_id = ${principal}
    ) as blocked
    from (${countedFrom(sql, tenant, principal, ordered)}) as counted
    order by counted.updated_us desc, counted.conversation_id desc`;
  await storeCounts(sql, tenant, principal, rows);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    rows: rows.slice(0, limit),
    next: last === undefined ? null : encodeCursor(last.updated_us, last.conversation_id),
    blocked: new Set(rows[0]?.blocked ?? []),
  };
}

/** Every open conversation that the principal is in, with its marks. */
export function ownConversations(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  { env, service }: Pick<ListQuery, 'env' | 'service'>,
  { columns, conditions }: ListShape,
) {
  return sql`
    select
      c.tenant_id, c.conversation_id, c.service_id, c.type, c.name, c.description, c.metadata,
      c.stage, c.entity_type, c.entity_id, c.env, c.created_by, c.created_us, c.changed_us, c.updated_us,
      c.position, c.seq, c.sealed, c.recount_position,
      p.role, p.kind, coalesce(r.last_read_seq, 0) as last_read_seq, coalesce(k.cleared_seq, 0) as cleared_seq,
      greatest(coalesce(r.last_read_seq, 0), coalesce(k.cleared_seq, 0), p.joined_seq) as floor_seq
      ${columns}
    from participants p
    join conversations c using (tenant_id, conversation_id)
    -- Probes, each of one row (\`offset 0\` keeps them so): a planner whose statistics are of yesterday, when these
    -- tables were empty, joins them in loops, which took 10 s for 10,000 conversations.
    left join lateral (
      select last_read_seq from read_cursors
      where tenant_id = ${tenant} and conversation_id = c.conversation_id and principal_id = ${principal} offset 0
    ) as r on true
    left join lateral (
      select cleared_seq, cleared_us, muted_until_us, archived_us from conversation_marks
      where tenant_id = ${tenant} and principal_id = ${principal} and conversation_id = c.conversation_id offset 0
    ) as k on true
    where p.tenant_id = ${tenant} and p.principal_id = ${principal} and p.active and c.status = 'open'
      ${env === null ? sql`` : sql`and c.env = ${env}`}
      ${service === null ? sql`` : sql`and (c.service_id is null or c.service_id = ${service})`}
      ${conditions}`;
}

/** Without counting: the first one is enough. */
function anyUnread(sql: Sql, tenant: TenantId, principal: PrincipalId) {
  return sql`
    select from messages m
    where m.tenant_id = ${tenant} and m.conversation_id = page.conversation_id and m.seq > page.floor_seq
      and ${countsFor(sql, tenant, principal)}`;
}

export function toListed(row: ListedRow): ListedConversation {
  const { role, last_read_seq: lastReadSeq, cleared_seq: clearedSeq, unread } = row;
  return { ...toSurveyed(row), role, lastReadSeq, clearedSeq, unread };
}
