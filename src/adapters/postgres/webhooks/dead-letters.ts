/** Deliveries that were given up, as part of the WebhookStore port. */
import type { EventType } from '../../../domain/event.ts';
import type { DeliveryFailure } from '../../../domain/webhook.ts';
import type { DeadLetter, WebhookStore } from '../../../ports/webhooks/webhook-store.ts';
import type { IdentityPools } from '../identity/identity-store.ts';
import type { Transaction } from '../pool.ts';
import { texts } from '../projection/array-literal.ts';

interface Row {
  readonly tenant_id: string;
  readonly webhook_id: string;
  readonly id: string;
  readonly conversation_id: string;
  readonly service_id: string | null;
  readonly log_seq: number;
  readonly position: number;
  readonly type: EventType;
  readonly attempts: number;
  readonly last_status: number | null;
  readonly reason: DeliveryFailure;
  readonly died_us: number;
}

type DeadLetters = Pick<
  WebhookStore,
  | 'bury'
  | 'deadLetters'
  | 'deadLetter'
  | 'oldestDeadLetters'
  | 'unbury'
  | 'countDeadLetters'
  | 'sweepDeadLetters'
>;

export function openDeadLetters({ requests, identity }: IdentityPools): DeadLetters {
  return {
    bury: (letter, max) => requests.transacting(letter.webhook.tenant, (tx) => bury(tx, letter, max)),

    deadLetters: ({ tenant, id }, { limit, after }) =>
      requests.answering(tenant, async (sql) => {
        const further = after === null ? sql`true` : sql`(died_us, id) < (${after.diedAt}, ${after.id})`;
        const rows = await sql<Row[]>`
          select * from webhook_dead_letters where tenant_id = ${tenant} and webhook_id = ${id} and ${further}
          order by died_us desc, id desc limit ${limit}`;
        return rows.map(toLetter);
      }),

    deadLetter: ({ tenant, id: webhook }, id) =>
      requests.answering(tenant, async (sql) => {
        const [row] = await sql<Row[]>`
          select * from webhook_dead_letters
          where tenant_id = ${tenant} and webhook_id = ${webhook} and id = ${id}`;
        return row === undefined ? null : toLetter(row);
      }),

    oldestDeadLetters: ({ tenant, id }, limit) =>
      requests.answering(tenant, async (sql) => {
        const rows = await sql<Row[]>`
          select * from webhook_dead_letters where tenant_id = ${tenant} and webhook_id = ${id}
          order by died_us, id limit ${limit}`;
        return rows.map(toLetter);
      }),

    unbury: ({ tenant, id }, ids) =>
      requests.answering(tenant, async (sql) => {
        await sql`
          delete from webhook_dead_letters
          where tenant_id = ${tenant} and webhook_id = ${id} and id = any(${texts(ids)}::text[])`;
        return null;
      }),

    countDeadLetters: () =>
      identity.answering(async (sql) => {
        const [row] = await sql<{ letters: number }[]>`select count(*) as letters from webhook_dead_letters`;
        return row?.letters ?? 0;
      }),

    sweepDeadLetters: (before, limit) =>
      identity.answering(async (sql) => {
        const { count } = await sql`
          delete from webhook_dead_letters where (tenant_id, webhook_id, id) in (
            select tenant_id, webhook_id, id from webhook_dead_letters where died_us < ${before}
            order by died_us limit ${limit}
          )`;
        return count;
      }),
  };
}

/** The endpoint may be gone by now: then there is nobody to whom the letter would be of use. */
async function bury(tx: Transaction, letter: DeadLetter, max: number): Promise<null> {
  const { webhook, ref, id } = letter;
  const { tenant } = webhook;
  await tx`
    insert into webhook_dead_letters (
      tenant_id, webhook_id, id, conversation_id, service_id, log_seq, position, type, attempts, last_status,
      reason, died_us
    )
    select
      w.tenant_id, w.id, ${id}, ${ref.conversation}, ${ref.service}, ${letter.logSeq}, ${letter.position},
      ${letter.type}, ${letter.attempts}, ${letter.status}, ${letter.reason}, ${letter.diedAt}
    from webhooks w where w.tenant_id = ${tenant} and w.id = ${webhook.id}
    on conflict (tenant_id, webhook_id, id) do nothing`;
  const [row] = await tx<{ letters: number }[]>`
    select count(*) as letters from webhook_dead_letters
    where tenant_id = ${tenant} and webhook_id = ${webhook.id}`;
  const over = (row?.letters ?? 0) - max;
  if (over <= 0) return null;
  await tx`
    delete from webhook_dead_letters where tenant_id = ${tenant} and webhook_id = ${webhook.id} and id in (
      select id from webhook_dead_letters where tenant_id = ${tenant} and webhook_id = ${webhook.id}
      order by died_us, id limit ${over}
    )`;
  return null;
}

function toLetter(row: Row): DeadLetter {
  return {
    webhook: { tenant: row.tenant_id, id: row.webhook_id },
    ref: { tenant: row.tenant_id, service: row.service_id, conversation: row.conversation_id },
    ...{ id: row.id, logSeq: row.log_seq, position: row.position, type: row.type, attempts: row.attempts },
    ...{ status: row.last_status, reason: row.reason, diedAt: row.died_us },
  };
}
