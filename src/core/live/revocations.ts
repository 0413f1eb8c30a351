/** Open sockets obey changes of identity: revoked and suspended ones are closed, changed ones renewed. */

import { limits } from '../../domain/limits.ts';
import { standingOf } from '../../domain/permissions.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Authenticator, Revocation } from '../../ports/identity-authenticator.ts';
import type { Delivery } from './delivery.ts';
import type { Session } from './session.ts';

/** Starts obeying; the returned function ends it. */
export function obeyRevocations(
  authenticator: Authenticator,
  sessions: () => Iterable<Session>,
  delivery: Delivery,
  clock: Clock,
): () => void {
  async function renew(session: Session): Promise<void> {
    const principal = await authenticator.renew(session.principal);
    if (session.isClosed) return;
    if (principal instanceof Problem) {
      // Unable to tell (`unavailable`) is no reason to end a session that was valid.
      if (principal.code === 'unavailable') return;
      return session.outbox.close(principal.code === 'suspended' ? 'suspended' : 'unauthenticated');
    }
    session.principal = principal;
    for (const conversation of [...session.opened]) {
      if (standingOf(conversation.state, principal, null) === null) delivery.leave(conversation, session);
    }
    for (const [id, { conversation }] of session.opening) {
      if (standingOf(conversation.state, principal, null) === null) session.opening.delete(id);
    }
  }

  /** A person's token is renewed beside the socket and its session revoked; a key that ends just ends. */
  function endExpired(): void {
    const now = clock.nowMicros();
    for (const { principal, outbox } of [...sessions()]) {
      if (principal.kind === 'user' || principal.expiresAt === null || principal.expiresAt > now) continue;
      outbox.close('unauthenticated');
    }
    cancel = clock.after(limits.expiryLookMs, endExpired);
  }
  let cancel = clock.after(limits.expiryLookMs, endExpired);

  const stop = authenticator.onRevoked((revocation) => {
    for (const session of [...sessions()]) {
      if (!concerns(revocation, session)) continue;
      if (revocation.reason === 'changed') void renew(session);
      else session.outbox.close(revocation.reason === 'suspended' ? 'suspended' : 'unauthenticated');
    }
  });
  return () => {
    cancel();
    stop();
  };
}

function concerns(revocation: Revocation, { principal }: Session): boolean {
  if (revocation.tenant === null) return principal.kind === 'user';
  if (principal.tenant !== revocation.tenant) return false;
  if (revocation.principalId !== undefined) return principal.id === revocation.principalId;
  return principal.sid === (revocation.sid ?? revocation.keyId);
}
