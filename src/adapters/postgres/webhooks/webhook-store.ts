/** The WebhookStore port on PostgreSQL: endpoints. dead-letters.ts has the rest. */
import type { EventType } from '../../../domain/event.ts';
import { Problem } from '../../../domain/problem.ts';
import type { DeliveryFailure, DisabledReason, WebhookRef, WebhookStatus } from '../../../domain/webhook.ts';
import type { StoredWebhook, WebhookFields, WebhookStore } from '../../../ports/webhooks/webhook-store.ts';
import { insertAudit } from '../audit/insert-audit.ts';
import type { IdentityPools } from '../identity/identity-store.ts';
import type { Sql, Transaction } from '../pool.ts';
import { texts } from '../projection/array-literal.ts';
import { openDeadLetters } from './dead-letters.ts';

interface Row {
  readonly tenant_id: string;
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly event_types: EventType[];
  readonly conversation_id: string | null;
  readonly service_id: string | null;
  readonly status: WebhookStatus;
  readonly disabled_reason: DisabledReason | null;
  readonly secret: string;
  readonly previous_secret: string | null;
  readonly previous_until_us: number | null;
  readonly created_us: number;
  readonly created_by: string;
  readonly changed_us: number;
  readonly failing_since_us: number | null;
  readonly last_success_us: number | null;
  readonly last_failure_us: number | null;
  readonly last_failure_status: number | null;
  readonly last_failure_reason: DeliveryFailure | null;
}

export function openWebhookStore(pools: IdentityPools): WebhookStore {
  const { requests, identity } = pools;
  return {
    ...openDeadLetters(pools),

    add: (webhook, max, audit) =>
      requests.transacting(webhook.tenant, async (tx) => {
        // Two creations at once would both find room. Freed with the transaction.
        await tx`select pg_advisory_xact_lock(hashtextextended(${`webhooks ${webhook.tenant}`}, 0))`;
        const [row] = await tx<{ present: number }[]>`
          select count(*) as present from webhooks where tenant_id = ${webhook.tenant}`;
        if ((row?.present ?? 0) >= max)
          return new Problem('conflict', `A tenant may have ${max} webhooks.`, { reason: 'tenant_limit' });
        await insert(tx, webhook);
        await insertAudit(tx, audit);
        return null;
      }),

    list: (tenant) =>
      requests.answering(tenant, async (sql) => {
        const rows = await sql<Row[]>`
          select * from webhooks where tenant_id = ${tenant} order by created_us, id`;
        return rows.map(toWebhook);
      }),

    find: ({ tenant, id }) => requests.answering(tenant, (sql) => find(sql, { tenant, id })),

    change: (webhook, fields, audit) =>
      requests.transacting(webhook.tenant, async (tx) => {
        const former = await find(tx, webhook, true);
        if (former === null) return null;
        const present = { ...former, ...(typeof fields === 'function' ? fields(former) : fields) };
        await update(tx, present);
        if (audit !== null) await insertAudit(tx, audit);
        return await find(tx, webhook);
      }),

    remove: ({ tenant, id }, audit) =>
      requests.transacting(tenant, async (tx) => {
        const { count } = await tx`delete from webhooks where tenant_id = ${tenant} and id = ${id}`;
        if (count > 0) await insertAudit(tx, audit);
        return count > 0;
      }),

    noteSuccess: ({ tenant, id }, at) =>
      requests.answering(tenant, async (sql) => {
        await sql`
          update webhooks set last_success_us = ${at} where tenant_id = ${tenant} and id = ${id}`;
        return null;
      }),

    noteFailure: ({ tenant, id }, { at, status, reason }) =>
      requests.answering(tenant, async (sql) => {
        await sql`
          update webhooks
          set last_failure_us = ${at}, last_failure_status = ${status}, last_failure_reason = ${reason}
          where tenant_id = ${tenant} and id = ${id}`;
        return null;
      }),

    present: (limit) =>
      identity.answering(async (sql) => {
        const rows = await sql<Pick<Row, 'tenant_id' | 'id' | 'status' | 'changed_us'>[]>`
          select tenant_id, id, status, changed_us from webhooks order by tenant_id, id limit ${limit}`;
        return rows.map((row) => ({
          ...{ tenant: row.tenant_id, id: row.id, status: row.status, changedAt: row.changed_us },
        }));
      }),
  };
}

async function find(
  sql: Sql | Transaction,
  { tenant, id }: WebhookRef,
  isLocked = false,
): Promise<StoredWebhook | null> {
  const lock = isLocked ? sql`for update` : sql``;
  const [row] = await sql<Row[]>`
    select * from webhooks where tenant_id = ${tenant} and id = ${id} ${lock}`;
  return row === undefined ? null : toWebhook(row);
}

async function insert(tx: Transaction, webhook: StoredWebhook): Promise<void> {
  const { types, conversation, service } = webhook.filter;
  await tx`
    insert into webhooks (
      tenant_id, id, url, description, event_types, conversation_id, service_id, status, disabled_reason, secret,
      created_us, created_by, changed_us
    ) values (
      ${webhook.tenant}, ${webhook.id}, ${webhook.url}, ${webhook.description}, ${texts(types)}::text[],
      ${conversation}, ${service}, ${webhook.status}, ${webhook.disabledReason}, ${webhook.secret},
      ${webhook.createdAt}, ${webhook.createdBy}, ${webhook.changedAt}
    )`;
}

async function update(tx: Transaction, webhook: StoredWebhook & WebhookFields): Promise<void> {
  const { tenant, id, url, description, filter, status, disabledReason, secret } = webhook;
  const { types, conversation, service } = filter;
  await tx`
    update webhooks set
      url = ${url}, description = ${description}, event_types = ${texts(types)}::text[],
      conversation_id = ${conversation}, service_id = ${service}, status = ${status},
      disabled_reason = ${disabledReason}, secret = ${secret}, previous_secret = ${webhook.previousSecret},
      previous_until_us = ${webhook.previousSecretUntil}, failing_since_us = ${webhook.failingSince},
      changed_us = greatest(changed_us + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint)
    where tenant_id = ${tenant} and id = ${id}`;
}

function toWebhook(row: Row): StoredWebhook {
  const { last_failure_us: failedAt, last_failure_reason: reason } = row;
  return {
    ...{ tenant: row.tenant_id, id: row.id, url: row.url, description: row.description },
    filter: { types: row.event_types, conversation: row.conversation_id, service: row.service_id },
    ...{ status: row.status, disabledReason: row.disabled_reason },
    ...{
      secret: row.secret,
      previousSecret: row.previous_secret,
      previousSecretUntil: row.previous_until_us,
    },
    ...{ createdAt: row.created_us, createdBy: row.created_by, changedAt: row.changed_us },
    ...{ failingSince: row.failing_since_us, lastSuccessAt: row.last_success_us },
    lastFailure:
      failedAt === null || reason === null ? null : { at: failedAt, status: row.last_failure_status, reason },
  };
}
