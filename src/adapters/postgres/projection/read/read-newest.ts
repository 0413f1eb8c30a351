import type { ConversationId, TenantId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { NewestMessages, NewestQuery } from '../../../../ports/projection/projection-reader.ts';
import type { Sql } from '../../pool.ts';
import { texts } from '../array-literal.ts';
import { type EntryRow, entryColumns, toEntry } from '../entry-row.ts';

/** With a null `seq` where a conversation has no messages, or one that is left out. */
type NewestRow = EntryRow & {
  readonly conversation_id: string;
  readonly at_position: number;
  readonly at_log_seq: number;
  readonly at_seq: number;
  /** 1: the newest. */
  readonly rank: number | null;
};

/**
 * The newest messages of several conversations, with their watermarks. Keys and sizes first: what the bounds leave
 * out is not read. (octet_length() and pg_column_size() know them without reading a long text.)
 */
export async function readNewest(
  sql: Sql,
  tenant: TenantId,
  conversations: readonly ConversationId[],
  query: NewestQuery,
): Promise<ReadonlyMap<ConversationId, NewestMessages>> {
  const rows = await sql<NewestRow[]>`
    with sized as (
      select newest.*, sum(newest.bytes) over (order by newest.rank, newest.conversation_id) as bytes_up_to
      from conversations c
      cross join lateral (
        select
          m.conversation_id, m.seq, row_number() over (order by m.seq desc) as rank,
          octet_length(m.content) + pg_column_size(m.data) as bytes
        from messages m
        where m.tenant_id = ${tenant} and m.conversation_id = c.conversation_id
          and m.seq > c.seq - ${limits.embeddedSoughtMax} and m.kind = 'message' and m.deleted_us is null
          ${query.isForPerson ? sql`and ${isForPeople(sql)}` : sql``}
        order by m.seq desc limit ${query.limit + 1}
      ) as newest
      where c.tenant_id = ${tenant} and c.conversation_id = any(${texts(conversations)}::text[] collate "C")
    )
    select
      c.conversation_id, c.position as at_position, c.log_seq as at_log_seq, c.seq as at_seq, sized.rank, e.*
    from conversations c
    left join sized using (conversation_id)
    left join lateral (
      select ${entryColumns(sql)} from messages m
      where m.tenant_id = ${tenant} and m.conversation_id = sized.conversation_id and m.seq = sized.seq
        and sized.rank <= ${query.limit} and sized.bytes_up_to <= ${query.bytesMax}
    ) as e on true
    where c.tenant_id = ${tenant} and c.conversation_id = any(${texts(conversations)}::text[] collate "C")
    order by sized.rank desc`;
  return grouped(rows, query.limit);
}

/** As unread-sql.ts has it: only where the text has the word are metadata looked into. */
function isForPeople(sql: Sql) {
  return sql`
    case
      when strpos(m.data::text, '"is_internal"') > 0
      then (m.data -> 'metadata' ->> 'is_internal') is distinct from 'true'
      else true
    end`;
}

function grouped(rows: readonly NewestRow[], limit: number): ReadonlyMap<ConversationId, NewestMessages> {
  const byConversation = new Map<ConversationId, NewestRow[]>();
  for (const row of rows) {
    const before = byConversation.get(row.conversation_id);
    if (before === undefined) byConversation.set(row.conversation_id, [row]);
    else before.push(row);
  }
  const found = new Map<ConversationId, NewestMessages>();
  for (const [conversation, ofIt] of byConversation) {
    const [{ at_position: position = 0, at_log_seq: logSeq = 0, at_seq: seq = 0 } = {}] = ofIt;
    const read = ofIt.filter((row) => row.seq !== null);
    const isCut = ofIt.some((row) => row.rank !== null && row.seq === null);
    const isSoughtAll = seq <= limits.embeddedSoughtMax || read.length >= limit;
    found.set(conversation, {
      entries: read.map((row) => toEntry(conversation, row)),
      hasMore: isCut || !isSoughtAll,
      at: { position, logSeq },
    });
  }
  return found;
}
