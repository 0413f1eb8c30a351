/**
 * Open sockets obey changes of identity: revoked and suspended ones are closed, those whose session ended by itself, too,
 * changed ones renewed, and those that an external provider vouches for are checked again from time to time.
 */

import { limits } from '../../domain/limits.ts';
import { standingOf } from '../../domain/permissions.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Authenticator, Revocation } from '../../ports/identity/identity-authenticator.ts';
import type { Delivery } from './delivery.ts';
import type { Session } from './session.ts';

const cannotTell: ReadonlySet<string> = new Set(['unavailable', 'overloaded', 'internal']);

/** Starts obeying; the returned function ends it. */
export function obeyRevocations(
  authenticator: Authenticator,
  sessions: () => Iterable<Session>,
  delivery: Delivery,
  clock: Clock,
): () => void {
  /** Principals that may have changed since they were looked up. */
  const doubtful = new WeakSet<Session>();
  const renewing = new WeakSet<Session>();

  /**
   * Once at a time for each session, and again for what changed meanwhile: of two look-ups at once the earlier
   * one might answer last, and give back what the later one took away.
   */
  function recheck(session: Session): void {
    doubtful.add(session);
    if (renewing.has(session)) return;
    renewing.add(session);
    void renew(session).finally(() => renewing.delete(session));
  }

  async function renew(session: Session): Promise<void> {
    while (doubtful.delete(session)) {
      const principal = await authenticator.renew(session.principal);
      if (session.isClosed) return;
      if (principal instanceof Problem && cannotTell.has(principal.code)) {
        // It changed all the same: look() asks again until it is told.
        doubtful.add(session);
        return endUnchecked(session);
      }
      if (!doubtful.has(session)) take(session, principal);
    }
  }

  function take(session: Session, principal: Principal | Problem): void {
    if (principal instanceof Problem)
      return session.outbox.close(principal.code === 'suspended' ? 'suspended' : 'unauthenticated');
    session.principal = principal;
    for (const conversation of [...session.opened]) {
      if (standingOf(conversation.state, principal, null) === null) delivery.leave(conversation, session);
    }
    for (const [id, { conversation }] of session.opening) {
      if (standingOf(conversation.state, principal, null) === null) session.opening.delete(id);
    }
  }

  /**
   * Being unable to tell is no reason to end a session that was valid. One that an external provider vouched
   * for is sent away after a while: when it comes back, it is asked who it is.
   */
  function endUnchecked({ principal, outbox }: Session): void {
    const { recheckAt = Number.POSITIVE_INFINITY } = principal;
    if (clock.nowMicros() - recheckAt > limits.externalGraceMs * 1000) outbox.close('restarting');
  }

  /**
   * A person's token of ours is renewed beside the socket, and so is its session: when that should have ended, it is
   * asked whether it has. A key that ends just ends, and so does what somebody else issued.
   */
  function look(): void {
    const now = clock.nowMicros();
    for (const session of [...sessions()]) {
      const { kind, expiresAt, recheckAt, sessionEndsAt } = session.principal;
      const isOwnPerson = kind === 'user' && recheckAt === undefined;
      if (!isOwnPerson && expiresAt !== null && expiresAt <= now) session.outbox.close('unauthenticated');
      else if (doubtful.has(session) || isPast(recheckAt, now) || isPast(sessionEndsAt, now))
        recheck(session);
    }
    cancel = clock.after(limits.expiryLookMs, look);
  }
  let cancel = clock.after(limits.expiryLookMs, look);

  const stop = authenticator.onRevoked((revocation) => {
    for (const session of [...sessions()]) {
      if (!concerns(revocation, session)) continue;
      if (revocation.reason === 'changed') recheck(session);
      else session.outbox.close(revocation.reason === 'suspended' ? 'suspended' : 'unauthenticated');
    }
  });
  return () => {
    cancel();
    stop();
  };
}

const isPast = (at: number | undefined, now: number): boolean => at !== undefined && at <= now;

function concerns(revocation: Revocation, { principal }: Session): boolean {
  if (revocation.tenant === null) return principal.kind === 'user' && principal.recheckAt === undefined;
  if (principal.tenant !== revocation.tenant) return false;
  if (revocation.principalId !== undefined) return principal.id === revocation.principalId;
  return principal.sid === (revocation.sid ?? revocation.keyId);
}
