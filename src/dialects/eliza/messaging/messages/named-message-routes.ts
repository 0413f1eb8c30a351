/** Messages by their ids alone: shown, changed (eliza.md §3 and decision 8). */
import type { Static } from '@sinclair/typebox';
import { type Operation, operation } from '../../../../contract/operation.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { elizaBodyBytesMax } from '../../wire.ts';
import { actsForServer, contextOf, refuseAuthor, type Said, saidIn } from '../acting.ts';
import { inWords } from '../channels/channel.ts';
import { type MessageFacts, messageFactsOf, shownMetadata, withMessageFacts } from '../kept.ts';
import { errors, succeeded } from '../refusals.ts';
import {
  decodeContent,
  decodeMetadata,
  decodeReference,
  decodeWord,
  invalid,
  isGiven,
  refuseRaw,
  uuidIn,
} from './decode-message.ts';
import { listedRow, messageRow } from './encode-message.ts';
import { findMessage, type NamedMessage } from './named-message.ts';
import { ByMessageId, ChangeRequest, OneMessage } from './wire.ts';

export function namedMessageRoutes(deps: ElizaDeps): readonly Operation[] {
  return [show(deps), change(deps, 'messages'), change(deps, 'action')];
}

const badId = (): Problem => invalid('Invalid message id');

function show(deps: ElizaDeps): Operation {
  return operation(
    {
      ...{ id: 'eliza.showMessage', method: 'GET', path: '/api/messaging/messages/:id' },
      summary: 'A message',
      access: 'principal',
      schemas: { params: ByMessageId },
      responses: { 200: { description: 'As it is', schema: OneMessage }, ...errors(400, 401, 404, 429, 503) },
    },
    async (request) => {
      const id = uuidIn(request.params.id);
      if (id === null) return badId();
      const found = await findMessage(deps, callerOf(request), id, request);
      return found instanceof Problem ? found : succeeded(listedRow(found.entry));
    },
  );
}

const declared = {
  messages: { id: 'eliza.updateMessage', path: '/api/messaging/messages/:id', summary: 'Changes a message' },
  action: {
    ...{ id: 'eliza.updateAction', path: '/api/messaging/action/:id' },
    summary: 'Changes what an agent said that it does; sockets are told the message anew',
  },
} as const;

function change(deps: ElizaDeps, name: keyof typeof declared): Operation {
  return operation(
    {
      ...{ ...declared[name], method: 'PATCH' },
      access: 'principal',
      bodyBytesMax: elizaBodyBytesMax,
      schemas: { params: ByMessageId, body: ChangeRequest },
      responses: {
        200: { description: 'As it is now', schema: OneMessage },
        ...errors(400, 401, 403, 404, 409, 413, 429, 503),
      },
    },
    async (request) => {
      const id = uuidIn(request.params.id);
      if (id === null) return badId();
      const wanted = decodeChange(request.body);
      if (wanted instanceof Problem) return wanted;
      const caller = callerOf(request);
      const refused = refuseAuthor(caller, wanted.author);
      if (refused !== null) return refused;
      const found = await findMessage(deps, caller, id, request);
      if (found instanceof Problem) return found;
      return await applyChange(deps, caller, found, wanted, saidIn(request));
    },
  );
}

interface Change {
  readonly author: string | null;
  readonly content: string | null;
  readonly rawMessage: unknown;
  readonly sourceType: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

function decodeChange(body: Static<typeof ChangeRequest>): Change | Problem {
  const replyTo = decodeReference(body.in_reply_to_message_id, 'in_reply_to_message_id');
  if (replyTo instanceof Problem) return replyTo;
  const author = decodeReference(body.author_id, 'author_id');
  if (author instanceof Problem) return author;
  const content = decodeContent(body.content);
  if (content instanceof Problem) return content;
  if (isGiven(body.content) && content === null) return invalid('content must be a text');
  const sourceType = decodeWord(body.source_type, 'source_type');
  if (sourceType instanceof Problem) return sourceType;
  const metadata = isGiven(body.metadata) ? decodeMetadata(body.metadata) : null;
  if (metadata instanceof Problem) return metadata;
  const rawMessage = body.raw_message ?? undefined;
  const refused = refuseRaw(rawMessage, content ?? '');
  if (refused !== null) return refused;
  return { author, content, rawMessage, sourceType, metadata };
}

/** What is not given stays. Whom it answers stays, too: a conversation's messages do not change places. */
async function applyChange(
  { bus }: Pick<ElizaDeps, 'bus'>,
  caller: Principal,
  { ref, entry }: NamedMessage,
  wanted: Change,
  said: Said,
) {
  const { actor, data } = entry.event;
  if (wanted.author !== null && wanted.author !== actor.id) {
    return new Problem('forbidden', 'The author must be that of the message.', { reason: 'other_author' });
  }
  const content = wanted.content ?? data.content;
  const before = messageFactsOf(data.metadata, data.content);
  const facts: MessageFacts = {
    ...before,
    ...(wanted.rawMessage === undefined ? {} : { rawMessage: wanted.rawMessage }),
    ...(wanted.sourceType === null ? {} : { sourceType: wanted.sourceType }),
  };
  const metadata = withMessageFacts(wanted.metadata ?? shownMetadata(data.metadata), facts, content);
  // Only its author changes a message: a service does it as that one.
  const author = actsForServer(caller) ? { ...caller, id: actor.id, kind: actor.kind } : caller;
  const command = { op: 'edit', message: data.message_id, content, metadata } as const;
  const outcome = inWords(
    await bus.dispatch(author, command, bus.context(ref.conversation, contextOf(said))),
  );
  if (outcome instanceof Problem) return outcome;
  const edited = outcome.events.at(-1);
  const event = { ...entry.event, data: { ...data, content, metadata } };
  return succeeded(messageRow({ event, editedAt: edited?.at ?? entry.editedAt }));
}
