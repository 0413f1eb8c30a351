/**
 * Says in a session's conversation what happened to it, once, whatever becomes of the nodes that try:
 *
 *   waiting --due--> claimed --said, or nobody to say it to--> gone
 *              ^        |
 *              +--------+ the node died with it, or a server was away
 *
 * The id of what is said follows from session and renewal, and the decision to say it again finds it: so a notice
 * that was said by a node that died before it wrote that down is not said twice.
 */
import type { NoticeCommand } from '../../domain/command.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import { formatMicros, type Micros } from '../../domain/time.ts';
import type { SessionNotice, TimedSessionStore } from '../../ports/agents/timed-sessions.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Bus } from '../bus.ts';
import { minutesUntil } from './lifetime.ts';

export interface SessionTellerDeps {
  readonly store: Pick<TimedSessionStore, 'claim' | 'settle'>;
  readonly bus: Pick<Bus, 'dispatch' | 'context'>;
  readonly ids: Pick<IdSource, 'fromName'>;
  readonly clock: Pick<Clock, 'nowMicros'>;
  readonly logger: Logger;
}

export interface SessionTeller {
  /** Says notices that the caller has claimed. What cannot be said now is said later, by whoever claims it. */
  tell(notices: readonly SessionNotice[]): Promise<void>;
  /** Says what is due, as far as nobody else is about to. */
  tellDue(): Promise<void>;
}

export function openSessionTeller({ store, bus, ids, clock, logger }: SessionTellerDeps): SessionTeller {
  async function say(notice: SessionNotice): Promise<Problem | null> {
    const now = clock.nowMicros();
    const metadata = metadataOf(notice, now);
    if (metadata === null) return null;
    const id = ids.fromName(nameOf(notice));
    const command: NoticeCommand = { op: 'notice', event: notice.name, id, metadata };
    const context = bus.context(notice.conversation, { id });
    const outcome = await bus.dispatch(speakerOf(notice), command, context);
    return outcome instanceof Problem ? outcome : null;
  }

  async function tell(notices: readonly SessionNotice[]): Promise<void> {
    const refusals = await Promise.all(notices.map(say));
    const done = notices.filter((_, index) => isOver(refusals[index] ?? null));
    for (const refused of refusals) {
      if (refused?.code === 'internal') logger.error({}, 'A notice of a session cannot be said');
    }
    // Where this fails they are claimed again, and found.
    if (done.length > 0) await store.settle(done);
  }

  return {
    tell,
    async tellDue() {
      for (let rounds = 0; rounds < limits.sessionNoticeRoundsMax; rounds += 1) {
        const now = clock.nowMicros();
        const claimedUntil = now + limits.sessionNoticeLeaseMs * 1000;
        const due = await store.claim(now, claimedUntil, limits.sessionNoticesAtOnce);
        if (due instanceof Problem) return;
        await tell(due);
        if (due.length < limits.sessionNoticesAtOnce) return;
      }
    },
  };
}

/** The conversation is gone, or its user left it: there is nobody to tell. Anything else may get better. */
function isOver(refused: Problem | null): boolean {
  return refused === null || refused.code === 'not_found' || refused.code === 'forbidden';
}

/** Null: it is too late to say so. */
function metadataOf(
  { name, session: session_id, dueAt, expiresAt }: SessionNotice,
  now: Micros,
): Record<string, unknown> | null {
  if (now > dueAt + limits.sessionNoticeAgeMs * 1000) return null;
  switch (name) {
    case 'session.expiring': {
      const minutes_remaining = minutesUntil(expiresAt, now);
      return minutes_remaining === 0 ? null : { session_id, minutes_remaining };
    }
    case 'session.expired':
      return { session_id };
    case 'session.renewed':
      return { session_id, expires_at: formatMicros(expiresAt) };
  }
}

/** It expires once; all else belongs to a renewal. */
function nameOf({ tenant, session, name, renewals }: SessionNotice): string {
  return JSON.stringify([name, tenant, session, ...(name === 'session.expired' ? [] : [renewals])]);
}

/** In the name of its user: what concerns oneself is never unread. */
function speakerOf({ tenant, user: id }: SessionNotice): Principal {
  return {
    ...{ tenant, id, kind: 'user', scopes: [], role: 'member', superAdmin: false },
    ...{ displayName: 'User', sid: 'session notice', service: null, expiresAt: null },
  };
}
