import type { ConversationRef } from '../../../../domain/event.ts';
import type { Sql } from '../../pool.ts';
import { foundSeq, seqSearch } from './seq-search.ts';

/** Stream sequence of the last timeline entry at or before `position`; 0 when there is none. */
export async function logSeqAt(sql: Sql, ref: ConversationRef, position: number): Promise<number> {
  const rows = await sql<{ log_seq: number }[]>`
    with recursive ${seqSearch(sql, 'search', ref, 'position', position)}
    select m.log_seq from messages m
    where m.tenant_id = ${ref.tenant} and m.conversation_id = ${ref.conversation}
      and m.seq <= ${foundSeq(sql, 'search')}
    order by m.seq desc limit 1`;
  return rows[0]?.log_seq ?? 0;
}
