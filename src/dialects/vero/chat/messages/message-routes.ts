/** Messages of one conversation: page through them, send them. */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import { errors } from '../../errors.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { encodeMessage } from '../encode-message.ts';
import { enter } from '../entered.ts';
import { readSeen, type SeenRange } from '../seen-messages.ts';
import { ListMessagesQuery, MessagePage } from '../wire.ts';
import { forwardRoute } from './forward-route.ts';
import { sendRoute } from './send-route.ts';
import { syncRoute } from './sync-route.ts';

const listedByDefault = 50;

export function messageRoutes(deps: ChatDeps): readonly Operation[] {
  return [list(deps), sendRoute(deps), syncRoute(deps), forwardRoute(deps)];
}

function list(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.listMessages',
      method: 'GET',
      path: '/v1/chat/conversations/:id/messages',
      summary: 'Messages of a conversation: the newest, or from a seq on',
      access: 'principal',
      schemas: { params: Type.Object({ id: Type.String() }), query: ListMessagesQuery },
      responses: {
        200: { description: 'Ascending by seq', schema: MessagePage },
        ...errors(400, 401, 404, 503),
      },
    },
    async (request) => {
      const place = await enter(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      const { ref, state, view } = place;
      const page = await readSeen(deps, request, place, rangeOf(request.query));
      if (page instanceof Problem) return page;
      const looking = { tenant: ref.tenant, view, media: deps.media };
      const messages = page.entries.map((entry) => encodeMessage(entry, looking));
      return { status: 200, body: { messages, current_seq: state.seq, has_more: page.hasMore } };
    },
  );
}

/** Bounds are inclusive here. From a seq on: the first ones, else the last ones. */
function rangeOf(query: Static<typeof ListMessagesQuery>): SeenRange {
  const { from_seq: from, to_seq: to, limit = listedByDefault } = query;
  return {
    ...(from === undefined ? {} : { afterSeq: Math.max(from - 1, 0) }),
    ...(to === undefined ? {} : { beforeSeq: to + 1 }),
    keep: from === undefined ? 'newest' : 'oldest',
    limit: Math.min(limit, limits.historyPageMax),
  };
}
