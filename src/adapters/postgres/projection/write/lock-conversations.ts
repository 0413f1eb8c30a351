import type { ConversationRef } from '../../../../domain/event.ts';
import type { Transaction } from '../../pool.ts';
import { texts } from '../array-literal.ts';
import type { ConversationRow } from '../conversation-row.ts';
import type { StructureRow } from '../fold/structure-fold.ts';

/** Without the fields that are written without being read. */
export type LockedConversation = Omit<ConversationRow, keyof typeof unreadFields> & StructureRow;

/** What stands in their place: their positions tell which value counts. */
export const unreadFields = {
  name: null,
  description: null,
  metadata: {},
  stage: 'active',
  entity_type: null,
  entity_id: null,
  changed_us: 0,
} satisfies Partial<ConversationRow>;

/**
 * Locks the rows of these conversations until the transaction ends, and makes those that are missing.
 * Whoever projects a conversation locks its row first, always in this order, so that a projector and
 * the nodes that project structural events inline do not overwrite each other.
 */
export async function lockConversations(
  sql: Transaction,
  refs: readonly ConversationRef[],
): Promise<readonly LockedConversation[]> {
  const present = await lock(sql, refs);
  if (present.length === refs.length) return present;
  // Most batches hold old conversations alone: the insert would cost them a probe of the index each.
  const known = new Set(present.map((row) => `${row.tenant_id} ${row.conversation_id}`));
  const missing = refs.filter(({ tenant, conversation }) => !known.has(`${tenant} ${conversation}`));
  const [, made] = await Promise.all([insertMissing(sql, missing), lock(sql, missing)]);
  return [...present, ...made];
}

function lock(sql: Transaction, refs: readonly ConversationRef[]) {
  return sql<LockedConversation[]>`
    select
      c.tenant_id, c.conversation_id, c.service_id, c.status, c.type, c.env, c.created_by, c.created_us,
      c.position, c.seq, c.log_seq, c.updated_us, c.last_node, c.control,
      c.name_position, c.description_position, c.metadata_position, c.stage_position
    from unnest(
      ${texts(refs.map(({ tenant }) => tenant))}::text[],
      ${texts(refs.map(({ conversation }) => conversation))}::text[]
    ) as v (tenant_id, conversation_id)
    join conversations c using (tenant_id, conversation_id)
    order by c.tenant_id, c.conversation_id
    for update of c`;
}

async function insertMissing(sql: Transaction, refs: readonly ConversationRef[]): Promise<void> {
  await sql`
    insert into conversations (tenant_id, conversation_id, service_id)
    select v.tenant_id, v.conversation_id, v.service_id
    from unnest(
      ${texts(refs.map(({ tenant }) => tenant))}::text[],
      ${texts(refs.map(({ conversation }) => conversation))}::text[],
      ${texts(refs.map(({ service }) => service))}::text[]
    ) as v (tenant_id, conversation_id, service_id)
    order by v.tenant_id collate "C", v.conversation_id collate "C"
    on conflict do nothing`;
}
