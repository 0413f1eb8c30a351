/** How people come in: signup, with or without an invite, and login. */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { invitedV2Role, ownerV2Role } from '../../../domain/v2-roles.ts';
import type { RequestTrace } from '../../../ports/audit.ts';
import type {
  InviteRecord,
  PrincipalRecord,
  TenantRecord,
} from '../../../ports/identity/identity-records.ts';
import type { SignedIn, SignIn, Signup } from '../../../ports/identity/identity-service.ts';
import { entryOf, noTrace } from '../../audit/audit-trail.ts';
import type { IdentityDeps } from '../identity-deps.ts';
import { canonicalEmail, newFirstAgent, newPrincipal, newTenant } from '../new-records.ts';
import type { PasswordCheck } from './password-check.ts';
import type { PasswordLogins } from './password-logins.ts';
import type { Sessions } from './sessions.ts';

export function signInWith(
  deps: IdentityDeps,
  passwords: PasswordCheck,
  logins: PasswordLogins,
  sessions: Sessions,
): SignIn {
  const { store } = deps;

  async function activePerson(tenantId: TenantId, id: PrincipalId): Promise<Entered | Problem> {
    const principal = await store.principals.principal(tenantId, id);
    if (principal instanceof Problem) return principal;
    const tenant = await store.principals.tenant(tenantId);
    if (tenant instanceof Problem) return tenant;
    if (principal === null || tenant === null) return new Problem('not_found');
    if (principal.kind !== 'user') return new Problem('forbidden', 'Agents and services use API keys.');
    return principal.status === 'suspended' ? new Problem('suspended') : { principal, tenant };
  }

  async function welcome(entered: Entered | Problem, proof: Proof): Promise<SignedIn | Problem> {
    if (entered instanceof Problem) return entered;
    const tokens = await sessions.open(entered.principal, proof);
    return tokens instanceof Problem ? tokens : { ...entered, tokens };
  }

  return {
    // The account's own entry tells of it: its first session needs none.
    signup: async (signup, trace = noTrace) =>
      welcome(await createPerson(deps, passwords, signup, trace), { passwordHash: null, audit: null }),

    async login(email, password, trace = noTrace) {
      const credential = await logins.verify(canonicalEmail(email), password, trace);
      if (credential instanceof Problem) return credential;
      if (credential === null) return wrongCredentials();
      const { tenant, principal, passwordHash } = credential;
      const by = { tenant, id: principal, kind: 'user' as const };
      const audit = entryOf(by, trace, { tenant, action: 'session.opened', subject: principal });
      const signedIn = await welcome(await activePerson(tenant, principal), { passwordHash, audit });
      const isOutdated = signedIn instanceof Problem && signedIn.reason === 'password_changed';
      return isOutdated ? wrongCredentials() : signedIn;
    },

    refresh: (refreshToken, trace = noTrace) => sessions.refresh(refreshToken, trace),

    async logout(by, refreshToken, trace = noTrace) {
      if (by.recheckAt !== undefined) return new Problem('forbidden', 'Log out where the token comes from.');
      if (by.kind !== 'user') return new Problem('forbidden', 'An API key has no session; delete the key.');
      return sessions.end(by, refreshToken, trace);
    },

    async issueTokenFor(tenant, id) {
      const audit = entryOf(null, noTrace, { tenant, action: 'session.issued', subject: id });
      return welcome(await activePerson(tenant, id), { passwordHash: null, audit });
    },
  };
}

type Proof = Parameters<Sessions['open']>[1];

function wrongCredentials(): Problem {
  return new Problem('unauthenticated', 'E-mail address or password is wrong.', {
    reason: 'invalid_credentials',
  });
}

type Entered = { readonly principal: PrincipalRecord; readonly tenant: TenantRecord };

async function createPerson(
  deps: IdentityDeps,
  passwords: PasswordCheck,
  signup: Signup,
  trace: RequestTrace,
): Promise<Entered | Problem> {
  const email = canonicalEmail(signup.email);
  const invite = await inviteOf(deps, signup.inviteToken, email);
  if (invite instanceof Problem) return invite;
  // Asked before the costly hash; the unique index decides.
  const taken = await deps.store.principals.credential(email);
  if (taken instanceof Problem) return taken;
  if (taken !== null) return emailTaken();
  const passwordHash = await passwords.hash(signup.password);
  if (passwordHash instanceof Problem) return passwordHash;
  return invite === null
    ? createOwner(deps, signup, email, passwordHash, trace)
    : acceptInvite(deps, signup, invite, email, passwordHash, trace);
}

async function inviteOf(
  deps: IdentityDeps,
  token: string | null,
  email: string,
): Promise<InviteRecord | null | Problem> {
  if (token === null) return null;
  const invite = await deps.store.invites.find(deps.secrets.digest(token), deps.clock.nowMicros());
  if (invite instanceof Problem) return invite;
  if (invite === null) return refusedInvite();
  return invite.email === null || invite.email === email ? invite : refusedInvite();
}

async function createOwner(
  { store, ids, clock }: IdentityDeps,
  signup: Signup,
  email: string,
  passwordHash: string,
  trace: RequestTrace,
): Promise<Entered | Problem> {
  const now = clock.nowMicros();
  const person = personOf(signup, ids.next(), ids.next(), email, now);
  const name = signup.tenantName ?? `${person.displayName}'s workspace`;
  const tenant = newTenant(person.tenant, name, now);
  const owner: PrincipalRecord = { ...person, role: 'owner', v2Roles: [ownerV2Role] };
  const credential = { email, passwordHash, tenant: tenant.id, principal: owner.id };
  const agent = newFirstAgent(tenant.id, ids.next(), now);
  const detail = { role: owner.role, tenant_name: tenant.name };
  const what = { tenant: tenant.id, action: 'user.signed_up', subject: owner.id, detail };
  const audit = entryOf(owner, trace, what);
  const refused = await store.principals.createTenant(tenant, owner, credential, agent, audit);
  return refused ?? { principal: owner, tenant };
}

async function acceptInvite(
  { store, secrets, ids, clock }: IdentityDeps,
  signup: Signup,
  invite: InviteRecord,
  email: string,
  passwordHash: string,
  trace: RequestTrace,
): Promise<Entered | Problem> {
  const now = clock.nowMicros();
  const principal: PrincipalRecord = {
    ...personOf(signup, invite.tenant, ids.next(), email, now),
    role: invite.role,
    v2Roles: [invite.v2Role ?? invitedV2Role],
  };
  const credential = { email, passwordHash, tenant: invite.tenant, principal: principal.id };
  const detail = { role: principal.role, invited_by: invite.createdBy };
  const what = { tenant: invite.tenant, action: 'invite.used', subject: principal.id, detail };
  const refused = await store.invites.accept(
    secrets.digest(signup.inviteToken ?? ''),
    principal,
    credential,
    now,
    entryOf(principal, trace, what),
  );
  if (refused?.reason === 'invite') return refusedInvite();
  if (refused !== null) return refused;
  const tenant = await store.principals.tenant(invite.tenant);
  if (tenant instanceof Problem) return tenant;
  return tenant === null ? new Problem('not_found') : { principal, tenant };
}

function personOf(signup: Signup, tenant: string, id: string, email: string, now: number): PrincipalRecord {
  return {
    ...newPrincipal(tenant, id, 'user', signup.displayName ?? localPartOf(email), now),
    email,
    phone: signup.phone,
    timezone: signup.timezone ?? 'UTC',
  };
}

/** A name for who gave none: what stands before the @, as far as names go. */
function localPartOf(email: string): string {
  return [...email.slice(0, email.lastIndexOf('@'))].slice(0, limits.displayNamePointsMax).join('');
}

/** One answer for used, expired, unknown and somebody else's: it tells nothing about invites. */
function refusedInvite(): Problem {
  const fields = [{ path: 'invite_token', reason: 'not_usable' }];
  return new Problem('invalid_request', 'The invite cannot be used.', { fields });
}

function emailTaken(): Problem {
  return new Problem('conflict', 'This e-mail address is already in use.', { reason: 'email_taken' });
}
