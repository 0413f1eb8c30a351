/** Who sees and sets the limits of a tenant. */

import type { TenantId } from '../../domain/ids.ts';
import type { TenantOverrides } from '../../domain/limiting/tenant-limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { TenantLimitsAdministration, TenantLimitsStore } from '../../ports/limits/tenant-limits.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import { entryOf } from '../audit/audit-trail.ts';
import { type FollowedTenantCaps, tenantLimitsChanged } from './tenant-caps.ts';

interface Deps {
  readonly store: TenantLimitsStore;
  readonly caps: Pick<FollowedTenantCaps, 'refresh'>;
  readonly link: Pick<NodeLink, 'tell'>;
}

export function limitsAdministrationOver({ store, caps, link }: Deps): TenantLimitsAdministration {
  return {
    async read(by, tenant) {
      return refuseReader(by, tenant) ?? (await store.read(tenant));
    },

    async change(by, tenant, changes, trace) {
      const refused = refuseReader(by, tenant);
      if (refused?.code === 'not_found') return refused;
      if (!by.superAdmin)
        return new Problem('forbidden', 'Only administrators of the platform change limits.');
      const changed = await store.change(tenant, changes, (former, present) =>
        entryOf(by, trace, {
          tenant,
          action: 'limits.changed',
          subject: tenant,
          detail: limitsDetail(former, present),
        }),
      );
      if (changed instanceof Problem) return changed;
      // This node before the answer, the others within moments; the poll is for those that do not hear it.
      link.tell(tenantLimitsChanged, {});
      await caps.refresh();
      return changed;
    },
  };
}

function refuseReader(by: Principal, tenant: TenantId): Problem | null {
  if (by.superAdmin) return null;
  if (by.tenant !== tenant) return new Problem('not_found');
  return by.role === 'owner' ? null : new Problem('forbidden', 'Only owners see the limits of their tenant.');
}

/** What changed, with the former value beside it; null: the default. */
export function limitsDetail(
  former: TenantOverrides,
  present: TenantOverrides,
): Readonly<Record<string, number | null>> {
  const names = {
    conversations: 'conversations',
    participants: 'participants',
    messagesPerSecond: 'messages_per_second',
  };
  return Object.fromEntries(
    Object.entries(names).flatMap(([field, name]) => {
      const [was, is] = [former, present].map((one) => one[field as keyof TenantOverrides]);
      return was === is
        ? []
        : [
            [name, is ?? null],
            [`${name}_before`, was ?? null],
          ];
    }),
  );
}
