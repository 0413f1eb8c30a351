/** Messages in the words of Vero (vero.md §3). */
import type { EventOf } from '../../../domain/event.ts';
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import type { PrincipalKind } from '../../../domain/principal.ts';
import type { Reaction } from '../../../domain/timeline.ts';
import type { MessageEntry, View } from './view.ts';
import { type ContentType, contentTypes, type Media, type Message } from './wire.ts';

/** What is attached to a message that is not deleted; empty: nothing. */
export type MediaOf = (
  tenant: TenantId,
  event: { readonly data: Pick<EventOf<'message.posted'>['data'], 'message_id' | 'metadata'> },
) => readonly Media[];

/** Who looks: whom it does not see leaves no reactions either. */
export interface Looking {
  readonly tenant: TenantId;
  readonly view: Pick<View, 'blocked'>;
  readonly media: MediaOf;
}

/** What is told of a message. */
export type Encoded = Pick<
  MessageEntry,
  'event' | 'changedPosition' | 'editCount' | 'editedAt' | 'deletedAt' | 'reactions'
>;

/** A message as it was when it was posted. */
export function asPosted(event: EventOf<'message.posted'>): Encoded {
  return {
    event,
    changedPosition: event.position,
    editCount: 0,
    editedAt: null,
    deletedAt: null,
    reactions: [],
  };
}

type Metadata = Readonly<Record<string, unknown>>;

/** What this dialect knows of a message beyond the others lies in its metadata, under these names. */
const ownFields: ReadonlySet<string> = new Set([
  ...['content_meta', 'thread_id', 'thread_role', 'task_id', 'is_internal', 'is_forwarded', 'media'],
]);
const known: ReadonlySet<string> = new Set(contentTypes);

/** A message as it is now; of a deleted one its tombstone. */
export function encodeMessage(entry: Encoded, looking: Looking): Message {
  return entry.deletedAt === null ? present(entry, looking) : tombstone(entry, entry.deletedAt);
}

/** One literal and what is rarely there: every answer to a send is made here. */
function present(entry: Encoded, { tenant, view, media }: Looking): Message {
  const { event, changedPosition, editCount, editedAt } = entry;
  const { data, client_id: clientId } = event;
  const { metadata } = data;
  const message: Message = {
    id: data.message_id,
    conversation_id: event.conversation,
    seq_num: event.seq ?? 0,
    sender_id: event.actor.id,
    sender_type: senderType(event.actor.kind),
    content_type: contentTypeOf(data.content_type),
    content_text: data.content,
    thread_role: metadata['thread_role'] === 'aside' ? 'aside' : 'main',
    created_at: event.at,
    is_internal: metadata['is_internal'] === true,
    is_forwarded: metadata['is_forwarded'] === true,
    reactions: reactionsOf(entry.reactions, view.blocked),
    edit_count: editCount,
    edited_at: editedAt,
    rev: changedPosition,
    is_deleted: false,
  };
  if (clientId !== undefined) message.client_message_id = clientId;
  if (data.reply_to !== null) message.reply_to_id = data.reply_to;
  const contentMeta = contentMetaOf(metadata);
  if (contentMeta !== null) message.content_meta = contentMeta;
  // Only texts: other dialects may have put anything under these names.
  const { thread_id: threadId, task_id: taskId } = metadata;
  if (typeof threadId === 'string') message.thread_id = threadId;
  if (typeof taskId === 'string') message.task_id = taskId;
  const attached = media(tenant, event);
  if (attached.length > 0) message.media = [...attached];
  return message;
}

function tombstone({ event, changedPosition, editCount, editedAt }: Encoded, deletedAt: string): Message {
  return {
    id: event.data.message_id,
    conversation_id: event.conversation,
    seq_num: event.seq ?? 0,
    sender_id: event.actor.id,
    sender_type: senderType(event.actor.kind),
    content_type: contentTypeOf(event.data.content_type),
    content_text: '',
    thread_role: 'main',
    created_at: event.at,
    is_internal: false,
    is_forwarded: false,
    reactions: [],
    edit_count: editCount,
    edited_at: editedAt,
    rev: changedPosition,
    is_deleted: true,
    deleted_at: deletedAt,
  };
}

/** This API knows two types of senders; a service talks like an agent. */
function senderType(kind: PrincipalKind): 'human' | 'agent' {
  return kind === 'user' ? 'human' : 'agent';
}

function contentTypeOf(contentType: string): ContentType {
  return known.has(contentType) ? (contentType as ContentType) : 'text';
}

/** The text as it was sent here; of a message of another dialect its metadata as JSON. Null: there is none. */
export function contentMetaOf(metadata: Metadata): string | null {
  const own = metadata['content_meta'];
  if (typeof own === 'string') return own;
  for (const name in metadata) if (!ownFields.has(name)) return JSON.stringify(withoutOwn(metadata));
  return null;
}

function withoutOwn(metadata: Metadata): Metadata {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !ownFields.has(name)));
}

/** By emoji, in the order in which each was first added. */
export function reactionsOf(
  reactions: readonly Reaction[],
  blocked: ReadonlySet<PrincipalId>,
): Message['reactions'] {
  if (reactions.length === 0) return [];
  const users = new Map<string, PrincipalId[]>();
  for (const { emoji, principal } of reactions) {
    if (blocked.has(principal)) continue;
    const ofEmoji = users.get(emoji);
    if (ofEmoji === undefined) users.set(emoji, [principal]);
    else ofEmoji.push(principal);
  }
  return [...users].map(([emoji, ids]) => ({ emoji, count: ids.length, user_ids: ids }));
}
