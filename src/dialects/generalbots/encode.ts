/** Messages and conversations -> the words of General Bots. */
import { compileCheck } from '../../contract/checking/check.ts';
import type { EventOf, Stage } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { formatMicros } from '../../domain/time.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { AgentConversation } from '../../ports/projection/listed-conversations.ts';
import { Attachment, type HistoryMessage, type Item } from './wire.ts';

export type MessageEvent = EventOf<'message.posted'>;

const attachmentCheck = compileCheck(Attachment);

/** Users and bots read messages; what was deleted, and what agents say among themselves, is not for them. */
export function shownMessage({ event, deletedAt }: TimelineEntry): MessageEvent | null {
  return event.type === 'message.posted' && deletedAt === null && isShown(event) ? event : null;
}

export function isShown({ data }: MessageEvent): boolean {
  return data.deleted !== true && data.metadata['is_internal'] !== true;
}

/** Who is no person is a bot here. */
export function senderOf({ actor }: Pick<MessageEvent, 'actor'>): 'user' | 'bot' {
  return actor.kind === 'user' ? 'user' : 'bot';
}

/** The official client drops what has no type, or 0. */
function messageTypeOf(event: Pick<MessageEvent, 'actor'>): 1 | 2 {
  return senderOf(event) === 'user' ? 1 : 2;
}

/** Other dialects write any metadata: what has not the form of an attachment is none. */
export function attachmentsOf({ data }: MessageEvent): Attachment[] {
  const given = data.metadata['attachments'];
  if (!Array.isArray(given)) return [];
  const some = given.slice(0, limits.chatAttachmentsMax);
  return some.filter((one) => attachmentCheck.accepts(one) && one.url.startsWith('https://'));
}

export function encodeMessage(event: MessageEvent): HistoryMessage {
  return {
    ...{ id: event.data.message_id, sender: senderOf(event), content: event.data.content },
    ...{ timestamp: event.at, attachments: attachmentsOf(event), message_type: messageTypeOf(event) },
  };
}

export function statusOf(stage: Stage): 'active' | 'archived' {
  return stage === 'active' ? 'active' : 'archived';
}

export type Listed = Pick<AgentConversation, 'ref' | 'agent' | 'stage' | 'updatedAt' | 'newest'>;

export function encodeItem(listed: Listed, botName: string | undefined): Item {
  const newest = listed.newest === null ? null : shownMessage(listed.newest);
  return {
    id: listed.ref.conversation,
    bot_id: listed.agent,
    bot_name: botName ?? listed.agent,
    last_message: newest === null ? null : beginningOf(newest.data.content),
    last_activity: formatMicros(listed.updatedAt),
    status: statusOf(listed.stage),
  };
}

function beginningOf(text: string): string {
  const { chatPreviewCharsMax: max } = limits;
  return text.length <= max ? text : [...text.slice(0, 2 * max)].slice(0, max).join('');
}
