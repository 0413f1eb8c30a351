/** Dead letters as owners and admins see them and redeliver them. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { WebhookQueue } from '../../ports/webhooks/webhook-deliveries.ts';
import type { DeadLetter, WebhookStore } from '../../ports/webhooks/webhook-store.ts';
import type { AskedWebhook, Webhooks } from '../../ports/webhooks/webhooks.ts';
import { audited, type WebhookAccess } from './access.ts';

interface Deps {
  readonly store: WebhookStore;
  readonly queue: Pick<WebhookQueue, 'addAgain'>;
}

export function deadLettersOver(
  { store, queue }: Deps,
  found: WebhookAccess['found'],
): Pick<Webhooks, 'deadLetters' | 'redeliver'> {
  async function wanted(asked: AskedWebhook, id: string | null): Promise<readonly DeadLetter[] | Problem> {
    if (id === null) return await store.oldestDeadLetters(asked, limits.webhookRedeliveredMax);
    const letter = await store.deadLetter(asked, id);
    if (letter instanceof Problem) return letter;
    return letter === null ? new Problem('not_found') : [letter];
  }

  return {
    async deadLetters(asked, page) {
      const webhook = await found(asked);
      return webhook instanceof Problem ? webhook : await store.deadLetters(asked, page);
    },

    async redeliver(asked, id) {
      const webhook = await found(asked);
      if (webhook instanceof Problem) return webhook;
      if (webhook.status === 'disabled')
        return new Problem('conflict', 'The webhook is disabled: make it active first.', {
          reason: 'disabled',
        });
      const letters = await wanted(asked, id);
      if (letters instanceof Problem) return letters;
      const deliveries = letters.map((letter) => ({ ...letter, event: letter.id }));
      // Into the queue first: what is lost in between is delivered, and may be redelivered once more.
      const refused =
        (await queue.addAgain(deliveries)) ??
        (await store.unbury(
          asked,
          letters.map(({ id: event }) => event),
        ));
      if (refused !== null) return refused;
      const audit = audited(asked, 'redelivered', { letters: letters.length });
      const recorded = await store.change(asked, {}, audit);
      return recorded instanceof Problem ? recorded : letters.length;
    },
  };
}
