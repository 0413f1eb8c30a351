/** Idempotency-Key on every POST of Vero (vero.md §1): a request that comes again is answered with the first reply. */
import type { HttpDialect, Operation, OperationRequest, Reply } from '../../contract/operation.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { StoredReplies } from '../../ports/http/stored-replies.ts';
import { forwardedOnce } from './chat/messages/forwarded-once.ts';
import { errors } from './errors.ts';

/** Their key is a client id of the core, which knows it without a table. */
const byClientId: ReadonlySet<string> = new Set(['vero.sendMessage', 'vero.forwardMessage']);
/** Sync reads what is there now, typing twice is typing; who has logged out cannot ask again. */
const harmless: ReadonlySet<string> = new Set(['vero.sync', 'vero.typing', 'vero.logout']);
/** Paths whose replies hold tokens, keys or signed addresses. */
const secretPaths = /^\/auth\/(?:invites|api-keys|change-password)$|upload-url$/;

/** The dialect with repeatable POSTs, for callers that are signed in. */
export function repeatable(dialect: HttpDialect, replies: StoredReplies): HttpDialect {
  const operations = dialect.operations.map((one) => {
    if (one.id === 'vero.forwardMessage') return forwardedOnce(one, replies);
    return isKeyed(one) ? keyed(one, replies) : one;
  });
  return { ...dialect, operations };
}

function isKeyed({ id, method, access }: Operation): boolean {
  return method === 'POST' && access === 'principal' && !byClientId.has(id) && !harmless.has(id);
}

function keyed(operation: Operation, replies: StoredReplies): Operation {
  const isSecret = secretPaths.test(operation.path);
  return {
    ...operation,
    responses: withReplay(operation.responses),
    async answer(request: OperationRequest<never, never, never>) {
      const { idempotencyKey: key, principal } = request;
      const named = Object.values<string>(request.params);
      // No id is that long: it is refused, and the index of what is stored would not take it.
      const isNobodys = named.some((one) => one.length > limits.principalIdCharsMax);
      if (key === null || isNobodys) return await operation.answer(request);
      const scope = [operation.id, ...named, request.orgId ?? ''].join(' ');
      const content = JSON.stringify([request.body, request.query]);
      const once = { principal, scope, key, content, isSecret };
      const answered = await replies.once<Reply>(once, async () => await operation.answer(request));
      if (answered instanceof Problem) return answered;
      const { reply, isReplay } = answered;
      return isReplay ? asReplay(reply) : reply;
    },
  };
}

/** Nothing was made by this request: 200 instead of 201, and the first body. */
function asReplay(reply: Reply): Reply {
  const status = reply.status === 201 ? 200 : reply.status;
  return { ...reply, status, headers: { ...reply.headers, 'Idempotency-Replayed': 'true' } };
}

function withReplay(responses: Operation['responses']): Operation['responses'] {
  const made = responses[201];
  const replay =
    made === undefined ? {} : { 200: { ...made, description: 'Done before under this Idempotency-Key' } };
  return { ...replay, ...errors(409), ...responses };
}
