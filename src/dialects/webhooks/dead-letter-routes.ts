/** /v1/webhooks/:id/dead-letters: what could not be delivered. */
import { type Operation, operation } from '../../contract/operation.ts';
import { Problem } from '../../domain/problem.ts';
import type { Webhooks } from '../../ports/webhooks/webhooks.ts';
import { decodeCursor, encodeCursor, encodeDeadLetter, errors } from './encode.ts';
import { askedOf } from './webhook-routes.ts';
import { DeadLetterPage, DeadLetterPath, PageParameters, RedeliveredAnswer, WebhookPath } from './wire.ts';

const path = '/v1/webhooks/:id/dead-letters';
const defaultLimit = 50;

export function deadLetterRoutes(webhooks: Webhooks): readonly Operation[] {
  return [
    operation(
      {
        id: 'webhooks.deadLetters',
        rate: 'admin',
        method: 'GET',
        path,
        summary: 'Deliveries that were given up, newest first, with the last status and why',
        access: 'principal',
        schemas: { params: WebhookPath, query: PageParameters },
        responses: {
          200: { description: 'A page', schema: DeadLetterPage },
          ...errors(400, 401, 403, 404, 429, 503),
        },
      },
      async (request) => {
        const { limit = defaultLimit, cursor } = request.query;
        const asked = askedOf(request);
        const page = { limit, after: decodeCursor(cursor) };
        const letters = asked instanceof Problem ? asked : await webhooks.deadLetters(asked, page);
        if (letters instanceof Problem) return letters;
        const last = letters.length < limit ? undefined : letters.at(-1);
        const next_cursor = last === undefined ? null : encodeCursor(last);
        return { status: 200, body: { dead_letters: letters.map(encodeDeadLetter), next_cursor } };
      },
    ),
    operation(
      {
        id: 'webhooks.redeliverAll',
        rate: 'admin',
        method: 'POST',
        path: `${path}/redeliver`,
        summary: 'Puts dead letters into the queue again, the oldest first, up to 1,000 with each request',
        access: 'principal',
        schemas: { params: WebhookPath },
        responses: {
          202: { description: 'How many', schema: RedeliveredAnswer },
          ...errors(401, 403, 404, 409, 429, 503),
        },
      },
      async (request) => {
        const asked = askedOf(request);
        const redelivered = asked instanceof Problem ? asked : await webhooks.redeliver(asked, null);
        return redelivered instanceof Problem ? redelivered : { status: 202, body: { redelivered } };
      },
    ),
    operation(
      {
        id: 'webhooks.redeliver',
        rate: 'admin',
        method: 'POST',
        path: `${path}/:letter/redeliver`,
        summary: 'Puts one dead letter into the queue again',
        access: 'principal',
        schemas: { params: DeadLetterPath },
        responses: {
          202: { description: 'One', schema: RedeliveredAnswer },
          ...errors(401, 403, 404, 409, 429, 503),
        },
      },
      async (request) => {
        const asked = askedOf(request);
        const redelivered =
          asked instanceof Problem ? asked : await webhooks.redeliver(asked, request.params.letter);
        return redelivered instanceof Problem ? redelivered : { status: 202, body: { redelivered } };
      },
    ),
  ];
}
