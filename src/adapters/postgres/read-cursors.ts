/** The ReadCursors port on PostgreSQL: a truth of its own, which a rebuild of the projection leaves alone. */
import type { ConversationRef } from '../../domain/event.ts';
import type { PrincipalId } from '../../domain/ids.ts';
import type { Micros } from '../../domain/time.ts';
import type { ReadCursors } from '../../ports/projection.ts';
import type { Sql, TenantPool } from './pool.ts';

export function openReadCursors(pool: TenantPool): ReadCursors {
  return {
    advance: (ref, principal, upToSeq) =>
      pool.answering(ref.tenant, (sql) => advance(sql, ref, principal, upToSeq)),
    readTimes: (ref) => pool.answering(ref.tenant, (sql) => readTimes(sql, ref)),
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
