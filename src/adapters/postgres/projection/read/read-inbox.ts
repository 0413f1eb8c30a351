import type { PrincipalId, TenantId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { PrincipalKind } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { TimelineEntry } from '../../../../domain/timeline.ts';
import type {
  InboxConversation,
  InboxQuery,
  Listed,
} from '../../../../ports/projection/listed-conversations.ts';
import type { Sql } from '../../pool.ts';
import { isShown } from '../../unread/unread-sql.ts';
import { numbers, texts } from '../array-literal.ts';
import { type EntryRow, entryColumns, toEntry } from '../entry-row.ts';
import { type ListedRow, readPage, toListed } from './lists/list-conversations.ts';
import { personalConditions } from './personal-conditions.ts';

type InboxRow = ListedRow & {
  readonly kind: PrincipalKind;
  readonly muted_until_us: number | null;
  readonly archived_us: number | null;
  readonly others: readonly (readonly [id: string, kind: PrincipalKind])[] | null;
  readonly has_agent: boolean;
};

/** A page of an inbox, then its previews: one look from the end of each conversation. */
export async function readInbox(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  query: InboxQuery,
): Promise<Listed<InboxConversation> | Problem> {
  const shape = {
    columns: inboxColumns(sql, tenant, principal),
    conditions: personalConditions(sql, tenant, principal, query.archived),
  };
  const page = await readPage<InboxRow>(sql, tenant, principal, { ...query, unreadOnly: false }, shape);
  if (page instanceof Problem) return page;
  const newest = await readNewest(sql, tenant, principal, page.rows);
  const conversations = page.rows.map((row) => ({
    ...toListed(row),
    mutedUntil: row.muted_until_us,
    archivedAt: row.archived_us,
    others: (row.others ?? []).map(([id, kind]) => ({ id, kind })),
    hasAgent: row.has_agent,
    newest: newest.get(row.conversation_id) ?? null,
  }));
  return { conversations, next: page.next, blocked: page.blocked };
}

function inboxColumns(sql: Sql, tenant: TenantId, principal: PrincipalId) {
  return sql`,
    k.muted_until_us, k.archived_us,
    case when c.type = 'private' then (
      select json_agg(json_build_array(o.principal_id, o.kind)) from (
        select o.principal_id, o.kind from participants o
        where o.tenant_id = ${tenant} and o.conversation_id = c.conversation_id and o.active
          and o.principal_id <> ${principal}
        order by o.joined_us, o.ordinal limit 2
      ) as o
    ) end as others,
    exists (
      select from participants o
      where o.tenant_id = ${tenant} and o.conversation_id = c.conversation_id and o.active and o.kind <> 'user'
    ) as has_agent`;
}

async function readNewest(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  page: readonly InboxRow[],
): Promise<ReadonlyMap<string, TimelineEntry>> {
  const after = page.map((row) => Math.max(row.cleared_seq, row.seq - limits.previewSoughtMax));
  const rows = await sql<(EntryRow & { readonly conversation_id: string })[]>`
    select page.conversation_id, newest.*
    from unnest(
      ${texts(page.map((row) => row.conversation_id))}::text[], ${numbers(after)}::bigint[],
      ${texts(page.map(({ kind }) => kind))}::text[]
    ) as page (conversation_id, after_seq, kind)
    cross join lateral (
      select ${entryColumns(sql)} from messages m
      where m.tenant_id = ${tenant} and m.conversation_id = page.conversation_id collate "C"
        and m.seq > page.after_seq and m.kind = 'message' and m.deleted_us is null
        and ${isShown(sql, tenant, principal)}
      order by m.seq desc limit 1
    ) as newest`;
  return new Map(rows.map((row) => [row.conversation_id, toEntry(row.conversation_id, row)]));
}
