/** The port WantingWebhooks, with the rights of a projector. */
import type { EventType } from '../../../domain/event.ts';
import { limits } from '../../../domain/limits.ts';
import type { WantingWebhooks } from '../../../ports/webhooks/webhook-store.ts';
import type { Pool } from '../pool.ts';
import { texts } from '../projection/array-literal.ts';

interface Row {
  readonly tenant_id: string;
  readonly id: string;
  readonly event_types: EventType[];
  readonly conversation_id: string | null;
  readonly service_id: string | null;
  readonly created_us: number;
}

export function openWantingWebhooks(pool: Pool): WantingWebhooks {
  return {
    of: (tenants) =>
      pool.answering(async (sql) => {
        const rows = await sql<Row[]>`
          select tenant_id, id, event_types, conversation_id, service_id, created_us from webhooks
          where tenant_id = any(${texts(tenants)}::text[]) and status <> 'disabled'
          order by tenant_id, id limit ${limits.webhooksMax}`;
        return rows.map((row) => ({
          ...{ tenant: row.tenant_id, id: row.id, createdAt: row.created_us },
          filter: { types: row.event_types, conversation: row.conversation_id, service: row.service_id },
        }));
      }),
  };
}
