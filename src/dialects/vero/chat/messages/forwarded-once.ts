/** A key of a forward is a key of that forward: of one message to these targets (vero.md §1). */
import type { Static } from '@sinclair/typebox';
import type { Operation, OperationRequest } from '../../../../contract/operation.ts';
import type { StoredReplies } from '../../../../ports/http/stored-replies.ts';
import type { ForwardRequest } from '../wire.ts';

/**
 * Each copy is posted once by its client id, in its own conversation; that the key named another message or other
 * targets before, none of them knows.
 */
export function forwardedOnce(route: Operation, replies: Pick<StoredReplies, 'unlessOther'>): Operation {
  return {
    ...route,
    async answer(request: OperationRequest<never, never, never>) {
      const body: Static<typeof ForwardRequest> = request.body;
      const key = body.client_message_id ?? request.idempotencyKey;
      const run = async () => await route.answer(request);
      if (key === null) return await run();
      const targets = new Set(body.conversation_ids.map((id) => id.toLowerCase()));
      const content = JSON.stringify([body.message_id.toLowerCase(), ...targets]);
      const scope = `${route.id} ${request.orgId ?? ''}`;
      return await replies.unlessOther({ principal: request.principal, scope, key, content }, run);
    },
  };
}
