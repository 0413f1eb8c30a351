/** What changes of a message say of it, from the event that posted it. */
import type { EventOf, MessageHead, MessageOrigin } from '../event.ts';

/** The head of a message, from the event that posted it. */
export function messageHead({ actor, seq, at, data, run, trace }: EventOf<'message.posted'>): MessageHead {
  return {
    sender: { id: actor.id, kind: actor.kind },
    seq: seq ?? 0,
    created_at: at,
    content_type: data.content_type,
    reply_to: data.reply_to,
    priority: data.priority,
    interruptible: data.interruptible,
    ...(run === undefined ? {} : { run }),
    ...(trace === undefined ? {} : { trace }),
    ...(data.preempted_by === undefined ? {} : { preempted_by: data.preempted_by }),
  };
}

/** People do not see what agents and services say among themselves. */
export function isInternal({ data }: EventOf<'message.posted'>): boolean {
  return data.metadata['is_internal'] === true;
}

/** Which message it is, from the event that posted it, with its present metadata. */
export function messageOrigin(posted: EventOf<'message.posted'>): MessageOrigin {
  const { actor, seq } = posted;
  return {
    sender: { id: actor.id, kind: actor.kind },
    seq: seq ?? 0,
    ...(isInternal(posted) ? { is_internal: true as const } : {}),
  };
}
