/** Who administers the endpoints of a tenant: its owners and admins, and super admins those of any. */
import { isAdministrator, type Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { AuditDetail, AuditEntry } from '../../ports/audit.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { StoredWebhook, WebhookStore } from '../../ports/webhooks/webhook-store.ts';
import type { AskedWebhook } from '../../ports/webhooks/webhooks.ts';
import { entryOf } from '../audit/audit-trail.ts';

export interface WebhookAccess {
  /** `forbidden`; `not_found` for a tenant that is not there, or not the caller's. Null: allowed. */
  refuse(by: Principal, tenant: string): Promise<Problem | null>;
  /** The endpoint, for whoever may administer it. */
  found(asked: AskedWebhook): Promise<StoredWebhook | Problem>;
}

interface Deps {
  readonly store: Pick<WebhookStore, 'find'>;
  readonly directory: Pick<Directory, 'hasTenant'>;
}

export function webhookAccess({ store, directory }: Deps): WebhookAccess {
  async function refuse(by: Principal, tenant: string): Promise<Problem | null> {
    if (!isAdministrator(by))
      return new Problem('forbidden', 'Only owners and admins of the tenant do this.');
    if (by.tenant === tenant) return null;
    const isThere = by.superAdmin ? await directory.hasTenant(tenant) : false;
    if (isThere instanceof Problem) return isThere;
    return isThere ? null : new Problem('not_found');
  }

  return {
    refuse,
    async found(asked) {
      const refused = await refuse(asked.by, asked.tenant);
      if (refused !== null) return refused;
      return (await store.find(asked)) ?? new Problem('not_found');
    },
  };
}

/** What the audit says of it; `done`: `created`, `changed`… */
export function audited(
  { by, tenant, id, trace }: AskedWebhook,
  done: string,
  detail: AuditDetail = {},
): AuditEntry {
  return entryOf(by, trace, { tenant, action: `webhook.${done}`, subject: id, detail });
}
