import type { ConversationRef, Event, EventOf } from '../../../../domain/event.ts';
import { messageHead } from '../../../../domain/events/message-head.ts';
import type { MessageId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { PrincipalKind } from '../../../../domain/principal.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { ProjectedAt } from '../../../../ports/projection/projection-reader.ts';
import type { Sql } from '../../pool.ts';
import { texts } from '../array-literal.ts';
import { entryColumns, postedEvent } from '../entry-row.ts';
import { type PlacedRow, placeOf } from './read-entries.ts';

/** A message's row beside one of its versions; the version's columns are null when it was never edited. */
type VersionRow = PlacedRow & {
  readonly version_type: 'message.posted' | 'message.edited' | null;
  readonly version_position: number;
  readonly version_event_id: string;
  readonly version_at_us: number;
  readonly version_actor_id: string;
  readonly version_actor_kind: PrincipalKind;
  readonly version_trace: string | null;
  readonly version_content: string;
  readonly version_metadata: Record<string, unknown>;
  readonly version_edit_count: number;
  readonly version_sealed: string | null;
};

/** Oldest first, at most limits.versionsPageMax. Deleted messages have no versions any more. */
export async function readVersions(
  sql: Sql,
  ref: ConversationRef,
  messages: readonly MessageId[],
): Promise<{ readonly events: readonly Event[]; readonly at: ProjectedAt }> {
  const rows = await sql<VersionRow[]>`
    select c.position as at_position, c.log_seq as at_log_seq, e.*
    from conversations c left join lateral (
      select
        ${entryColumns(sql)},
        w.type as version_type, w.position as version_position, w.event_id as version_event_id,
        w.at_us as version_at_us, w.actor_id as version_actor_id, w.actor_kind as version_actor_kind,
        w.trace as version_trace, w.content as version_content, w.metadata as version_metadata,
        w.edit_count as version_edit_count, w.sealed as version_sealed
      from messages m
      left join message_versions w
        on w.tenant_id = m.tenant_id and w.conversation_id = m.conversation_id and w.message_seq = m.seq
      where m.tenant_id = c.tenant_id and m.conversation_id = c.conversation_id
        and m.message_id = any(${texts(messages)}::text[])
        and m.kind = 'message' and m.deleted_us is null
      order by coalesce(w.position, m.position)
      limit ${limits.versionsPageMax}
    ) as e on true
    where c.tenant_id = ${ref.tenant} and c.conversation_id = ${ref.conversation}`;
  const found = rows.filter((row) => row.seq !== null);
  return { events: found.map((row) => toEvent(ref.conversation, row)), at: placeOf(rows) };
}

function toEvent(conversation: string, row: VersionRow): Event {
  const posted = postedEvent(conversation, row);
  if (row.version_type === null) return posted;
  const sealed = row.version_sealed === null ? {} : { sealed: row.version_sealed };
  const texts = { content: row.version_content, metadata: row.version_metadata, ...sealed };
  if (row.version_type === 'message.posted') {
    // What the row has sealed is its newest text, not this one.
    const { sealed: _, ...data } = posted.data;
    return { ...posted, data: { ...data, ...texts } };
  }
  return {
    v: 1,
    id: row.version_event_id,
    conversation,
    position: row.version_position,
    seq: null,
    type: 'message.edited',
    at: formatMicros(row.version_at_us),
    actor: { id: row.version_actor_id, kind: row.version_actor_kind },
    ...(row.version_trace === null ? {} : { trace: row.version_trace }),
    data: {
      message_id: row.message_id,
      ...texts,
      edit_count: row.version_edit_count,
      message: messageHead(posted),
    },
  } satisfies EventOf<'message.edited'>;
}
