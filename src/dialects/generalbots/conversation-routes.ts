/** Conversations of the caller: listed, archived, taken up again. */
import type { Static } from '@sinclair/typebox';
import { type Operation, operation, type Reply } from '../../contract/operation.ts';
import { canonicalUuid } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { AgentQuery } from '../../ports/projection/listed-conversations.ts';
import { type ChatDeps, isGuest, saidIn } from './deps.ts';
import { encodeItem, type Listed, statusOf } from './encode.ts';
import { metered } from './metered.ts';
import { type Caller, enter, type Place } from './place.ts';
import { errors } from './refuse.ts';
import { ById, type Item, Item as ItemSchema, List, ListQuery, StatusRequest } from './wire.ts';

const pageDefault = 50;

export function conversationRoutes(deps: ChatDeps): readonly Operation[] {
  return [list(deps), changeStatus(deps)];
}

function list(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'generalbots.listConversations',
      method: 'GET',
      path: '/conversations',
      summary: "The caller's conversations with bots, newest activity first",
      access: 'principal',
      schemas: { query: ListQuery },
      responses: { 200: { description: 'A page', schema: List }, ...errors(400, 401, 429, 503) },
    },
    async (request) => {
      const { principal } = request;
      return await metered(deps.windows, principal, 'chat-list', async () => {
        const query = await queryOf(deps, request, request.query);
        if (query instanceof Problem) return query;
        const page = await deps.bus.withAgents(principal, query);
        if (page instanceof Problem) return page;
        const conversations = await itemsOf(deps, principal, page.conversations);
        if (conversations instanceof Problem) return conversations;
        return { status: 200, body: { conversations, total: page.total } };
      });
    },
  );
}

/** An unknown bot matches nothing: a filter is no lookup. */
async function queryOf(
  deps: ChatDeps,
  { principal, env }: Caller,
  { bot_id: bot, status, limit = pageDefault, offset = 0 }: Static<typeof ListQuery>,
): Promise<AgentQuery | Problem> {
  const named = bot === undefined ? null : await deps.directory.agentNamed(principal.tenant, bot);
  if (named instanceof Problem) return named;
  // What a guest began and let lie has ended for it.
  const among = isGuest(principal) ? await deps.sessions.liveOf(principal) : null;
  if (among instanceof Problem) return among;
  return {
    // One that is no more may still be named by its id.
    agent: bot === undefined ? null : (named?.id ?? canonicalUuid(bot) ?? bot),
    isActive: status === undefined ? null : status === 'active',
    ...{ among, limit, offset, env, service: principal.service },
  };
}

async function itemsOf(
  { directory }: Pick<ChatDeps, 'directory'>,
  { tenant }: Principal,
  listed: readonly Listed[],
): Promise<Item[] | Problem> {
  const bots = await directory.principalsOf(
    tenant,
    listed.map(({ agent }) => agent),
  );
  if (bots instanceof Problem) return bots;
  return listed.map((one) => encodeItem(one, bots.get(one.agent)?.displayName));
}

function changeStatus(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'generalbots.changeStatus',
      method: 'PATCH',
      path: '/conversations/:id',
      summary: 'Archives a conversation, into which nothing is sent here then, or takes it up again',
      access: 'principal',
      schemas: { params: ById, body: StatusRequest },
      responses: {
        200: { description: 'As it is now', schema: ItemSchema },
        ...errors(400, 401, 403, 404, 409, 429, 503),
      },
      example: { body: { status: 'archived' } },
    },
    async (request) => {
      const { principal, params, body } = request;
      const place = await enter(deps, request, params.id);
      if (place instanceof Problem) return place;
      if (statusOf(place.state.stage) === body.status) return await itemOf(deps, request, place);
      const context = deps.bus.context(place.ref.conversation, saidIn(request));
      // Of a conversation of two, either may put it away; of a group those who manage it.
      const membersMay = place.state.type === 'private';
      const update = { op: 'update', stage: body.status, membersMay } as const;
      const outcome = await deps.bus.dispatch(principal, update, context);
      if (outcome instanceof Problem) return outcome;
      return await itemOf(deps, request, { ...place, state: outcome.state });
    },
  );
}

async function itemOf(
  deps: ChatDeps,
  { principal, env }: Caller,
  { ref, state, bot }: Place,
): Promise<Reply | Problem> {
  const among = [ref.conversation];
  const query = { agent: null, isActive: null, among, limit: 1, offset: 0, env, service: principal.service };
  const page = await deps.bus.withAgents(principal, query);
  if (page instanceof Problem) return page;
  const newest = page.conversations[0]?.newest ?? null;
  const listed = { ref, agent: bot, stage: state.stage, updatedAt: state.at, newest };
  const items = await itemsOf(deps, principal, [listed]);
  return items instanceof Problem ? items : { status: 200, body: items[0] };
}
