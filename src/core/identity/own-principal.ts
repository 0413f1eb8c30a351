/** What people change about themselves. */

import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { RequestTrace } from '../../ports/audit.ts';
import type { OwnPrincipal } from '../../ports/identity/identity-service.ts';
import { entryOf, noTrace } from '../audit/audit-trail.ts';
import { changedFields } from './changed-fields.ts';
import type { AnnounceChange, IdentityDeps } from './identity-deps.ts';
import { canonicalEmail } from './new-records.ts';
import type { PasswordCheck } from './sign-in/password-check.ts';
import type { PasswordLogins } from './sign-in/password-logins.ts';
import type { Sessions } from './sign-in/sessions.ts';

export function ownPrincipalWith(
  deps: IdentityDeps,
  passwords: PasswordCheck,
  logins: PasswordLogins,
  sessions: Sessions,
  announce: AnnounceChange,
): OwnPrincipal {
  const { store } = deps;
  return {
    async me(by) {
      const principal = await store.principals.principal(by.tenant, by.id);
      if (principal instanceof Problem) return principal;
      const tenant = await store.principals.tenant(by.tenant);
      if (tenant instanceof Problem) return tenant;
      return principal === null || tenant === null ? new Problem('not_found') : { principal, tenant };
    },

    messagingToken: (by) => sessions.messagingToken(by),

    async changeProfile(by, changes, trace = noTrace) {
      const { tenant, id } = by;
      const changed = await store.principals.change(
        tenant,
        id,
        by.kind,
        () => changes,
        (former, present) => {
          const detail = changedFields(former, present);
          return entryOf(by, trace, { tenant, action: 'profile.changed', subject: id, detail });
        },
      );
      if (!(changed instanceof Problem)) await announce();
      return changed;
    },

    async changePassword(by, current, next, trace = noTrace) {
      const passwordHash = await changePassword(deps, passwords, logins, by, { current, next, trace });
      if (passwordHash instanceof Problem) return passwordHash;
      await announce();
      const person = await store.principals.principal(by.tenant, by.id);
      if (person instanceof Problem) return person;
      return person === null
        ? new Problem('not_found')
        : sessions.open(person, { passwordHash, audit: null });
    },
  };
}

interface PasswordChange {
  readonly current: string;
  readonly next: string;
  readonly trace: RequestTrace;
}

/** The new hash: with it, every session of the person has ended. */
async function changePassword(
  { store, clock }: IdentityDeps,
  passwords: PasswordCheck,
  logins: PasswordLogins,
  by: Principal,
  { current, next, trace }: PasswordChange,
): Promise<string | Problem> {
  const { tenant, id } = by;
  const person = await store.principals.principal(tenant, id);
  if (person instanceof Problem) return person;
  if (person === null || person.email === null)
    return new Problem('forbidden', 'Only people have a password.');
  if (next === current) return refusedPassword('unchanged');
  if (canonicalEmail(next) === person.email) return refusedPassword('same_as_email');
  const credential = await logins.verify(person.email, current, trace);
  if (credential instanceof Problem) return credential;
  if (credential === null) return wrongPassword();
  const hash = await passwords.hash(next);
  if (hash instanceof Problem) return hash;
  const isReplaced = await store.principals.replacePassword(
    tenant,
    id,
    credential.passwordHash,
    hash,
    clock.nowMicros(),
    entryOf(by, trace, { tenant, action: 'password.changed', subject: id }),
  );
  if (isReplaced instanceof Problem) return isReplaced;
  return isReplaced ? hash : wrongPassword();
}

/** 403 and not 401: a client would try to refresh its token. */
function wrongPassword(): Problem {
  return new Problem('forbidden', 'The current password is wrong.', { reason: 'invalid_current_password' });
}

function refusedPassword(reason: string): Problem {
  return new Problem('invalid_request', 'This new password is not accepted.', {
    fields: [{ path: 'new_password', reason }],
  });
}
