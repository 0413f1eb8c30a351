/** Rotating and erasing a tenant's data keys: who may, and who is told. */
import type { TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Audit, AuditDetail, RequestTrace } from '../../ports/audit.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { Logger } from '../../ports/logger.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { DataKeyAdministration } from '../../ports/sealing/data-key-administration.ts';
import { identityAnnouncement } from '../identity/credentials/change-follower.ts';
import type { Sealing } from './sealing.ts';

interface Deps {
  readonly sealing: Pick<Sealing, 'keys' | 'changed'>;
  readonly directory: Pick<Directory, 'hasTenant'>;
  readonly link: Pick<NodeLink, 'tell'>;
  readonly audit: Audit;
  readonly logger: Logger;
}

export function dataKeyAdministrationOver({
  sealing,
  directory,
  link,
  audit,
  logger,
}: Deps): DataKeyAdministration {
  /** A record that cannot be written does not undo what was done: it is logged instead. */
  async function record(
    by: Principal,
    tenant: TenantId,
    action: string,
    detail: AuditDetail,
    trace: RequestTrace,
  ): Promise<void> {
    const actor = { id: by.id, kind: by.kind, ...(by.tenant === tenant ? {} : { tenant: by.tenant }) };
    const refused = await audit.record({ tenant, actor, action, subject: tenant, detail, ...trace });
    if (refused !== null)
      logger.error(
        { tenant, action, subject: tenant, actor: by.id, detail },
        'An audit entry was not stored',
      );
  }

  return {
    async rotate(by, tenant, trace) {
      const refused = await refusal(by, tenant, directory);
      if (refused !== null) return refused;
      const version = await sealing.keys.rotate(tenant);
      if (version instanceof Problem) return version;
      link.tell(identityAnnouncement, {});
      await record(by, tenant, 'data_key.rotated', { version }, trace);
      return { version };
    },

    async erase(by, tenant, trace) {
      const refused = await refusal(by, tenant, directory);
      if (refused !== null) return refused;
      const erased = await sealing.keys.erase(tenant);
      if (erased instanceof Problem) return erased;
      sealing.changed(tenant, true);
      // The others forget what they hold when they have read what Postgres recorded.
      link.tell(identityAnnouncement, {});
      await record(by, tenant, 'data_key.erased', { versions: erased }, trace);
      return { erased };
    },
  };
}

/** A foreign tenant is answered like one that does not exist, and nobody makes a key for one of those. */
async function refusal(
  by: Principal,
  tenant: TenantId,
  directory: Deps['directory'],
): Promise<Problem | null> {
  if (by.superAdmin) {
    const isThere = by.tenant === tenant || (await directory.hasTenant(tenant));
    if (isThere instanceof Problem) return isThere;
    return isThere ? null : noSuchTenant();
  }
  if (by.tenant !== tenant) return noSuchTenant();
  return by.role === 'owner' ? null : new Problem('forbidden', "Only the tenant's owner may do this.");
}

const noSuchTenant = (): Problem => new Problem('not_found', 'There is no such tenant.');
