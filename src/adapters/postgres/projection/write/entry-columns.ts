/** Folded entries as the columns that the statements on `messages` unnest. */
import type { ConversationRef } from '../../../../domain/event.ts';
import { parseMicros } from '../../../../domain/time.ts';
import { entryId } from '../../../../domain/timeline.ts';
import { booleans, numbers, texts } from '../array-literal.ts';
import type { FoldedEntry } from '../fold/timeline-fold.ts';

export interface PlacedFold {
  readonly ref: ConversationRef;
  readonly folded: FoldedEntry;
}

/** Array literals, one a column of `messages`. */
export function entryColumnsOf(placed: readonly PlacedFold[]) {
  const rows = placed.map(toRow);
  return {
    tenant: texts(placed.map(({ ref }) => ref.tenant)),
    conversation: texts(placed.map(({ ref }) => ref.conversation)),
    seq: numbers(rows.map((row) => row.seq)),
    position: numbers(rows.map((row) => row.position)),
    logSeq: numbers(rows.map((row) => row.logSeq)),
    event: texts(rows.map((row) => row.eventId)),
    message: texts(rows.map((row) => row.messageId)),
    kind: texts(rows.map((row) => row.kind)),
    sender: texts(rows.map((row) => row.senderId)),
    senderKind: texts(rows.map((row) => row.senderKind)),
    at: numbers(rows.map((row) => row.at)),
    client: texts(rows.map((row) => row.clientId)),
    hash: numbers(rows.map((row) => row.hash)),
    run: texts(rows.map((row) => row.run)),
    trace: texts(rows.map((row) => row.trace)),
    content: texts(rows.map((row) => row.content)),
    contentType: texts(rows.map((row) => row.contentType)),
    data: texts(rows.map((row) => row.data)),
    editCount: numbers(rows.map((row) => row.editCount)),
    edited: numbers(rows.map((row) => row.editedAt)),
    deleted: numbers(rows.map((row) => row.deletedAt)),
    deletedBy: texts(rows.map((row) => row.deletedBy)),
    interrupted: booleans(rows.map((row) => row.interrupted)),
    changed: numbers(rows.map((row) => row.changedPosition)),
    dataClass: texts(rows.map((row) => row.dataClass)),
    policy: texts(rows.map((row) => row.policyRef)),
    searchable: booleans(rows.map((row) => row.searchable)),
  };
}

function toRow({ folded }: PlacedFold) {
  const { entry, clientId, hash, isSearchable } = folded;
  const { event } = entry;
  return {
    seq: event.seq ?? 0,
    position: event.position,
    logSeq: entry.logSeq,
    eventId: event.id,
    messageId: entryId(entry),
    senderId: event.actor.id,
    senderKind: event.actor.kind,
    at: parseMicros(event.at) ?? 0,
    clientId,
    hash,
    run: event.run ?? null,
    trace: event.trace ?? null,
    editCount: entry.editCount,
    editedAt: entry.editedAt === null ? null : parseMicros(entry.editedAt),
    deletedAt: entry.deletedAt === null ? null : parseMicros(entry.deletedAt),
    deletedBy: entry.deletedBy,
    changedPosition: entry.changedPosition === event.position ? null : entry.changedPosition,
    dataClass: entry.dataClass,
    policyRef: entry.policyRef,
    searchable: isSearchable,
    ...contentOf(entry.event), // at the end: plainPost() says why
  };
}

function contentOf(event: FoldedEntry['entry']['event']) {
  if (event.type === 'control') {
    const data = JSON.stringify(event.data);
    return { kind: 'control', content: '', contentType: '', interrupted: false, data };
  }
  const { message_id: _, content, content_type: contentType, ...rest } = event.data;
  const interrupted = event.data.interrupted === true;
  return { kind: 'message', content, contentType, interrupted, data: JSON.stringify(rest) };
}
