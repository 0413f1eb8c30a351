/** Who has the database administers every tenant: the use cases of owners, done by nobody in particular. */
import { tokenSecrets } from '../../adapters/jose/token-secrets.ts';
import { openIdSource } from '../../adapters/system/id-source.ts';
import { tenantAdministrationWith } from '../../core/identity/tenant-administration.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { AuditEntry } from '../../ports/audit.ts';
import type { Page, PageQuery, PageStart } from '../../ports/identity/identity-records.ts';
import type { TenantAdministration } from '../../ports/identity/identity-service.ts';
import type { IdentityStore } from '../../ports/identity/identity-store.ts';
import { type Database, done, onDatabase } from './database.ts';

/** May everything, and is in no tenant. What it makes is `created_by` this id. */
export const operator: Principal = {
  ...{ tenant: '', id: 'parley-admin', kind: 'service', role: 'owner', scopes: [], superAdmin: true },
  ...{ displayName: 'parley admin', sid: '', service: null, expiresAt: null },
};

/** Runs `work` with what owners may do, in any tenant. `command`: what the audit says who it was. */
export function asOperator<T>(
  command: string,
  work: (administration: TenantAdministration, database: Database) => Promise<T>,
): Promise<T> {
  return onDatabase((database) => {
    const { store, clock } = database;
    const administration = tenantAdministrationWith(
      { store: tellingCommand(store, command), secrets: tokenSecrets, clock, ids: openIdSource() },
      {
        async hasTenant(id) {
          const found = await store.principals.tenant(id);
          return found instanceof Problem ? found : found !== null;
        },
      },
      // Nodes follow the store's feed of changes, within a second.
      async () => undefined,
      () => undefined,
    );
    return work(administration, database);
  });
}

/** The same store, whose entries name the command and no principal. */
function tellingCommand(store: IdentityStore, command: string): IdentityStore {
  const told = (entry: AuditEntry): AuditEntry => ({
    ...entry,
    actor: null,
    detail: { ...entry.detail, by: `parley admin ${command}` },
  });
  const { principals, agents, apiKeys, invites } = store;
  return {
    ...store,
    principals: {
      ...principals,
      change: (tenant, id, kind, decide, audit) =>
        principals.change(tenant, id, kind, decide, (former, present) => {
          const entry = audit(former, present);
          return entry === null ? null : told(entry);
        }),
    },
    agents: {
      ...agents,
      add: (record, audit, character) => agents.add(record, told(audit), character),
      removeAgent: (tenant, id, audit) => agents.removeAgent(tenant, id, told(audit)),
    },
    apiKeys: {
      ...apiKeys,
      add: (key, digest, audit) => apiKeys.add(key, digest, told(audit)),
      revoke: (tenant, id, now, audit) => apiKeys.revoke(tenant, id, now, told(audit)),
    },
    invites: {
      ...invites,
      add: (invite, digest, audit) => invites.add(invite, digest, told(audit)),
      revoke: (tenant, id, now, audit) => invites.revoke(tenant, id, now, told(audit)),
    },
  };
}

/** Every row of a list that comes in pages. */
export async function allRows<Row>(
  page: (query: PageQuery) => Promise<Page<Row> | Problem>,
): Promise<readonly Row[]> {
  const all: Row[] = [];
  let after: PageStart | null = null;
  do {
    const { rows, next }: Page<Row> = done(await page({ limit: limits.listPageMax, after }));
    all.push(...rows);
    after = next;
  } while (after !== null);
  return all;
}
