import { canonicalUuid, type TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import { scopesOfNewKey } from '../../domain/scopes-of.ts';
import type { RequestTrace } from '../../ports/audit.ts';
import type { ApiKeyRecord, PrincipalRecord } from '../../ports/identity/identity-records.ts';
import type { NewApiKey } from '../../ports/identity/identity-service.ts';
import { entryOf } from '../audit/audit-trail.ts';
import { apiKeyStart } from './credentials/token-purposes.ts';
import type { IdentityDeps } from './identity-deps.ts';
import { newPrincipal } from './new-records.ts';

/** Of the secret this much is stored and shown, to tell keys apart: 48 of its 256 bits. */
const prefixChars = apiKeyStart.length + 8;

/** A key for an agent or service of the tenant, which is made when none is named. */
export async function createApiKey(
  deps: Pick<IdentityDeps, 'store' | 'secrets' | 'clock' | 'ids'>,
  by: Principal,
  tenant: TenantId,
  wanted: NewApiKey,
  trace: RequestTrace,
): Promise<{ readonly key: ApiKeyRecord; readonly secret: string } | Problem> {
  const { store, secrets, clock, ids } = deps;
  const owner = await ownerOf(deps, by, tenant, wanted, trace);
  if (owner instanceof Problem) return owner;
  const kind = owner.kind === 'agent' ? 'agent' : 'service';
  const secret = `${apiKeyStart}${secrets.random()}`;
  const now = clock.nowMicros();
  const key: ApiKeyRecord = {
    id: ids.next(),
    tenant,
    principal: owner.id,
    name: wanted.name,
    prefix: secret.slice(0, prefixChars),
    kind,
    scopes: wanted.scopes === null ? scopesOfNewKey(kind) : [...new Set(wanted.scopes)],
    service: wanted.service,
    createdBy: by.id,
    createdAt: now,
    expiresAt: wanted.expiresInSec === null ? null : now + wanted.expiresInSec * 1_000_000,
    revokedAt: null,
  };
  const { id: subject, name, prefix, principal, scopes, service } = key;
  const detail = { name, prefix, principal, kind, scopes: scopes.join(','), service };
  const audit = entryOf(by, trace, { tenant, action: 'key.created', subject, detail });
  return (await store.apiKeys.add(key, secrets.digest(secret), audit)) ?? { key, secret };
}

async function ownerOf(
  deps: Pick<IdentityDeps, 'store' | 'clock' | 'ids'>,
  by: Principal,
  tenant: TenantId,
  wanted: NewApiKey,
  trace: RequestTrace,
): Promise<PrincipalRecord | Problem> {
  const { store, clock, ids } = deps;
  if (wanted.principal === null) {
    const kind = wanted.kind ?? 'service';
    const made = newPrincipal(tenant, ids.next(), kind, wanted.name, clock.nowMicros());
    const detail = { display_name: made.displayName };
    const audit = entryOf(by, trace, { tenant, action: `${kind}.created`, subject: made.id, detail });
    return (await store.agents.add(made, audit)) ?? made;
  }
  const id = canonicalUuid(wanted.principal) ?? wanted.principal;
  const found = await store.principals.principal(tenant, id);
  if (found instanceof Problem) return found;
  // People have sessions; a key for one would outlive its suspension and password.
  if (found === null || found.kind === 'user') return refused('principal_id', 'unknown');
  return wanted.kind === null || wanted.kind === found.kind ? found : refused('kind', 'not_of_principal');
}

function refused(path: string, reason: string): Problem {
  const sentence = 'A key is for an agent or a service of the tenant.';
  return new Problem('invalid_request', sentence, { fields: [{ path, reason }] });
}
