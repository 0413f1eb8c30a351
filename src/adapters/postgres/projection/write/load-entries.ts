import type { MessageId } from '../../../../domain/ids.ts';
import type { Transaction } from '../../pool.ts';
import { texts } from '../array-literal.ts';
import { type EntryRow, entryColumns } from '../entry-row.ts';

export interface NamedMessage {
  readonly tenant: string;
  readonly conversation: string;
  readonly message: MessageId;
}

export type LoadedEntry = EntryRow & {
  readonly tenant_id: string;
  readonly conversation_id: string;
  readonly searchable: boolean;
};

/** The messages that a batch edits, deletes or reacts to, in seq order. Controls are none: nothing changes them. */
export async function loadEntries(
  sql: Transaction,
  named: readonly NamedMessage[],
): Promise<readonly LoadedEntry[]> {
  if (named.length === 0) return [];
  const tenants = texts(named.map(({ tenant }) => tenant));
  const conversations = texts(named.map(({ conversation }) => conversation));
  const messages = texts(named.map(({ message }) => message));
  return sql<LoadedEntry[]>`
    select m.tenant_id, m.conversation_id, m.searchable, ${entryColumns(sql)}
    from unnest(${tenants}::text[], ${conversations}::text[], ${messages}::text[])
      as v (tenant_id, conversation_id, message_id)
    join messages m using (tenant_id, conversation_id, message_id)
    where m.kind = 'message'
    order by m.seq`;
}
