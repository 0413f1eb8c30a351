import type { ConversationId, TenantId } from '../../../../domain/ids.ts';
import type { Participant } from '../../../../domain/state.ts';
import type { Snapshot } from '../../../../ports/projection/projection-reader.ts';
import type { Sql } from '../../pool.ts';
import { type ConversationRow, type SealedRow, stateOfRow } from '../conversation-row.ts';
import { type EntryRow, entryColumns, toEntry, toPostedEntry } from '../entry-row.ts';

type SnapshotRow = ConversationRow &
  SealedRow & {
    readonly participants:
      | readonly {
          readonly principal_id: string;
          readonly kind: Participant['kind'];
          readonly role: Participant['role'];
          readonly joined_us: number;
          readonly joined_seq: number;
        }[]
      | null;
    /** In seq order. */
    readonly recent: readonly EntryRow[] | null;
  };

/**
 * A conversation, its participants and its newest entries in one statement, hence of one moment.
 * Null when the watermark has not moved yet: rows of events ahead of it are no state.
 */
export async function readSnapshot(
  sql: Sql,
  tenant: TenantId,
  conversation: ConversationId,
  recent: number,
): Promise<Snapshot | null> {
  const rows = await sql<SnapshotRow[]>`
    select
      c.tenant_id, c.conversation_id, c.service_id, c.status, c.type, c.name, c.description, c.metadata,
      c.stage, c.entity_type, c.entity_id, c.env, c.created_by, c.created_us, c.changed_us, c.position, c.seq, c.log_seq, c.updated_us, c.last_node, c.control,
      c.sealed,
      (
        -- The order in which they joined, as in the folded state.
        select json_agg(row_to_json(p) order by p.position, p.ordinal)
        from participants p
        where p.tenant_id = c.tenant_id and p.conversation_id = c.conversation_id and p.active
      ) as participants,
      (
        select json_agg(row_to_json(e) order by e.seq)
        from (
          select ${entryColumns(sql)} from messages m
          where m.tenant_id = c.tenant_id and m.conversation_id = c.conversation_id
          order by m.seq desc limit ${recent}
        ) as e
      ) as recent
    from conversations c
    where c.tenant_id = ${tenant} and c.conversation_id = ${conversation} and c.position > 0`;
  const row = rows[0];
  return row === undefined ? null : toSnapshot(row);
}

function toSnapshot(row: SnapshotRow): Snapshot {
  const state = stateOfRow(row);
  const recent = row.recent ?? [];
  const participants = new Map<string, Participant>();
  for (const { principal_id: id, kind, role, joined_us, joined_seq } of row.participants ?? []) {
    participants.set(id, { id, kind, role, joinedAt: joined_us, joinedSeq: joined_seq });
  }
  for (const entry of recent) if (entry.kind === 'message') state.window.add(toPostedEntry(entry));
  if (recent.length === row.seq) state.window.prepend([], true);
  return {
    ref: { tenant: row.tenant_id, service: row.service_id, conversation: row.conversation_id },
    state: { ...state, participants },
    recent: recent.map((entry) => toEntry(row.conversation_id, entry)),
    ...(row.sealed === null ? {} : { sealed: row.sealed }),
  };
}
