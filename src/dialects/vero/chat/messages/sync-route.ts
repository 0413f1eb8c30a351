/** POST /v1/chat/messages/sync: what a client has missed in many conversations (vero.md §5). */
import { fieldProblem } from '../../../../contract/checking/field-errors.ts';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import { errors } from '../../errors.ts';
import type { ChatDeps } from '../chat-deps.ts';
import type { Caller } from '../entered.ts';
import { type SyncBatch, SyncBody, SyncRequest } from '../wire.ts';
import { type Asked, readBatch } from './sync-batch.ts';

export function syncRoute(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.sync',
      rate: 'read',
      method: 'POST',
      path: '/v1/chat/messages/sync',
      summary: 'What was said and changed in up to 100 conversations since the caller last asked',
      access: 'principal',
      schemas: { body: SyncRequest },
      responses: {
        200: { description: 'In the order of the request; at most 2,000 messages in all', schema: SyncBody },
        ...errors(400, 401, 403, 503),
      },
    },
    async (request) => {
      const asked = request.body.conversations.map(
        (one): Asked => ({
          id: one.conversation_id.toLowerCase(),
          lastSeq: one.last_seq,
          lastRev: one.last_rev ?? null,
        }),
      );
      if (new Set(asked.map(({ id }) => id)).size < asked.length) {
        return fieldProblem([{ path: 'conversations', reason: 'repeated' }]);
      }
      const batches = await readAll(deps, request, asked);
      return batches instanceof Problem ? batches : { status: 200, body: { batches } };
    },
  );
}

/** Some at once, in order: what the first ones leave of the 2,000 is there for the next. */
async function readAll(
  deps: ChatDeps,
  caller: Caller,
  asked: readonly Asked[],
): Promise<readonly SyncBatch[] | Problem> {
  const batches: SyncBatch[] = [];
  let room: number = limits.syncedMessagesMax;
  for (let start = 0; start < asked.length; start += limits.syncedAtOnceMax) {
    const some = asked.slice(start, start + limits.syncedAtOnceMax);
    const left = room;
    const read = await Promise.all(some.map((one) => readBatch(deps, caller, one, left)));
    for (const batch of read) {
      if (batch instanceof Problem) return batch;
      const fitted = fit(batch, room);
      room -= fitted.messages.length + fitted.updates.length;
      batches.push(fitted);
    }
  }
  return batches;
}

/** Updates come first: without them, what the client has is wrong. */
function fit(batch: SyncBatch, room: number): SyncBatch {
  const { messages, updates } = batch;
  if (messages.length + updates.length <= room) return batch;
  const kept = updates.slice(0, room);
  const isCut = kept.length < updates.length;
  return {
    ...batch,
    updates: kept,
    messages: messages.slice(0, room - kept.length),
    has_more: true,
    // The next sync goes on after the last update that fitted.
    current_rev: isCut ? (updates[kept.length]?.rev ?? 1) - 1 : batch.current_rev,
  };
}
