/** A timeline entry as a row of `messages` with its versions and reactions, and back. */
import type { DataClass, ErasedEvent, EventOf } from '../../../domain/event.ts';
import type { PostedEntry } from '../../../domain/idempotency-window.ts';
import type { PrincipalKind } from '../../../domain/principal.ts';
import { formatMicros } from '../../../domain/time.ts';
import type { Reaction, TimelineEntry } from '../../../domain/timeline.ts';
import type { Sql, Transaction } from '../pool.ts';

/** position, log_seq, event_id, at_us, actor_id, actor_kind of an edit. */
type EditColumns = readonly [number, number, string, number, string, PrincipalKind];

export interface EntryRow {
  readonly position: number;
  readonly seq: number;
  readonly log_seq: number;
  readonly event_id: string;
  readonly message_id: string;
  readonly kind: 'message' | 'control';
  readonly sender_id: string;
  readonly sender_kind: PrincipalKind;
  readonly at_us: number;
  readonly client_id: string | null;
  readonly content_hash: number | null;
  readonly run: string | null;
  readonly trace: string | null;
  readonly content: string;
  readonly content_type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly edit_count: number;
  readonly edited_us: number | null;
  readonly deleted_us: number | null;
  readonly deleted_by: string | null;
  readonly interrupted: boolean;
  /** Null: never changed since it was posted. */
  readonly changed_position: number | null;
  readonly data_class: DataClass;
  readonly policy_ref: string | null;
  readonly edits: readonly EditColumns[] | null;
  readonly reactions: readonly (readonly [emoji: string, principal: string])[] | null;
}

/** The select list of an EntryRow over `messages m`. */
export function entryColumns(sql: Sql | Transaction) {
  return sql`
    m.position, m.seq, m.log_seq, m.event_id, m.message_id, m.kind, m.sender_id, m.sender_kind, m.at_us,
    m.client_id, m.content_hash, m.run, m.trace, m.content, m.content_type, m.data, m.edit_count,
    m.edited_us, m.deleted_us, m.deleted_by, m.interrupted, m.changed_position, m.data_class, m.policy_ref,
    case when m.changed_position is not null and m.deleted_us is null then (
      select json_agg(
        json_build_array(v.position, v.log_seq, v.event_id, v.at_us, v.actor_id, v.actor_kind)
        order by v.position
      )
      from message_versions v
      where v.tenant_id = m.tenant_id and v.conversation_id = m.conversation_id
        and v.message_seq = m.seq and v.type = 'message.edited'
    ) end as edits,
    (
      select json_agg(json_build_array(r.emoji, r.principal_id) order by r.position)
      from reactions r
      where r.tenant_id = m.tenant_id and r.conversation_id = m.conversation_id and r.message_seq = m.seq
    ) as reactions`;
}

export function toEntry(conversation: string, row: EntryRow): TimelineEntry {
  const isWhole = row.kind === 'message' && row.deleted_us === null;
  return {
    event: row.kind === 'message' ? postedEvent(conversation, row) : controlEvent(conversation, row),
    logSeq: row.log_seq,
    changedPosition: row.changed_position ?? row.position,
    dataClass: row.data_class,
    policyRef: row.policy_ref,
    editCount: row.edit_count,
    editedAt: row.edited_us === null ? null : formatMicros(row.edited_us),
    deletedAt: row.deleted_us === null ? null : formatMicros(row.deleted_us),
    deletedBy: row.deleted_by,
    versions: isWhole ? [postedVersion(row), ...(row.edits ?? []).map((edit) => editVersion(row, edit))] : [],
    reactions: (row.reactions ?? []).map(([emoji, principal]): Reaction => ({ emoji, principal })),
  };
}

function envelope(conversation: string, row: EntryRow) {
  const isErased = row.deleted_us !== null;
  return {
    v: 1 as const,
    id: row.event_id,
    conversation,
    position: row.position,
    seq: row.seq,
    at: formatMicros(row.at_us),
    actor: { id: row.sender_id, kind: row.sender_kind },
    // A tombstone keeps its client_id only to recognize retries.
    ...(row.client_id === null || isErased ? {} : { client_id: row.client_id }),
    ...(row.run === null ? {} : { run: row.run }),
    ...(row.trace === null ? {} : { trace: row.trace }),
  };
}

/** The message with the row's content; `data` holds the rest. */
export function postedEvent(conversation: string, row: EntryRow): EventOf<'message.posted'> {
  const { message_id, content, content_type } = row;
  const data = { message_id, content, content_type, ...row.data } as EventOf<'message.posted'>['data'];
  return { ...envelope(conversation, row), type: 'message.posted', data };
}

function controlEvent(conversation: string, row: EntryRow): EventOf<'control'> {
  return { ...envelope(conversation, row), type: 'control', data: row.data as EventOf<'control'>['data'] };
}

function postedVersion(row: EntryRow): ErasedEvent {
  const endsRun = row.data['end_run'] === true;
  return {
    position: row.position,
    seq: row.seq,
    id: row.event_id,
    type: 'message.posted',
    at: formatMicros(row.at_us),
    actor: { id: row.sender_id, kind: row.sender_kind },
    messageId: row.message_id,
    logSeq: row.log_seq,
    ...(row.client_id === null ? {} : { clientId: row.client_id }),
    ...(row.run === null || endsRun ? {} : { run: row.run }),
  };
}

function editVersion(row: EntryRow, edit: EditColumns): ErasedEvent {
  const [position, logSeq, id, atUs, actorId, actorKind] = edit;
  return {
    position,
    seq: null,
    id,
    type: 'message.edited',
    at: formatMicros(atUs),
    actor: { id: actorId, kind: actorKind },
    messageId: row.message_id,
    logSeq,
  };
}

export function toPostedEntry(row: EntryRow): PostedEntry {
  return {
    position: row.position,
    seq: row.seq,
    at: row.at_us,
    eventId: row.event_id,
    messageId: row.message_id,
    sender: row.sender_id,
    clientId: row.client_id,
    hash: row.content_hash,
    interrupted: row.interrupted,
  };
}
