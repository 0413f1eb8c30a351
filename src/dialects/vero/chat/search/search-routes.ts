/** Full-text search over what the caller sees (vero.md §5). */
import { type Operation, operation } from '../../../../contract/operation.ts';
import { Problem } from '../../../../domain/problem.ts';
import { errors } from '../../errors.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { encodeMessage } from '../encode-message.ts';
import { enter } from '../entered.ts';
import { isSeen } from '../view.ts';
import { decodeSearch, encodeSearchCursor } from './decode-search.ts';
import { snippetOf } from './snippet.ts';
import { SearchBody, SearchQuery } from './wire.ts';

export function searchRoutes(deps: ChatDeps): readonly Operation[] {
  const { personal, media, search } = deps;
  return [
    operation(
      {
        id: 'vero.searchMessages',
        rate: 'search',
        method: 'GET',
        path: '/v1/chat/messages/search',
        summary: 'Finds messages that the caller sees, newest first, with a snippet of each',
        access: 'principal',
        schemas: { query: SearchQuery },
        responses: { 200: { description: 'A page', schema: SearchBody }, ...errors(400, 401, 404, 503) },
      },
      async (request) => {
        const { principal, query } = request;
        const asked = decodeSearch(query);
        if (asked instanceof Problem) return asked;
        const { tenant } = principal;
        let conversation: string | null = null;
        if (query.conversation_id !== undefined) {
          const place = await enter(deps, request, query.conversation_id);
          if (place instanceof Problem) return place;
          conversation = place.ref.conversation;
        }
        const blocked = await personal.blockedBy(tenant, principal.id);
        if (blocked instanceof Problem) return blocked;
        // What was posted just now is found. Should the projection not keep up, what there is is searched.
        await deps.projectedNow();
        const found = await search.find({
          ...asked,
          ...{ tenant, reader: principal.id, isPerson: principal.kind === 'user' },
          ...{ env: request.env, service: principal.service, conversation },
        });
        if (found instanceof Problem) return found;
        const view = { clearedSeq: 0, blocked, seesInternal: principal.kind !== 'user' };
        const results = found.entries
          .filter((entry) => isSeen(entry, view))
          .map((entry) => ({
            message: encodeMessage(entry, { tenant, view, media }),
            snippet: snippetOf(entry.event.data.content, asked.words.marked),
          }));
        return { status: 200, body: { results, next_cursor: encodeSearchCursor(found.next) } };
      },
    ),
  ];
}
