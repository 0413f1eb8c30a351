/**
 * POST /v1/chat/messages/forward: copies of one message in other conversations, all or none.
 *
 * Conversations have no common atomic step. So everything is looked at first, and nothing is written when the
 * source or one target is not the caller's. Then each copy is posted under a client id of its own; where a server is
 * away for a moment it is tried again under the same id, so that nothing is there twice. What still fails takes the
 * other copies back, unless the caller can finish it: a request that named a client id completes when it comes again.
 */
import { type Operation, operation, type Reply, type RequestOf } from '../../../../contract/operation.ts';
import type { Outcome } from '../../../../core/bus.ts';
import {
  type Command,
  type CommandContext,
  type PostCommand,
  plainPost,
} from '../../../../domain/command.ts';
import { stricterClass } from '../../../../domain/event.ts';
import type { ConversationId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem, problems } from '../../../../domain/problem.ts';
import type { MediaId } from '../../../../ports/media.ts';
import { errors } from '../../errors.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { asPosted, contentMetaOf, type Encoded, encodeMessage } from '../encode-message.ts';
import { enter } from '../entered.ts';
import { attachedIn, toAttached } from '../media/attached-media.ts';
import { isSurelyUnposted, messageOf } from '../media/sent-media.ts';
import type { MessageEntry } from '../view.ts';
import { ForwardedBody, ForwardRequest } from '../wire.ts';
import { findMessage } from './named-message.ts';
import { postedFirst } from './posted-first.ts';

type Forward = RequestOf<{ readonly body: typeof ForwardRequest }>;

/** A copy on its way. */
interface Copy {
  readonly context: CommandContext;
  readonly command: PostCommand;
  /** Files of its own. */
  readonly media: readonly MediaId[];
}

export function forwardRoute(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.forwardMessage',
      rate: 'send',
      method: 'POST',
      path: '/v1/chat/messages/forward',
      summary: 'Sends a message on to other conversations: to all of them or to none',
      access: 'principal',
      schemas: { body: ForwardRequest },
      responses: {
        200: { description: 'They were forwarded before under this client id', schema: ForwardedBody },
        201: { description: 'The copies, in the order of the request', schema: ForwardedBody },
        ...errors(400, 401, 403, 404, 409, 429, 503),
      },
    },
    async (request) => {
      const found = await findMessage(deps, request, request.body.message_id);
      if (found instanceof Problem) return found;
      const targets = [...new Set(request.body.conversation_ids.map((id) => id.toLowerCase()))];
      const places = await Promise.all(targets.map((id) => enter(deps, request, id)));
      const hidden = places.find((place) => place instanceof Problem);
      if (hidden instanceof Problem) return hidden;
      const copies: Copy[] = [];
      for (const id of targets) {
        const copy = await withMedia(deps, request, found.entry, copyFor(deps, request, found.entry, id));
        if (copy instanceof Problem) {
          await discardMedia(deps, request, copies);
          return copy;
        }
        copies.push(copy);
      }
      const outcomes = await Promise.all(copies.map((copy) => insist(deps, request, copy)));
      const unposted = copies.filter(({ context }, index) =>
        isSurelyUnposted(outcomes[index] ?? new Problem('internal'), messageOf(context)),
      );
      await discardMedia(deps, request, unposted);
      return await answer(deps, request, copies, outcomes);
    },
  );
}

/** Each copy has its files for itself: who sees the copy may read them, wherever the source is. */
async function withMedia(
  { uploads }: ChatDeps,
  { principal }: Forward,
  { event }: MessageEntry,
  copy: Copy,
): Promise<Copy | Problem> {
  if (attachedIn(event.data.metadata).length === 0) return copy;
  const from = { conversation: event.conversation, message: event.data.message_id };
  const { context, command } = copy;
  const to = { conversation: context.conversation, message: messageOf(context) };
  const media = await uploads.copy(principal, from, to);
  if (media instanceof Problem) return media;
  if (media.length === 0) return copy;
  return {
    context,
    command: { ...command, metadata: { ...command.metadata, media: media.map(toAttached) } },
    media: media.map(({ id }) => id),
  };
}

/** Of copies that were not posted. */
async function discardMedia(
  { uploads }: ChatDeps,
  { principal }: Forward,
  copies: readonly Copy[],
): Promise<void> {
  const withFiles = copies.filter(({ media }) => media.length > 0);
  await Promise.all(
    withFiles.map(({ context, media }) => uploads.discard(principal, media, messageOf(context))),
  );
}

/** Text, type and meta; nothing of where it comes from. It stays as protected as it was. */
function copyFor(deps: ChatDeps, request: Forward, entry: MessageEntry, id: ConversationId): Copy {
  const { body, dataClass, policyRef, env, idempotencyKey } = request;
  const { content, content_type: contentType, metadata } = entry.event.data;
  const meta = contentMetaOf(metadata);
  const protectedAs = stricterClass(dataClass, entry.dataClass);
  const context = deps.bus.context(id, { dataClass: protectedAs, policyRef, env });
  return {
    context,
    media: [],
    command: {
      ...plainPost(content),
      contentType,
      clientId: body.client_message_id ?? idempotencyKey ?? context.id,
      metadata: {
        ...(meta === null ? {} : { content_meta: meta }),
        is_forwarded: true,
      },
    },
  };
}

/** Tried again for limits.forwardRetryMs where it may help. */
async function insist(
  { bus, clock }: ChatDeps,
  { principal }: Forward,
  { command, context }: { readonly command: Command; readonly context: CommandContext },
): Promise<Outcome | Problem> {
  const untilMs = clock.monotonicMs() + limits.forwardRetryMs;
  for (let pauseMs = 50; ; pauseMs *= 2) {
    const outcome = await bus.dispatch(principal, command, context);
    if (!(outcome instanceof Problem) || !isPassing(outcome)) return outcome;
    if (clock.monotonicMs() + pauseMs > untilMs) return outcome;
    await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
  }
}

function isPassing({ code }: Problem): boolean {
  return code === 'unavailable' || code === 'overloaded';
}

async function answer(
  deps: ChatDeps,
  request: Forward,
  copies: readonly Copy[],
  outcomes: readonly (Outcome | Problem)[],
): Promise<Reply | Problem> {
  const failed = outcomes.find((outcome) => outcome instanceof Problem);
  if (failed instanceof Problem) {
    const hasOwnId = request.body.client_message_id !== undefined || request.idempotencyKey !== null;
    const willFinish = hasOwnId && problems[failed.code].retry === 'later';
    if (!willFinish) await takeBack(deps, request, outcomes);
    return failed;
  }
  const forwarded = [];
  let isReplay = true;
  for (const [index, outcome] of (outcomes as readonly Outcome[]).entries()) {
    const copy = copies[index];
    if (copy === undefined) return new Problem('internal');
    isReplay &&= outcome.duplicate !== null;
    const encoded = await copyOf(deps, request, copy, outcome);
    if (encoded instanceof Problem) return encoded;
    const looking = { tenant: outcome.ref.tenant, view: { blocked: new Set<string>() }, media: deps.media };
    forwarded.push(encodeMessage(encoded, looking));
  }
  if (!isReplay) return { status: 201, body: { forwarded } };
  return { status: 200, body: { forwarded }, headers: { 'Idempotency-Replayed': 'true' } };
}

async function copyOf(
  deps: ChatDeps,
  request: Forward,
  { command }: Copy,
  { ref, events, duplicate }: Outcome,
): Promise<Encoded | Problem> {
  if (duplicate !== null) return await postedFirst(deps, request, ref, duplicate, command.metadata);
  const event = events.at(-1);
  return event?.type === 'message.posted' ? asPosted(event) : new Problem('internal');
}

/** The copies that were made by this request are deleted again; their tombstones stay. */
async function takeBack(
  deps: ChatDeps,
  request: Forward,
  outcomes: readonly (Outcome | Problem)[],
): Promise<void> {
  const made = outcomes.filter((one): one is Outcome => !(one instanceof Problem) && one.duplicate === null);
  await Promise.all(
    made.map(({ ref, events }) => {
      const event = events.at(-1);
      if (event?.type !== 'message.posted') return null;
      const command = { op: 'delete', message: event.data.message_id } as const;
      const context = deps.bus.context(ref.conversation, { env: request.env });
      return insist(deps, request, { command, context });
    }),
  );
}
