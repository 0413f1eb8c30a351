/** Full-text search, as the official client asks for it. */
import type { Static } from '@sinclair/typebox';
import { type Operation, operation } from '../../../../contract/operation.ts';
import type { PrincipalId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { hasScope, type Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { readSearchedWords } from '../../../../domain/searched-words.ts';
import type { MessageQuery } from '../../../../ports/conversations/message-search.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { actsForServer, managerOf, type Said } from '../acting.ts';
import { readableChannel } from '../channels/channel.ts';
import { errors, succeeded } from '../refusals.ts';
import { decodeReference, invalid, isGiven } from './decode-message.ts';
import { isShown, listedRow } from './encode-message.ts';
import { decodeRange, type ShownMessage } from './read-messages.ts';
import { ListedMessages, SearchRequest } from './wire.ts';

const foundByDefault = 50;
const soughtCharsMax = 256;

export function searchRoute(deps: ElizaDeps): Operation {
  return operation(
    {
      ...{ id: 'eliza.searchMessages', method: 'POST', path: '/api/messaging/messages/search' },
      summary:
        'Finds messages by their words: in channels that the caller takes part in, in one that it may read, or (services) in all',
      access: 'principal',
      rate: 'search',
      schemas: { body: SearchRequest },
      responses: {
        200: { description: 'Newest first', schema: ListedMessages },
        ...errors(400, 401, 404, 429, 503),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const asked = decodeSearch(request.body);
      if (asked instanceof Problem) return asked;
      const reader = await readerOf(deps, caller, asked, request);
      if (reader instanceof Problem) return reader;
      // What was posted just now is found. Should the projection not keep up, what there is is searched.
      await deps.projectedNow();
      const isPerson = caller.kind === 'user';
      const query = {
        ...asked,
        ...{ tenant: caller.tenant, isPerson, env: request.env, service: caller.service },
        ...{ beforeSeq: null, contentType: null, below: null },
      };
      const { search } = deps;
      const found = await (reader === null ? search.findInTenant(query) : search.find({ ...query, reader }));
      if (found instanceof Problem) return found;
      const shown = found.entries.filter((entry) => isShown(entry, !isPerson)) as readonly ShownMessage[];
      return succeeded({ messages: shown.map(listedRow) });
    },
  );
}

type Asked = Pick<MessageQuery, 'words' | 'conversation' | 'sender' | 'after' | 'before' | 'limit'>;

function decodeSearch(body: Static<typeof SearchRequest>): Asked | Problem {
  const { query, limit = foundByDefault } = body;
  if (typeof query !== 'string' || query.trim() === '') return invalid('query is required');
  if (query.length > soughtCharsMax) return invalid(`query must have at most ${soughtCharsMax} characters`);
  if (!Number.isSafeInteger(limit) || (limit as number) < 1)
    return invalid('limit must be a number from 1 on');
  const conversation = decodeReference(body.channelId, 'channelId');
  if (conversation instanceof Problem) return conversation;
  const sender = decodeReference(body.authorId, 'authorId');
  if (sender instanceof Problem) return sender;
  const [after, before] = [body.from, body.to].map((at) => (isGiven(at) ? String(at) : ''));
  const range = decodeRange({ after: after ?? '', before: before ?? '' });
  if (range === null) return invalid('from and to must be milliseconds or timestamps');
  return {
    words: readSearchedWords(query.trim()),
    ...{ conversation, sender, after: range.after, before: range.before },
    limit: Math.min(limit as number, limits.searchPageMax),
  };
}

/** A service looks with the eyes of who manages the channel, or of the author that it looks for; else over all (null). */
async function readerOf(
  deps: Pick<ElizaDeps, 'bus'>,
  caller: Principal,
  { conversation, sender }: Asked,
  { env }: Pick<Said, 'env'>,
): Promise<PrincipalId | null | Problem> {
  if (conversation === null) {
    if (!actsForServer(caller)) return caller.id;
    return sender ?? (hasScope(caller, 'cap:messaging.observe') ? null : caller.id);
  }
  const found = await readableChannel(deps, caller, conversation, { env });
  return found instanceof Problem ? found : managerOf(caller, found.state).id;
}
