/** From what is stored to who asks; a Problem when it must not pass. */
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { scopesOf } from '../../../domain/scopes-of.ts';
import type { Micros } from '../../../domain/time.ts';
import { invitedV2Role } from '../../../domain/v2-roles.ts';
import type {
  ApiKeyRecord,
  PrincipalRecord,
  SessionRecord,
} from '../../../ports/identity/identity-records.ts';

export type UnauthenticatedReason = 'missing' | 'invalid' | 'token_expired' | 'token_revoked';

const sentences: Readonly<Record<UnauthenticatedReason, string | undefined>> = {
  missing: undefined,
  invalid: 'The token or key is not valid.',
  token_expired: 'The token has expired.',
  token_revoked: 'The token was revoked.',
};

export function unauthenticated(reason: UnauthenticatedReason): Problem {
  return new Problem('unauthenticated', sentences[reason], { reason });
}

/** A person, by its session. `expiresAt` is the end of the token that was shown. */
export function principalOfSession(
  { session, principal }: { readonly session: SessionRecord; readonly principal: PrincipalRecord },
  now: Micros,
  expiresAt: Micros | null,
): Principal | Problem {
  if (session.revokedAt !== null || session.expiresAt <= now) return unauthenticated('token_revoked');
  if (principal.status === 'suspended') return new Problem('suspended');
  return {
    tenant: principal.tenant,
    id: principal.id,
    kind: principal.kind,
    scopes: scopesOf(principal.role, principal.grantedScopes),
    role: principal.role,
    superAdmin: principal.superAdmin,
    v2Roles: principal.v2Roles,
    displayName: principal.displayName,
    sid: session.id,
    service: null,
    expiresAt,
    sessionEndsAt: session.expiresAt,
  };
}

/** An agent or service, by its API key: what the key holds is all it holds. */
export function principalOfKey(
  { key, principal }: { readonly key: ApiKeyRecord; readonly principal: PrincipalRecord },
  now: Micros,
): Principal | Problem {
  if (key.revokedAt !== null) return unauthenticated('token_revoked');
  if (key.expiresAt !== null && key.expiresAt <= now) return unauthenticated('token_expired');
  if (principal.status === 'suspended') return new Problem('suspended');
  return {
    tenant: principal.tenant,
    id: principal.id,
    kind: principal.kind,
    scopes: key.scopes,
    role: 'member',
    superAdmin: false,
    v2Roles: principal.v2Roles.length > 0 ? principal.v2Roles : [invitedV2Role],
    displayName: principal.displayName,
    sid: key.id,
    service: key.service,
    expiresAt: key.expiresAt,
  };
}
