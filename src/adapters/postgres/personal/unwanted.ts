import type { ConversationId, PrincipalId, TenantId } from '../../../domain/ids.ts';
import type { Micros } from '../../../domain/time.ts';
import type { Unwanted } from '../../../ports/conversations/personal.ts';
import type { Sql } from '../pool.ts';
import { texts } from '../projection/array-literal.ts';

/** Somebody blocked, or a conversation and up to where it is cleared. */
interface UnwantedRow {
  readonly principal_id: string;
  readonly blocked_id: string | null;
  readonly conversation_id: string | null;
  readonly cleared_seq: number | null;
}

export async function readUnwanted(
  sql: Sql,
  tenant: TenantId,
  principals: readonly PrincipalId[],
  clearedAfter: Micros,
): Promise<ReadonlyMap<PrincipalId, Unwanted>> {
  const who = texts(principals);
  const rows = await sql<UnwantedRow[]>`
    select principal_id, blocked_id, null as conversation_id, null::bigint as cleared_seq from blocks
    where tenant_id = ${tenant} and principal_id = any(${who}::text[])
    union all
    select principal_id, null, conversation_id, cleared_seq from conversation_marks
    where tenant_id = ${tenant} and principal_id = any(${who}::text[])
      and cleared_us > ${clearedAfter} and cleared_seq > 0`;
  const found = new Map<PrincipalId, { blocked: Set<PrincipalId>; cleared: Map<ConversationId, number> }>();
  for (const { principal_id: id, blocked_id, conversation_id, cleared_seq } of rows) {
    const one = found.get(id) ?? { blocked: new Set(), cleared: new Map() };
    found.set(id, one);
    if (blocked_id !== null) one.blocked.add(blocked_id);
    if (conversation_id !== null) one.cleared.set(conversation_id, cleared_seq ?? 0);
  }
  return found;
}

export async function readClearedSeqs(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  conversations: readonly ConversationId[],
): Promise<ReadonlyMap<ConversationId, number>> {
  if (conversations.length === 0) return new Map();
  const rows = await sql<{ conversation_id: string; cleared_seq: number }[]>`
    select conversation_id, cleared_seq from conversation_marks
    where tenant_id = ${tenant} and principal_id = ${principal}
      and conversation_id = any(${texts(conversations)}::text[]) and cleared_seq > 0`;
  return new Map(rows.map(({ conversation_id, cleared_seq }) => [conversation_id, cleared_seq]));
}
