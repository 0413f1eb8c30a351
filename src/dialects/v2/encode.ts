/** Conversations and messages in the words of this API. */
import type { ConversationRef, EventOf } from '../../domain/event.ts';
import type { ConversationState } from '../../domain/state.ts';
import { formatMicros } from '../../domain/time.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { SlowestReaders } from '../../ports/projection/read-cursors.ts';
import { organizationId, shownId } from './caller.ts';
import type { Conversation, Message } from './wire.ts';

type Ids = Pick<IdSource, 'fromName'>;
type Posted = EventOf<'message.posted'>;

/** What a conversation is shown from: a listed one has it, and its state. */
export type Shown = Pick<
  ConversationState,
  'name' | 'entity' | 'stage' | 'createdBy' | 'createdAt' | 'changedAt'
>;

export function encodeConversation(
  ids: Ids,
  { tenant, conversation }: ConversationRef,
  { name, entity, stage, createdBy, createdAt, changedAt }: Shown,
  messages: readonly Message[],
): Conversation {
  return {
    id: conversation,
    organization_id: organizationId(ids, tenant),
    created_by_user_id: shownId(ids, tenant, createdBy),
    subject: name,
    entity_type: entity.type,
    entity_id: entity.id,
    status: stage,
    created_at: formatMicros(createdAt),
    updated_at: formatMicros(changedAt),
    messages: [...messages],
  };
}

export function encodeMessage(
  ids: Ids,
  { tenant, conversation }: ConversationRef,
  { actor, seq, at, data }: Posted,
  readers: SlowestReaders | null,
): Message {
  return {
    id: data.message_id,
    conversation_id: conversation,
    sender_user_id: shownId(ids, tenant, actor.id),
    body: data.content,
    is_read: isReadByOthers(readers, actor.id, seq ?? 0),
    created_at: at,
  };
}

/** Nobody else has read what nobody else can. */
function isReadByOthers(readers: SlowestReaders | null, sender: string, seq: number): boolean {
  if (readers === null || readers.slowest === null) return false;
  if (sender !== readers.slowest) return readers.readSeq >= seq;
  return readers.othersReadSeq !== null && readers.othersReadSeq >= seq;
}
