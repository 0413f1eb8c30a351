/** People without an account: made when somebody comes without a credential, gone a day later (ADR 0024). */
import { guestTenant } from '../../domain/limiting/guest-limits.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { SessionRecord } from '../../ports/identity/identity-records.ts';
import type { Guests } from '../../ports/identity/identity-service.ts';
import { guestOfSession } from './credentials/guest-tokens.ts';
import { principalOfSession } from './credentials/principal-of.ts';
import { guestPurpose } from './credentials/token-purposes.ts';
import type { IdentityDeps } from './identity-deps.ts';
import { newPrincipal } from './new-records.ts';

const second = 1_000_000;

export function guestsWith(deps: IdentityDeps): Guests {
  const { store, keys, clock, ids } = deps;
  return {
    async admit() {
      const now = clock.nowMicros();
      const [issuedAtSec, endsAt] = [Math.floor(now / second), now + limits.guestSec * second];
      const record = newPrincipal(guestTenant, ids.next(), 'user', 'Guest', now);
      const session: SessionRecord = {
        ...{ id: ids.next(), tenant: guestTenant, principal: record.id },
        ...{ createdAt: now, expiresAt: endsAt, endsAt, revokedAt: null },
      };
      const refused = await store.guests.add(record, session);
      if (refused !== null) return refused;
      const expiresAtSec = Math.floor(endsAt / second);
      const claims = { tenant: guestTenant, subject: record.id, sid: session.id, id: ids.next() };
      const token = await keys.signer.sign({ ...claims, issuedAtSec, expiresAtSec }, guestPurpose);
      const principal = principalOfSession({ session, principal: record }, now, endsAt);
      return principal instanceof Problem
        ? principal
        : { principal, token, expiresAt: expiresAtSec * second };
    },

    ofSession: (sid) => guestOfSession(deps, sid),
  };
}
