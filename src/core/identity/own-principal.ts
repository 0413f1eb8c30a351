/** What people change about themselves. */

import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { OwnPrincipal } from '../../ports/identity-service.ts';
import type { AnnounceChange, IdentityDeps } from './identity-deps.ts';
import { canonicalEmail } from './new-records.ts';
import type { PasswordCheck } from './password-check.ts';
import type { Sessions } from './sessions.ts';

export function ownPrincipalWith(
  deps: IdentityDeps,
  passwords: PasswordCheck,
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

    async changeProfile(by, changes) {
      const changed = await store.principals.change(by.tenant, by.id, by.kind, () => changes);
      if (!(changed instanceof Problem)) await announce();
      return changed;
    },

    changePassword: (by, current, next) => changePassword(deps, passwords, sessions, by, current, next),
  };
}

async function changePassword(
  { store, clock }: IdentityDeps,
  passwords: PasswordCheck,
  sessions: Sessions,
  by: Principal,
  current: string,
  next: string,
) {
  const person = await store.principals.principal(by.tenant, by.id);
  if (person instanceof Problem) return person;
  if (person === null || person.email === null)
    return new Problem('forbidden', 'Only people have a password.');
  if (next === current) return refusedPassword('unchanged');
  if (canonicalEmail(next) === person.email) return refusedPassword('same_as_email');
  const credential = await store.principals.credential(person.email);
  if (credential instanceof Problem) return credential;
  const isRight = await passwords.verify(credential?.passwordHash ?? null, current);
  if (isRight instanceof Problem) return isRight;
  if (!isRight || credential === null) return wrongPassword();
  const hash = await passwords.hash(next);
  if (hash instanceof Problem) return hash;
  const now = clock.nowMicros();
  const isReplaced = await store.principals.replacePassword(
    by.tenant,
    by.id,
    credential.passwordHash,
    hash,
    now,
  );
  if (isReplaced instanceof Problem) return isReplaced;
  if (!isReplaced) return wrongPassword();
  return (await sessions.endAll(person)) ?? sessions.open(person);
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
