/**
 * One batch in one transaction: lock the conversations, fold their entries in memory by the rules of
 * the domain, write the rows that come out. The locks make the fold safe; the watermark makes it
 * idempotent.
 */
import type { ConversationRef, LogEntry } from '../../../domain/event.ts';
import type { PlacedEntry } from '../../../ports/projection.ts';
import type { Transaction } from '../pool.ts';
import type { ConversationRow } from './conversation-row.ts';
import { toEntry } from './entry-row.ts';
import { ConversationFold } from './fold/conversation-fold.ts';
import { changedMessages, type FoldedEntry, TimelineFold } from './fold/timeline-fold.ts';
import { dropMedia, type Unattached } from './write/drop-media.ts';
import type { PlacedFold } from './write/entry-columns.ts';
import { forgetMemories } from './write/forget-memories.ts';
import { insertEntries } from './write/insert-entries.ts';
import { loadEntries, type NamedMessage } from './write/load-entries.ts';
import { type LockedConversation, lockConversations, unreadFields } from './write/lock-conversations.ts';
import { touchEntries } from './write/touch-entries.ts';
import { updateEntries } from './write/update-entries.ts';
import { wipeConversations, wipeParticipants } from './write/wipe-conversations.ts';
import { writeConversations } from './write/write-conversations.ts';
import { writeParticipants } from './write/write-participants.ts';
import { writeReactions } from './write/write-reactions.ts';
import { insertVersions, wipeMessages } from './write/write-versions.ts';

/** The entries of one conversation that its row has not seen, in position order. */
interface Unseen {
  readonly ref: ConversationRef;
  readonly row: LockedConversation;
  readonly entries: readonly LogEntry[];
}

/** How entries that do not follow the watermark directly are taken. */
export type Mode =
  /** They follow: what lies between was erased. The projector sees every event that there is. */
  | 'in-order'
  /** They are ahead: what lies between is still to come. An inline writer knows only its own events. */
  | 'ahead';

export async function project(sql: Transaction, batch: readonly PlacedEntry[], mode: Mode): Promise<void> {
  const unseen = await lockUnseen(sql, batch);
  const stored = await loadStored(sql, unseen);
  const folds = unseen.map((one) => fold(one, stored.get(keyOf(one.ref)) ?? new Map(), mode));
  await write(sql, folds);
}

const keyOf = ({ tenant, conversation }: ConversationRef): string => `${tenant} ${conversation}`;

async function lockUnseen(sql: Transaction, batch: readonly PlacedEntry[]): Promise<readonly Unseen[]> {
  const byKey = new Map<string, { ref: ConversationRef; entries: LogEntry[] }>();
  for (const { ref, entry } of batch) {
    const key = keyOf(ref);
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, { ref, entries: [entry] });
    else group.entries.push(entry);
  }
  const rows = await lockConversations(
    sql,
    [...byKey.values()].map(({ ref }) => ref),
  );
  const unseen: Unseen[] = [];
  for (const row of rows) {
    const group = byKey.get(`${row.tenant_id} ${row.conversation_id}`);
    if (group === undefined) continue;
    const entries = afterWatermark(group.entries, row.position);
    if (entries.length > 0) unseen.push({ ref: group.ref, row, entries });
  }
  return unseen;
}

/** A batch may hold an entry twice, after a redelivery. */
function afterWatermark(entries: readonly LogEntry[], position: number): readonly LogEntry[] {
  let last = position;
  return entries.filter(({ event }) => {
    if (event.position <= last) return false;
    last = event.position;
    return true;
  });
}

type Stored = ReadonlyMap<string, ReadonlyMap<string, FoldedEntry>>;

/** The rows that edits, deletions and reactions name; of two messages with one id the later one counts. */
async function loadStored(sql: Transaction, unseen: readonly Unseen[]): Promise<Stored> {
  const named = unseen.flatMap(({ ref: { tenant, conversation }, entries }) =>
    [...changedMessages(entries)].map((message): NamedMessage => ({ tenant, conversation, message })),
  );
  const stored = new Map<string, Map<string, FoldedEntry>>();
  for (const row of await loadEntries(sql, named)) {
    const key = `${row.tenant_id} ${row.conversation_id}`;
    const ofConversation = stored.get(key) ?? new Map<string, FoldedEntry>();
    stored.set(key, ofConversation);
    ofConversation.set(row.message_id, {
      entry: toEntry(row.conversation_id, row),
      isNew: false,
      clientId: row.client_id,
      hash: row.content_hash,
      isSearchable: row.searchable,
    });
  }
  return stored;
}

function fold(unseen: Unseen, stored: ReadonlyMap<string, FoldedEntry>, mode: Mode): ConversationFold {
  const row: ConversationRow & LockedConversation = { ...unseen.row, ...unreadFields };
  const folded = new ConversationFold(unseen.ref, row, new TimelineFold(stored));
  for (const logged of unseen.entries) {
    const { event } = logged;
    const follows = event.position === folded.state.position + 1;
    // The rows of a deleted conversation may be many: the projector removes them, not a request.
    const isInline = follows && event.type !== 'conversation.deleted';
    if (mode === 'in-order' || isInline) folded.apply(logged);
    else folded.applyAhead(logged);
  }
  return folded;
}

async function write(sql: Transaction, folds: readonly ConversationFold[]): Promise<void> {
  const wiped = folds.filter(({ isWiped }) => isWiped).map(({ ref }) => ref);
  const left = folds.filter((one) => one.structure.deletedPosition !== null && !one.isWiped);
  const added = folds.flatMap((one) => placed(one, one.timeline.added));
  const changed = folds.flatMap((one) => placed(one, [...one.timeline.changed]));
  const touched = folds.flatMap((one) => placed(one, [...one.timeline.touched]));
  const dropped = folds.flatMap(unattachedBy);
  // Sent at once and run in this order.
  await Promise.all([
    wipeConversations(sql, wiped),
    dropMedia(sql, dropped),
    forgetMemories(sql, dropped),
    wipeParticipants(
      sql,
      left.map(({ ref }) => ref),
    ),
    wipeMessages(
      sql,
      folds.flatMap(({ ref, timeline }) => timeline.wipedSeqs.map((seq) => ({ ref, seq }))),
    ),
    insertEntries(sql, added),
    updateEntries(sql, changed),
    touchEntries(sql, touched),
    insertVersions(sql, folds.flatMap(versionsOf)),
    writeReactions(sql, folds.flatMap(reactionsOf)),
    writeParticipants(sql, folds),
    writeConversations(sql, folds),
  ]);
}

/** Files of what this batch deletes. */
function unattachedBy({ ref, timeline, isWiped }: ConversationFold): Unattached[] {
  if (isWiped) return [{ ref, message: null }];
  return timeline.deletedMessages.map((message) => ({ ref, message }));
}

function placed({ ref }: ConversationFold, entries: readonly FoldedEntry[]): PlacedFold[] {
  return entries.map((folded) => ({ ref, folded }));
}

function versionsOf({ ref, timeline }: ConversationFold) {
  return [...timeline.versions.values()].flat().map((version) => ({ ref, version }));
}

function reactionsOf({ ref, timeline }: ConversationFold) {
  return [...timeline.reactions.values()].map((reaction) => ({ ref, reaction }));
}
