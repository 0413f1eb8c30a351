/** The MessageSearch port: search_messages() finds places, which are read behind the wall of the tenant. */
import type {
  FoundMessages,
  MessageQuery,
  MessageSearch,
} from '../../../ports/conversations/message-search.ts';
import { containing } from '../people/like-pattern.ts';
import type { Sql, TenantPool } from '../pool.ts';
import { type EntryRow, entryColumns, toEntry } from '../projection/entry-row.ts';
import { findInTenant } from './find-in-tenant.ts';

type FoundRow = EntryRow & { readonly conversation_id: string };

export function openMessageSearch(pool: TenantPool): MessageSearch {
  return {
    find: (query) =>
      pool.answering(query.tenant, async (sql) => pageOf(await findForReader(sql, query), query.limit)),
    findInTenant: (query) =>
      pool.answering(query.tenant, async (sql) => pageOf(await findInTenant(sql, query), query.limit)),
  };
}

/** One more than asked for tells that there are more. */
function pageOf(rows: readonly FoundRow[], limit: number): FoundMessages {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    entries: rows.slice(0, limit).map((row) => toEntry(row.conversation_id, row)),
    next: last === undefined ? null : { at: last.at_us, message: last.message_id },
  };
}

async function findForReader(sql: Sql, query: MessageQuery): Promise<readonly FoundRow[]> {
  const { tenant } = query;
  return await sql<FoundRow[]>`
    select m.conversation_id, ${entryColumns(sql)}
    from search_messages(${searchOf(sql, query)}) place
    join messages m on m.tenant_id = ${tenant}
      and m.conversation_id = place.conversation_id and m.seq = place.seq
    order by m.at_us desc, m.message_id desc`;
}

/** The fields of message_search (migrations/0013_search.sql), in their order. */
function searchOf(sql: Sql, query: MessageQuery) {
  const { words, below } = query;
  // What stands between < and > is no tag to us, neither here nor in the index.
  const plain = words.plain.replace(/[<>]/g, ' ');
  return sql`
    row(
      ${query.tenant}::text, ${query.reader}::text, ${query.isPerson}::boolean,
      websearch_to_tsquery('simple', ${plain}) && ${words.pairs}::tsquery,
      ${words.contained.map(containing)}::text[],
      ${query.env}::text, ${query.service}::text, ${query.conversation}::text,
      ${query.beforeSeq}::bigint, ${query.sender}::text, ${query.contentType}::text,
      ${query.after}::bigint, ${query.before}::bigint,
      ${below?.at ?? null}::bigint, ${below?.message ?? null}::text,
      ${query.limit + 1}::integer
    )::message_search`;
}
