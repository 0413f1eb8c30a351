/** The UnreadCounts port on PostgreSQL. */
import { Problem } from '../../../domain/problem.ts';
import type { UnreadCounts } from '../../../ports/projection/unread-counts.ts';
import type { TenantPool } from '../pool.ts';
import { countUnread } from './count-unread.ts';

const anywhere = { env: null, service: null };

export function openUnreadCounts(pool: TenantPool): UnreadCounts {
  return {
    all: (tenant, principal, query) =>
      pool.answering(tenant, (sql) => countUnread(sql, tenant, principal, query, null)),
    async of(ref, principal) {
      const { tenant } = ref;
      const counted = await pool.answering(tenant, (sql) =>
        countUnread(sql, tenant, principal, anywhere, ref),
      );
      return counted instanceof Problem ? counted : (counted[0] ?? null);
    },
  };
}
