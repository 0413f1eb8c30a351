/** What a handshake says in the headers of common.md, for all frames that follow it. */
import type { HttpRequest } from 'uWebSockets.js';
import type { SocketContext } from '../../../contract/sockets/socket.ts';
import { isSpellingOf } from '../../../domain/ids.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { type HeaderContext, readContext } from '../http/http-context.ts';
import { readHeaders } from '../http/http-headers.ts';

export interface SaidInHandshake {
  /** X-Org-Id; null when absent. */
  readonly orgId: string | null;
  readonly context: SocketContext;
}

/** Most sockets say nothing: they share one. */
const nothing: SaidInHandshake = { orgId: null, context: { env: null, dataClass: 'none', policyRef: null } };

/** The headers of a handshake, or `invalid_request` for the first that is wrong. */
export function readHandshakeContext(request: HttpRequest): SaidInHandshake | Problem {
  const said: HeaderContext = {
    orgId: null,
    serviceId: null,
    env: null,
    dataClass: 'none',
    policyRef: null,
    idempotencyKey: null,
    asUserId: null,
  };
  const refused = readContext(said, readHeaders(request));
  if (refused !== null) return refused;
  const { orgId, env, dataClass, policyRef } = said;
  if (orgId === null && env === null && dataClass === 'none' && policyRef === null) return nothing;
  return { orgId, context: { env, dataClass, policyRef } };
}

/**
 * A socket works in its principal's tenant, a super admin's too: naming another one is refused rather than
 * overlooked.
 */
export function refuseForeignTenant(orgId: string | null, principal: Principal | null): Problem | null {
  if (orgId === null || principal === null) return null;
  if (isSpellingOf(orgId, principal.tenant)) return null;
  return new Problem('forbidden', 'X-Org-Id names another organization.', { reason: 'other_tenant' });
}
