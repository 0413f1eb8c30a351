/** A session -> its forms on the wire. */
import { formatMicros, type Micros } from '../../../domain/time.ts';
import type { TimedSession, UsedSession } from '../../../ports/agents/timed-sessions.ts';
import type { SessionInfo } from './wire.ts';

const minute = 60_000_000;

export function begunSession(session: TimedSession) {
  return {
    sessionId: session.id,
    channelId: session.conversation,
    agentId: session.agent,
    userId: session.user,
    createdAt: formatMicros(session.createdAt),
    metadata: { ...session.metadata },
    expiresAt: formatMicros(session.expiresAt),
    timeoutConfig: session.timeouts,
  };
}

export function sessionInfo(session: TimedSession, now: Micros): SessionInfo {
  return {
    ...begunSession(session),
    lastActivity: formatMicros(session.usedAt),
    renewalCount: session.renewals,
    timeRemaining: Math.ceil(remaining(session, now) / 1_000),
    isNearExpiration: isNearExpiration(session, now),
  };
}

export function sessionStatus({ session, isRenewed }: UsedSession, now: Micros) {
  return {
    expiresAt: formatMicros(session.expiresAt),
    renewalCount: session.renewals,
    wasRenewed: isRenewed,
    isNearExpiration: isNearExpiration(session, now),
  };
}

function isNearExpiration(session: TimedSession, now: Micros): boolean {
  const left = remaining(session, now);
  return left > 0 && left <= session.timeouts.warningThresholdMinutes * minute;
}

const remaining = ({ expiresAt }: TimedSession, now: Micros): Micros => Math.max(0, expiresAt - now);
