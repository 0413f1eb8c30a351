import type { ConversationRef } from '../../../../domain/event.ts';
import type { MessageId } from '../../../../domain/ids.ts';
import type { Transaction } from '../../pool.ts';
import { texts } from '../array-literal.ts';

/** `message` null: every file of the conversation. */
export interface Unattached {
  readonly ref: ConversationRef;
  readonly message: MessageId | null;
}

/**
 * What was attached to deleted messages is gone for everybody; the sweep of uploads deletes the bytes later. Not
 * the time of the deletion counts for that but this moment: a copy that is being made just now is there by then.
 */
export async function dropMedia(sql: Transaction, dropped: readonly Unattached[]): Promise<void> {
  if (dropped.length === 0) return;
  await sql`
    with doomed as materialized (
      select m.tenant_id, m.id
      from unnest(
        ${texts(dropped.map(({ ref }) => ref.tenant))}::text[],
        ${texts(dropped.map(({ ref }) => ref.conversation))}::text[],
        ${texts(dropped.map(({ message }) => message))}::text[]
      ) as v (tenant_id, conversation_id, message_id)
      join media m on m.tenant_id = v.tenant_id and m.conversation_id = v.conversation_id
        and m.message_id is not null and (v.message_id is null or m.message_id = v.message_id)
      where m.status = 'ready'
      order by m.id
      for update of m
    )
    update media m
    set status = 'gone', expires_us = (extract(epoch from clock_timestamp()) * 1000000)::bigint
    from doomed d
    where m.tenant_id = d.tenant_id and m.id = d.id`;
}
