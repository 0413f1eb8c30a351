/** Webhooks over HTTP, beside the native socket. README.md tells what receivers get. */
import type { HttpDialect } from '../../contract/operation.ts';
import type { Webhooks } from '../../ports/webhooks/webhooks.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { refuse } from './encode.ts';
import { webhookRoutes } from './webhook-routes.ts';
import { ErrorBody } from './wire.ts';

export interface WebhooksDialectDeps {
  readonly webhooks: Webhooks;
}

export function webhooksDialect({ webhooks }: WebhooksDialectDeps): HttpDialect {
  return {
    name: 'webhooks',
    title: 'Webhooks',
    description:
      'Endpoints of a tenant that its events are posted to, signed as the Standard Webhooks specification has it. For owners and admins.',
    prefixes: ['/v1/webhooks'],
    operations: [...webhookRoutes(webhooks), ...deadLetterRoutes(webhooks)],
    refuse,
    refusal: ErrorBody,
    headers: { 'Cache-Control': 'no-store' },
  };
}
