/** Messages -> BusMessage, Message, and the rows of a page (eliza.md §1 and §3). */
import type { EventOf } from '../../../../domain/event.ts';
import type { TimelineEntry } from '../../../../domain/timeline.ts';
import { isRecord } from '../../fields.ts';
import { messageFactsOf, shownMetadata } from '../kept.ts';
import type { BusMessage, MessageRow } from './wire.ts';

export type MessageEvent = EventOf<'message.posted'>;

/** What a row is made of: an entry of the timeline, or a message that was just posted. */
export interface EncodedMessage {
  readonly event: MessageEvent;
  readonly editedAt: string | null;
}

/** What is said of messages that came by another API, which says nothing of the kind. */
const sourceOfOthers = { user: 'parley', agent: 'agent_response', service: 'parley' } as const;

export function sourceTypeOf(event: MessageEvent): string {
  const { sourceType } = messageFactsOf(event.data.metadata, '');
  return sourceType ?? sourceOfOthers[event.actor.kind];
}

/** The name that a message gives its author; null: none. */
export function authorNameOf({ data }: MessageEvent): string | null {
  const { metadata } = data;
  const names = [
    metadata['user_display_name'],
    messageFactsOf(metadata, '').authorName,
    metadata['agentName'],
  ];
  const name = names.find((one) => typeof one === 'string' && one !== '');
  return typeof name === 'string' ? name : null;
}

/** People see neither what was deleted nor what agents say among themselves. */
export function isShown({ event, deletedAt }: TimelineEntry, seesInternal: boolean): boolean {
  if (event.type !== 'message.posted' || deletedAt !== null || event.data.deleted === true) return false;
  return seesInternal || event.data.metadata['is_internal'] !== true;
}

export function busMessage(event: MessageEvent, server: string): BusMessage {
  const { data, actor } = event;
  const { rawMessage, sourceId } = messageFactsOf(data.metadata, data.content);
  const name = authorNameOf(event);
  return {
    id: data.message_id,
    channel_id: event.conversation,
    message_server_id: server,
    author_id: actor.id,
    content: data.content,
    created_at: Date.parse(event.at),
    source_type: sourceTypeOf(event),
    ...(rawMessage === undefined ? {} : { raw_message: rawMessage }),
    metadata: shownMetadata(data.metadata),
    ...(name === null ? {} : { author_display_name: name }),
    ...(data.reply_to === null ? {} : { in_reply_to_message_id: data.reply_to }),
    ...(sourceId === undefined ? {} : { source_id: sourceId }),
  };
}

export function messageRow({ event, editedAt }: EncodedMessage): MessageRow {
  const { data, actor } = event;
  const { rawMessage, sourceId } = messageFactsOf(data.metadata, data.content);
  return {
    id: data.message_id,
    channelId: event.conversation,
    authorId: actor.id,
    content: data.content,
    ...(rawMessage === undefined ? {} : { rawMessage }),
    sourceType: sourceTypeOf(event),
    ...(sourceId === undefined ? {} : { sourceId }),
    metadata: shownMetadata(data.metadata),
    inReplyToRootMessageId: data.reply_to,
    createdAt: event.at,
    updatedAt: editedAt ?? event.at,
  };
}

/** The row of a page: times as numbers, too, and what clients look for in metadata lifted from the raw message. */
export function listedRow(message: EncodedMessage): MessageRow {
  const row = messageRow(message);
  return {
    ...row,
    metadata: { ...row.metadata, ...liftedFrom(row.rawMessage) },
    created_at: Date.parse(row.createdAt),
    updated_at: Date.parse(row.updatedAt),
  };
}

function liftedFrom(raw: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(raw)) return {};
  const { thought, actions, attachments } = raw;
  return {
    ...(thought === undefined ? {} : { thought }),
    ...(actions === undefined ? {} : { actions }),
    ...(attachments === undefined ? {} : { attachments }),
  };
}

const encodedRows = new WeakMap<TimelineEntry, string>();

/** Entries are never changed, only replaced: each is encoded once, however often it is read. */
export function listedRowJson(entry: TimelineEntry & { readonly event: MessageEvent }): string {
  const known = encodedRows.get(entry);
  if (known !== undefined) return known;
  const text = JSON.stringify(listedRow(entry));
  encodedRows.set(entry, text);
  return text;
}
