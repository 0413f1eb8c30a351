/** Which message is the answer of a job. Pure. */
import type { EventOf } from '../../domain/event.ts';
import type { PrincipalId } from '../../domain/ids.ts';
import { type Micros, parseMicros } from '../../domain/time.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import { isActionNotice } from '../agents/answers/action-notice.ts';

export interface SoughtAnswer {
  readonly agent: PrincipalId;
  /** What came later does not count. */
  readonly expiresAt: Micros;
}

/** Among the entries of a job's conversation, oldest first. Not what is left of an answer that was stopped. */
export function findAnswer(
  entries: readonly TimelineEntry[],
  { agent, expiresAt }: SoughtAnswer,
): EventOf<'message.posted'> | null {
  for (const { event, deletedAt } of entries) {
    if (event.type !== 'message.posted' || event.actor.id !== agent || deletedAt !== null) continue;
    const { content, interrupted, deleted } = event.data;
    if (interrupted === true || deleted === true || isActionNotice(content)) continue;
    return saidAt(event) <= expiresAt ? event : null;
  }
  return null;
}

export function saidAt(event: EventOf<'message.posted'>): Micros {
  return parseMicros(event.at) ?? 0;
}
