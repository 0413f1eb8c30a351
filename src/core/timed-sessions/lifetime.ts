/**
 * How a session lives and ends. Pure. T is its timeout, D the longest that it may last, W its warning threshold.
 *
 *   active --- W before its end ---> near its end --- its end ---> expired
 *     ^                                   |
 *     +------------- renewed -------------+
 *
 * Its end is T after its last use; where that would be later than D after it began, D after it began. A use renews it
 * where that is automatic; where it is not, its end is T after it began, or after it was last renewed by hand. After D
 * nothing renews it. New timeouts count from the use before them; when a timeout from now on would last beyond D, it
 * ends at D. A renewal never makes a session end sooner, and the clock of no node turns its last use back.
 */
import type { NoticeName } from '../../domain/command.ts';
import type { Micros } from '../../domain/time.ts';
import type { Lifetime, Timeouts } from '../../ports/agents/timed-sessions.ts';

const minute = 60_000_000;

export function begun(timeouts: Timeouts, now: Micros): Lifetime {
  return { createdAt: now, usedAt: now, renewals: 0, timeouts, expiresAt: endOf(now, now, timeouts, now) };
}

/** Null: it has lasted as long as it may. */
export function renewed(lifetime: Lifetime, now: Micros): Lifetime | null {
  const { createdAt, timeouts, renewals, expiresAt } = lifetime;
  if (now - createdAt >= microsOf(timeouts.maxDurationMinutes)) return null;
  const usedAt = Math.max(now, lifetime.usedAt);
  const end = Math.max(endOf(createdAt, usedAt, timeouts, usedAt), expiresAt);
  return { ...lifetime, usedAt, expiresAt: end, renewals: renewals + 1 };
}

/** After a use, which renews it or does not. */
export function used(
  lifetime: Lifetime,
  now: Micros,
): { readonly lifetime: Lifetime; readonly isRenewed: boolean } {
  const after = lifetime.timeouts.autoRenew ? renewed(lifetime, now) : null;
  if (after !== null) return { lifetime: after, isRenewed: true };
  return { lifetime: { ...lifetime, usedAt: Math.max(now, lifetime.usedAt) }, isRenewed: false };
}

/** With other timeouts from now on: then it may end sooner, or have ended. */
export function retimed(lifetime: Lifetime, timeouts: Timeouts, now: Micros): Lifetime {
  const { createdAt, usedAt } = lifetime;
  const from = timeouts.autoRenew ? usedAt : createdAt;
  return { ...lifetime, timeouts, expiresAt: endOf(createdAt, from, timeouts, now) };
}

export function isExpired({ expiresAt }: Pick<Lifetime, 'expiresAt'>, now: Micros): boolean {
  return expiresAt <= now;
}

function warningAt({ expiresAt, timeouts }: Pick<Lifetime, 'expiresAt' | 'timeouts'>): Micros {
  return expiresAt - microsOf(timeouts.warningThresholdMinutes);
}

export function isNearEnd(lifetime: Pick<Lifetime, 'expiresAt' | 'timeouts'>, now: Micros): boolean {
  return !isExpired(lifetime, now) && warningAt(lifetime) <= now;
}

/** What is to be told of it by itself, and when, unless something happens before. */
export function comingNotices(
  lifetime: Lifetime,
): readonly { readonly name: NoticeName; readonly dueAt: Micros }[] {
  const { expiresAt, createdAt } = lifetime;
  return [
    { name: 'session.expiring', dueAt: Math.max(warningAt(lifetime), createdAt) },
    { name: 'session.expired', dueAt: expiresAt },
  ];
}

/** Whole minutes until its end, as people count them: the last one is 1. */
export function minutesUntil(expiresAt: Micros, now: Micros): number {
  return Math.max(0, Math.ceil((expiresAt - now) / minute));
}

function endOf(createdAt: Micros, from: Micros, timeouts: Timeouts, now: Micros): Micros {
  const timeout = microsOf(timeouts.timeoutMinutes);
  const last = createdAt + microsOf(timeouts.maxDurationMinutes);
  return now + timeout > last ? last : from + timeout;
}

/** Minutes need not be whole. */
const microsOf = (minutes: number): Micros => Math.round(minutes * minute);
