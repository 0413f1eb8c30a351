/** The platform's administrator: from the environment, made or updated at each boot. */
import { Problem } from '../../domain/problem.ts';
import { ownerV2Role } from '../../domain/v2-roles.ts';
import type { PrincipalRecord } from '../../ports/identity/identity-records.ts';
import type { Credential } from '../../ports/identity/identity-store.ts';
import { entryOf, noTrace } from '../audit/audit-trail.ts';
import { changedFields } from './changed-fields.ts';
import type { AnnounceChange, IdentityDeps } from './identity-deps.ts';
import { canonicalEmail, newFirstAgent, newPrincipal, newTenant } from './new-records.ts';
import type { PasswordCheck } from './sign-in/password-check.ts';

export async function ensureAdministrator(
  deps: IdentityDeps,
  passwords: PasswordCheck,
  announce: AnnounceChange,
  given: { readonly email: string; readonly password: string },
): Promise<PrincipalRecord | Problem> {
  const email = canonicalEmail(given.email);
  const made = await create(deps, passwords, email, given.password);
  // Made now, or another node that started at the same time was faster, or it is an old one.
  if (!(made instanceof Problem) || made.reason !== 'email_taken') return made;
  const credential = await deps.store.principals.credential(email);
  if (credential instanceof Problem) return credential;
  if (credential === null) return new Problem('unavailable');
  return update(deps, passwords, announce, credential, given.password);
}

async function create(
  { store, ids, clock }: IdentityDeps,
  passwords: PasswordCheck,
  email: string,
  password: string,
): Promise<PrincipalRecord | Problem> {
  const taken = await store.principals.credential(email);
  if (taken instanceof Problem) return taken;
  if (taken !== null) return new Problem('conflict', undefined, { reason: 'email_taken' });
  const passwordHash = await passwords.hash(password);
  if (passwordHash instanceof Problem) return passwordHash;
  const now = clock.nowMicros();
  const tenant = newTenant(ids.next(), 'Platform', now);
  const administrator: PrincipalRecord = {
    ...newPrincipal(tenant.id, ids.next(), 'user', 'Administrator', now),
    role: 'owner',
    superAdmin: true,
    v2Roles: [ownerV2Role],
    email,
  };
  const credential = { email, passwordHash, tenant: tenant.id, principal: administrator.id };
  const agent = newFirstAgent(tenant.id, ids.next(), now);
  const what = { tenant: tenant.id, action: 'administrator.created', subject: administrator.id };
  const audit = entryOf(null, noTrace, what);
  const refused = await store.principals.createTenant(tenant, administrator, credential, agent, audit);
  return refused ?? administrator;
}

/** The environment decides: the account is active, a super admin, and has this password. */
async function update(
  { store, clock }: IdentityDeps,
  passwords: PasswordCheck,
  announce: AnnounceChange,
  credential: Credential,
  password: string,
): Promise<PrincipalRecord | Problem> {
  const { tenant, principal: id, passwordHash } = credential;
  const isSame = await passwords.verify(passwordHash, password);
  if (isSame instanceof Problem) return isSame;
  if (!isSame) {
    const hash = await passwords.hash(password);
    if (hash instanceof Problem) return hash;
    const isReplaced = await store.principals.replacePassword(
      tenant,
      id,
      passwordHash,
      hash,
      clock.nowMicros(),
      entryOf(null, noTrace, { tenant, action: 'password.changed', subject: id }),
    );
    if (isReplaced instanceof Problem) return isReplaced;
  }
  const changed = await store.principals.change(
    tenant,
    id,
    'user',
    () => ({ superAdmin: true, status: 'active' }),
    (former, present) => {
      const detail = changedFields(former, present);
      if (Object.keys(detail).length === 0) return null;
      return entryOf(null, noTrace, { tenant, action: 'administrator.changed', subject: id, detail });
    },
  );
  if (!(changed instanceof Problem)) await announce();
  return changed;
}
