import { Problem } from '../../../../domain/problem.ts';
import type { ExternalPrincipalStore } from '../../../../ports/identity/external-identity.ts';
import type {
  PrincipalRecord,
  PrincipalStatus,
  TenantRecord,
} from '../../../../ports/identity/identity-records.ts';
import type { Transaction } from '../../pool.ts';
import type { IdentityPools } from '../identity-store.ts';
import { insertPrincipal } from './insert-principal.ts';

/** Tenants and principals that an external provider told about. */
export function openExternalPrincipalStore({ requests, identity }: IdentityPools): ExternalPrincipalStore {
  return {
    async provision(tenant, firstAgent, principal, isUpdate) {
      const present = await requests.transacting(tenant.id, (tx) => inTenant(tx, principal, isUpdate));
      if (present !== null) return present;
      const made = await identity.transacting((tx) => makeTenant(tx, tenant, firstAgent));
      if (made instanceof Problem) return made;
      const status = await requests.transacting(tenant.id, (tx) => inTenant(tx, principal, isUpdate));
      return status ?? new Problem('unavailable');
    },
  };
}

/** Null when there is no such tenant. */
async function inTenant(
  tx: Transaction,
  principal: PrincipalRecord,
  isUpdate: boolean,
): Promise<PrincipalStatus | Problem | null> {
  const [tenant] = await tx<{ origin: string }[]>`
    select origin from tenants where id = ${principal.tenant}`;
  if (tenant === undefined) return null;
  if (tenant.origin !== 'external') return tenantTaken();
  await makePrincipal(tx, principal);
  if (isUpdate) await updatePrincipal(tx, principal);
  const [row] = await tx<{ status: PrincipalStatus }[]>`
    select status from principals where tenant_id = ${principal.tenant} and id = ${principal.id}`;
  return row?.status ?? new Problem('unavailable');
}

/** Of nodes that make it at once, one does: they conflict in the id or in the slug, whichever is looked at first. */
async function makeTenant(
  tx: Transaction,
  { id, name, slug, createdAt }: TenantRecord,
  firstAgent: PrincipalRecord,
): Promise<void> {
  const { count } = await tx`
    insert into tenants (id, name, slug, created_us, origin)
    values (${id}, ${name}, ${slug}, ${createdAt}, 'external')
    on conflict do nothing`;
  if (count === 1) await insertPrincipal(tx, firstAgent);
}

async function makePrincipal(tx: Transaction, record: PrincipalRecord): Promise<void> {
  await tx`
    insert into principals (tenant_id, id, kind, display_name, role, scopes, created_us)
    values (${record.tenant}, ${record.id}, ${record.kind}, ${record.displayName}, ${record.role},
            ${[...record.grantedScopes]}, ${record.createdAt})
    on conflict (tenant_id, id) do nothing`;
}

/** Status, avatar and the rest are kept here. What is as it was is not written: each write is a change to tell. */
async function updatePrincipal(tx: Transaction, record: PrincipalRecord): Promise<void> {
  const { tenant, id, kind, displayName, role, grantedScopes } = record;
  await tx`
    update principals set kind = ${kind}, display_name = ${displayName}, role = ${role},
      scopes = ${[...grantedScopes]}, super_admin = false,
      is_default_agent = is_default_agent and ${kind === 'agent'}
    where tenant_id = ${tenant} and id = ${id}
      and (kind, display_name, role, scopes) is distinct from
          (${kind}, ${displayName}, ${role}, ${[...grantedScopes]}::text[])`;
}

function tenantTaken(): Problem {
  return new Problem('forbidden', 'This organization is not known here.', { reason: 'tenant_taken' });
}
