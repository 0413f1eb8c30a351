/** What an administrator who does not take part in a conversation gets in place of phi and secret texts. */
import { isSealedClass } from '../../domain/event.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { SurveyedConversation } from '../../ports/conversations/conversation-survey.ts';
import type { SealedFields } from '../../ports/projection/stored-seal.ts';

const restricted = 'restricted';

/** Texts empty, and `sealed` says why. */
export function restrictedEntry(entry: TimelineEntry): TimelineEntry {
  if (!isSealedClass(entry.dataClass) || entry.deletedAt !== null) return entry;
  const { event } = entry;
  if (event.type === 'control') {
    const data = { ...event.data, reason: null, metadata: {}, sealed: restricted };
    return { ...entry, event: { ...event, data } };
  }
  return {
    ...entry,
    event: { ...event, data: { ...event.data, content: '', metadata: {}, sealed: restricted } },
  };
}

/** `sealed`: the fields that are stored sealed; they are withheld. */
export function restrictedFields(
  { sealed: _, ...conversation }: SurveyedConversation,
  sealed: SealedFields | undefined,
): SurveyedConversation {
  return {
    ...conversation,
    ...(sealed?.name === undefined ? {} : { name: null }),
    ...(sealed?.description === undefined ? {} : { description: null }),
    ...(sealed?.metadata === undefined ? {} : { metadata: { sealed: restricted } }),
  };
}
