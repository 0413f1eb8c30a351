import type { ConversationRef } from '../../../domain/event.ts';
import type { PrincipalId } from '../../../domain/ids.ts';
import type { Micros } from '../../../domain/time.ts';
import type { ConversationMark } from '../../../ports/conversations/personal.ts';
import type { Sql } from '../pool.ts';

interface MarkRow {
  readonly cleared_seq: number;
  readonly muted_until_us: number | null;
  readonly archived_us: number | null;
}

export async function readMark(
  sql: Sql,
  { tenant, conversation }: ConversationRef,
  principal: PrincipalId,
): Promise<ConversationMark> {
  const [row] = await sql<MarkRow[]>`
    select cleared_seq, muted_until_us, archived_us from conversation_marks
    where tenant_id = ${tenant} and principal_id = ${principal} and conversation_id = ${conversation}`;
  return {
    clearedSeq: row?.cleared_seq ?? 0,
    mutedUntil: row?.muted_until_us ?? null,
    archivedAt: row?.archived_us ?? null,
  };
}

/** The greatest of all that were ever said. */
export async function writeCleared(
  sql: Sql,
  { tenant, conversation }: ConversationRef,
  principal: PrincipalId,
  upToSeq: number,
): Promise<number> {
  const [row] = await sql<{ cleared_seq: number }[]>`
    insert into conversation_marks as m (tenant_id, principal_id, conversation_id, cleared_seq, cleared_us)
    values (
      ${tenant}, ${principal}, ${conversation}, ${upToSeq},
      (extract(epoch from clock_timestamp()) * 1000000)::bigint
    )
    on conflict (tenant_id, principal_id, conversation_id) do update
      set cleared_seq = greatest(m.cleared_seq, excluded.cleared_seq), cleared_us = excluded.cleared_us
    returning m.cleared_seq`;
  return row?.cleared_seq ?? upToSeq;
}

export async function writeMuted(
  sql: Sql,
  { tenant, conversation }: ConversationRef,
  principal: PrincipalId,
  until: Micros | null,
): Promise<null> {
  await sql`
    insert into conversation_marks (tenant_id, principal_id, conversation_id, muted_until_us)
    values (${tenant}, ${principal}, ${conversation}, ${until})
    on conflict (tenant_id, principal_id, conversation_id) do update
      set muted_until_us = excluded.muted_until_us`;
  return null;
}

/** The time at which it was put away, however often that is asked for. */
export async function writeArchived(
  sql: Sql,
  { tenant, conversation }: ConversationRef,
  principal: PrincipalId,
): Promise<Micros> {
  const [row] = await sql<{ archived_us: number }[]>`
    insert into conversation_marks as m (tenant_id, principal_id, conversation_id, archived_us)
    values (
      ${tenant}, ${principal}, ${conversation}, (extract(epoch from clock_timestamp()) * 1000000)::bigint
    )
    on conflict (tenant_id, principal_id, conversation_id) do update
      set archived_us = coalesce(m.archived_us, excluded.archived_us)
    returning m.archived_us`;
  if (row === undefined) throw new Error('an upsert returned nothing');
  return row.archived_us;
}

export async function clearArchived(
  sql: Sql,
  { tenant, conversation }: ConversationRef,
  principal: PrincipalId,
): Promise<null> {
  await sql`
    update conversation_marks set archived_us = null
    where tenant_id = ${tenant} and principal_id = ${principal} and conversation_id = ${conversation}
      and archived_us is not null`;
  return null;
}
