import type { ConversationRef } from '../../../../domain/event.ts';
import { parseMicros } from '../../../../domain/time.ts';
import type { Transaction } from '../../pool.ts';
import { numbers, texts } from '../array-literal.ts';
import type { FoldedVersion } from '../fold/timeline-fold.ts';

export interface PlacedVersion {
  readonly ref: ConversationRef;
  readonly version: FoldedVersion;
}

/** Versions of edited messages; the posted one comes with the first edit. */
export async function insertVersions(sql: Transaction, placed: readonly PlacedVersion[]): Promise<void> {
  if (placed.length === 0) return;
  const versions = placed.map(({ version }) => version);
  const events = versions.map(({ event }) => event);
  await sql`
    insert into message_versions (
      tenant_id, conversation_id, message_seq, position, log_seq, event_id, type, at_us,
      actor_id, actor_kind, trace, content, metadata, edit_count, sealed
    )
    select * from unnest(
      ${texts(placed.map(({ ref }) => ref.tenant))}::text[],
      ${texts(placed.map(({ ref }) => ref.conversation))}::text[],
      ${numbers(versions.map(({ messageSeq }) => messageSeq))}::bigint[],
      ${numbers(events.map(({ position }) => position))}::bigint[],
      ${numbers(versions.map(({ logSeq }) => logSeq))}::bigint[],
      ${texts(events.map(({ id }) => id))}::text[],
      ${texts(events.map(({ type }) => type))}::text[],
      ${numbers(events.map(({ at }) => parseMicros(at)))}::bigint[],
      ${texts(events.map(({ actor }) => actor.id))}::text[],
      ${texts(events.map(({ actor }) => actor.kind))}::text[],
      ${texts(events.map(({ trace }) => trace ?? null))}::text[],
      ${texts(events.map(({ data }) => data.content))}::text[],
      ${texts(events.map(({ data }) => JSON.stringify(data.metadata)))}::json[],
      ${numbers(versions.map(({ editCount }) => editCount))}::integer[],
      ${texts(events.map(({ data }) => data.sealed ?? null))}::text[]
    )`;
}

export interface WipedMessage {
  readonly ref: ConversationRef;
  readonly seq: number;
}

/** What a deleted message leaves behind in other tables. */
export async function wipeMessages(sql: Transaction, wiped: readonly WipedMessage[]): Promise<void> {
  if (wiped.length === 0) return;
  const tenants = texts(wiped.map(({ ref }) => ref.tenant));
  const conversations = texts(wiped.map(({ ref }) => ref.conversation));
  const seqs = numbers(wiped.map(({ seq }) => seq));
  await Promise.all([
    sql`
      delete from message_versions t
      using unnest(${tenants}::text[], ${conversations}::text[], ${seqs}::bigint[])
        as v (tenant_id, conversation_id, seq)
      where t.tenant_id = v.tenant_id and t.conversation_id = v.conversation_id and t.message_seq = v.seq`,
    sql`
      delete from reactions t
      using unnest(${tenants}::text[], ${conversations}::text[], ${seqs}::bigint[])
        as v (tenant_id, conversation_id, seq)
      where t.tenant_id = v.tenant_id and t.conversation_id = v.conversation_id and t.message_seq = v.seq`,
  ]);
}
