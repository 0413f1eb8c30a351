/** The ReadCursors port on PostgreSQL: a truth of its own, which a rebuild of the projection leaves alone. */
import type { ConversationRef } from '../../domain/event.ts';
import type { ConversationId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Micros } from '../../domain/time.ts';
import type { ReadCursors, SlowestReaders } from '../../ports/projection/read-cursors.ts';
import type { Sql, TenantPool } from './pool.ts';
import { texts } from './projection/array-literal.ts';

export function openReadCursors(pool: TenantPool): ReadCursors {
  return {
    advance: (ref, principal, upToSeq) =>
      pool.answering(ref.tenant, (sql) => advance(sql, ref, principal, upToSeq)),
    readTimes: (ref) => pool.answering(ref.tenant, (sql) => readTimes(sql, ref)),
    slowest: (refs) =>
      pool.answering(refs[0]?.tenant ?? '', (sql) =>
        slowest(
          sql,
          refs[0]?.tenant ?? '',
          refs.map(({ conversation }) => conversation),
        ),
      ),
  };
}

async function advance(sql: Sql, ref: ConversationRef, principal: PrincipalId, upToSeq: number) {
  if (upToSeq > 0) {
    const moved = await sql`
      insert into read_cursors as r (tenant_id, conversation_id, principal_id, last_read_seq, updated_us)
      values (
        ${ref.tenant}, ${ref.conversation}, ${principal}, ${upToSeq},
        extract(epoch from clock_timestamp()) * 1000000
      )
      on conflict (tenant_id, conversation_id, principal_id) do update
        set last_read_seq = excluded.last_read_seq, updated_us = excluded.updated_us
        where r.last_read_seq < excluded.last_read_seq
      returning r.last_read_seq`;
    if (moved.length > 0) return { lastReadSeq: upToSeq, advanced: true };
  }
  const rows = await sql<{ last_read_seq: number }[]>`
    select last_read_seq from read_cursors
    where tenant_id = ${ref.tenant} and conversation_id = ${ref.conversation} and principal_id = ${principal}`;
  return { lastReadSeq: rows[0]?.last_read_seq ?? 0, advanced: false };
}

/** Participants are at most limits.participantsMax; those who left and whoever reads for another are among them. */
async function readTimes(sql: Sql, ref: ConversationRef): Promise<ReadonlyMap<PrincipalId, Micros>> {
  const rows = await sql<{ principal_id: PrincipalId; updated_us: Micros }[]>`
    select principal_id, updated_us from read_cursors
    where tenant_id = ${ref.tenant} and conversation_id = ${ref.conversation}`;
  return new Map(rows.map(({ principal_id, updated_us }) => [principal_id, updated_us]));
}

/** Of each conversation the two that have read the least. */
async function slowest(
  sql: Sql,
  tenant: TenantId,
  conversations: readonly ConversationId[],
): Promise<ReadonlyMap<ConversationId, SlowestReaders>> {
  const rows = await sql<{ conversation_id: string; principal_id: string; read_seq: number }[]>`
    select page.conversation_id, slow.principal_id, slow.read_seq
    from unnest(${texts(conversations)}::text[]) as page (conversation_id)
    cross join lateral (
      select p.principal_id, coalesce(r.last_read_seq, 0) as read_seq
      from participants p
      left join read_cursors r
        on r.tenant_id = ${tenant} and r.conversation_id = p.conversation_id and r.principal_id = p.principal_id
      where p.tenant_id = ${tenant} and p.conversation_id = page.conversation_id collate "C" and p.active
      order by read_seq, p.principal_id limit 2
    ) as slow
    order by slow.read_seq, slow.principal_id`;
  const found = new Map<ConversationId, SlowestReaders>();
  for (const { conversation_id: conversation, principal_id: slowest, read_seq: readSeq } of rows) {
    const first = found.get(conversation);
    const entry =
      first === undefined ? { slowest, readSeq, othersReadSeq: null } : { ...first, othersReadSeq: readSeq };
    found.set(conversation, entry);
  }
  return found;
}
