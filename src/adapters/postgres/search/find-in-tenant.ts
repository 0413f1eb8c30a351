import { limits } from '../../../domain/limits.ts';
import type { TenantMessageQuery } from '../../../ports/conversations/message-search.ts';
import { containing } from '../people/like-pattern.ts';
import type { Sql } from '../pool.ts';
import { type EntryRow, entryColumns } from '../projection/entry-row.ts';

/**
 * For who reads all of a tenant: nobody's blocks and marks count; a key bound
 * to a service reads that service only (architecture.md §7). Back from the newest entry by messages_by_time, and
 * not further than limits.searchedOfTenantMax entries: behind row level security the index on words is not used
 * (ADR 0020), and a rare word would make it read every message.
 */
export async function findInTenant(
  sql: Sql,
  query: TenantMessageQuery,
): Promise<readonly (EntryRow & { readonly conversation_id: string })[]> {
  const { tenant, conversation, env, service, sender, contentType, after, before, below, beforeSeq } = query;
  // What stands between < and > is no tag to us, neither here nor in the index.
  const plain = query.words.plain.replace(/[<>]/g, ' ');
  const words = sql`(websearch_to_tsquery('simple', ${plain}) && ${query.words.pairs}::tsquery)`;
  return await sql`
    select m.conversation_id, ${entryColumns(sql)}
    from (
      select * from messages
      where tenant_id = ${tenant}
        and at_us <= least(${below?.at ?? null}::bigint, ${before}::bigint, 9223372036854775807)
        and (${after}::bigint is null or at_us > ${after}::bigint)
      order by at_us desc limit ${limits.searchedOfTenantMax}
    ) m
    join conversations c on c.tenant_id = ${tenant} and c.conversation_id = m.conversation_id
    where m.search @@ ${words} and querytree(${words}) not in ('', 'T')
      and m.kind = 'message' and m.deleted_us is null and c.status = 'open'
      and (${conversation}::text is null or m.conversation_id = ${conversation}::text)
      and (${env}::text is null or c.env = ${env}::text)
      and (${service}::text is null or c.service_id = ${service}::text)
      and (${sender}::text is null or m.sender_id = ${sender}::text)
      and (${contentType}::text is null or m.content_type = ${contentType}::text)
      and (${beforeSeq}::bigint is null or m.seq < ${beforeSeq}::bigint)
      and (${before}::bigint is null or m.at_us < ${before}::bigint)
      and (
        ${below?.at ?? null}::bigint is null
        or (m.at_us, m.message_id) < (${below?.at ?? null}::bigint, ${below?.message ?? null}::text collate "C")
      )
      and m.content ilike all (${query.words.contained.map(containing)}::text[])
      and not (${query.isPerson}::boolean and coalesce(m.data -> 'metadata' ->> 'is_internal', '') = 'true')
    order by m.at_us desc, m.message_id desc
    limit ${query.limit + 1}`;
}
