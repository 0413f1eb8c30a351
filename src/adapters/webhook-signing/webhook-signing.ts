/** The WebhookSigning port: HMAC-SHA256 as the Standard Webhooks specification has it. */
import { createHmac, randomBytes } from 'node:crypto';
import type { WebhookSigning } from '../../ports/webhooks/webhook-deliveries.ts';

const prefix = 'whsec_';

export function openWebhookSigning(): WebhookSigning {
  return {
    newSecret: () => `${prefix}${randomBytes(32).toString('base64')}`,

    sign(secret, { id, timestampSec, body }) {
      const key = Buffer.from(secret.slice(prefix.length), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestampSec}.${body}`).digest('base64')}`;
    },
  };
}
