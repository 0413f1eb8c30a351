import type { ErasedEvent, Event } from '../event.ts';
import type { ConversationId } from '../ids.ts';

/** The replacement of an erased event in a replay: same id, position, seq and author, no content. */
export function erasedStub(conversation: ConversationId, erased: ErasedEvent): Event {
  const envelope = {
    v: 1 as const,
    id: erased.id,
    conversation,
    position: erased.position,
    seq: erased.seq,
    at: erased.at,
    actor: erased.actor,
  };
  if (erased.type === 'message.edited') {
    const data = {
      message_id: erased.messageId,
      content: '',
      metadata: {},
      edit_count: 0,
      deleted: true as const,
    };
    return { ...envelope, type: 'message.edited', data };
  }
  return {
    ...envelope,
    type: 'message.posted',
    data: {
      message_id: erased.messageId,
      content: '',
      content_type: 'text',
      reply_to: null,
      priority: 'normal',
      interruptible: true,
      metadata: {},
      deleted: true,
    },
  };
}
