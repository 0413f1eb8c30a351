import type { StoredWebhook } from '../../../src/ports/webhooks/webhook-store.ts';

/** An active endpoint that wants everything, with these fields. */
export function storedWebhook(fields: Partial<StoredWebhook> = {}): StoredWebhook {
  return {
    ...{
      tenant: 'a',
      id: '00000000-0000-7000-8000-000000000001',
      url: 'https://example.org/',
      description: '',
    },
    filter: { types: [], conversation: null, service: null },
    ...{ status: 'active', disabledReason: null, createdAt: 1, createdBy: 'ann', changedAt: 1 },
    ...{ secret: 'csecret', previousSecret: null, previousSecretUntil: null },
    ...{ failingSince: null, lastSuccessAt: null, lastFailure: null },
    ...fields,
  };
}
