/** The event that examples show: a message, as it stands in the log. */
import type { EventOf } from '../../domain/event.ts';
import { exampleValues } from './values.ts';

const { at, conversation, event, message, user } = exampleValues;

export const exampleEvent: EventOf<'message.posted'> = {
  v: 1,
  id: event,
  conversation,
  position: 5,
  seq: 3,
  type: 'message.posted',
  at,
  actor: { id: user, kind: 'user' },
  data: {
    message_id: message,
    content: 'The ship is in.',
    content_type: 'text',
    reply_to: null,
    priority: 'normal',
    interruptible: true,
    metadata: {},
  },
};
