import type { ConversationRef } from '../../../../domain/event.ts';
import type { Transaction } from '../../pool.ts';
import { numbers, texts } from '../array-literal.ts';
import type { FoldedReaction } from '../fold/timeline-fold.ts';

export interface PlacedReaction {
  readonly ref: ConversationRef;
  readonly reaction: FoldedReaction;
}

/** The last word of the batch on each (message, principal, emoji). */
export async function writeReactions(sql: Transaction, placed: readonly PlacedReaction[]): Promise<void> {
  const added = placed.filter(({ reaction }) => reaction.isAdded);
  const removed = placed.filter(({ reaction }) => !reaction.isAdded);
  await Promise.all([insertReactions(sql, added), deleteReactions(sql, removed)]);
}

function keysOf(placed: readonly PlacedReaction[]) {
  return {
    tenant: texts(placed.map(({ ref }) => ref.tenant)),
    conversation: texts(placed.map(({ ref }) => ref.conversation)),
    seq: numbers(placed.map(({ reaction }) => reaction.messageSeq)),
    principal: texts(placed.map(({ reaction }) => reaction.principal)),
    emoji: texts(placed.map(({ reaction }) => reaction.emoji)),
  };
}

async function insertReactions(sql: Transaction, placed: readonly PlacedReaction[]): Promise<void> {
  if (placed.length === 0) return;
  const of = keysOf(placed);
  const positions = numbers(placed.map(({ reaction }) => reaction.position));
  await sql`
    insert into reactions (tenant_id, conversation_id, message_seq, principal_id, emoji, position)
    select * from unnest(
      ${of.tenant}::text[], ${of.conversation}::text[], ${of.seq}::bigint[],
      ${of.principal}::text[], ${of.emoji}::text[], ${positions}::bigint[]
    )
    on conflict (tenant_id, conversation_id, message_seq, principal_id, emoji)
    do update set position = excluded.position`;
}

async function deleteReactions(sql: Transaction, placed: readonly PlacedReaction[]): Promise<void> {
  if (placed.length === 0) return;
  const of = keysOf(placed);
  await sql`
    delete from reactions r
    using unnest(
      ${of.tenant}::text[], ${of.conversation}::text[], ${of.seq}::bigint[],
      ${of.principal}::text[], ${of.emoji}::text[]
    ) as v (tenant_id, conversation_id, seq, principal_id, emoji)
    where r.tenant_id = v.tenant_id and r.conversation_id = v.conversation_id and r.message_seq = v.seq
      and r.principal_id = v.principal_id and r.emoji = v.emoji`;
}
