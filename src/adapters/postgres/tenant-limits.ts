/** The TenantLimitsStore port: the table tenant_limits. */
import type { TenantId } from '../../domain/ids.ts';
import type { TenantOverrides } from '../../domain/limiting/tenant-limits.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { StoredOverrides, TenantLimitsStore } from '../../ports/limits/tenant-limits.ts';
import { insertAudit } from './audit/insert-audit.ts';
import type { IdentityPools } from './identity/identity-store.ts';
import type { Sql, Transaction } from './pool.ts';

interface LimitsRow {
  readonly tenant_id: string;
  readonly conversations: number | null;
  readonly participants: number | null;
  readonly messages_per_second: number | null;
  readonly changed_us: number;
}

export function openTenantLimits({ requests, identity }: IdentityPools): TenantLimitsStore {
  return {
    changedSince: (changedAt) => identity.answering((sql) => changedSince(sql, changedAt)),
    read: (tenant) => requests.answering(tenant, (sql) => read(sql, tenant)),
    conversations: (tenant, max) => requests.answering(tenant, (sql) => countConversations(sql, tenant, max)),
    change: (tenant, changes, audit) =>
      requests.transacting(tenant, async (tx) => {
        // Two changes at once would not see each other's fields. Freed with the transaction.
        await tx`select pg_advisory_xact_lock(hashtextextended(${`tenant_limits ${tenant}`}, 0))`;
        const former = await read(tx, tenant);
        if (former instanceof Problem) return former;
        const present = { ...former, ...changes };
        await write(tx, tenant, present);
        await insertAudit(tx, audit(former, present));
        return present;
      }),
  };
}

async function changedSince(sql: Sql, changedAt: number): Promise<readonly StoredOverrides[]> {
  const rows = await sql<LimitsRow[]>`
    select tenant_id, conversations, participants, messages_per_second, changed_us from tenant_limits
    where changed_us >= ${changedAt} order by changed_us, tenant_id limit ${limits.tenantLimitsPageMax}`;
  return rows.map((row) => ({
    tenant: row.tenant_id,
    overrides: toOverrides(row),
    changedAt: row.changed_us,
  }));
}

/** A tenant of an external identity provider is known by its conversations. */
async function read(sql: Sql | Transaction, tenant: TenantId): Promise<TenantOverrides | Problem> {
  const rows = await sql<(Partial<LimitsRow> & { is_known: boolean })[]>`
    select l.*, exists (select from tenants t where t.id = ${tenant}) or l.tenant_id is not null
             or exists (select from conversations c where c.tenant_id = ${tenant}) as is_known
    from (select 1) as one left join tenant_limits l on l.tenant_id = ${tenant}`;
  const [row] = rows;
  if (row?.is_known !== true) return new Problem('not_found', 'There is no such tenant.');
  return toOverrides(row);
}

async function write(tx: Transaction, tenant: TenantId, overrides: TenantOverrides): Promise<void> {
  const { conversations, participants, messagesPerSecond } = overrides;
  await tx`
    insert into tenant_limits (tenant_id, conversations, participants, messages_per_second, changed_us)
    values (
      ${tenant}, ${conversations}, ${participants}, ${messagesPerSecond},
      (extract(epoch from clock_timestamp()) * 1000000)::bigint
    )
    on conflict (tenant_id) do update
      set conversations = excluded.conversations, participants = excluded.participants,
          messages_per_second = excluded.messages_per_second, changed_us = excluded.changed_us`;
}

async function countConversations(sql: Sql, tenant: TenantId, max: number): Promise<number> {
  const rows = await sql<{ count: number }[]>`
    select count(*) as count from (
      select from conversations where tenant_id = ${tenant} and status = 'open' limit ${max}
    ) as counted`;
  return rows[0]?.count ?? 0;
}

function toOverrides(row: Partial<LimitsRow>): TenantOverrides {
  return {
    conversations: row.conversations ?? null,
    participants: row.participants ?? null,
    messagesPerSecond: row.messages_per_second ?? null,
  };
}
