/** Who is in the workspace: people, agents (vero.md §6). */
import { type Operation, operation } from '../../../../contract/operation.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import { errors } from '../../errors.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { decodePeopleCursor, decodePeopleSearch, encodePeopleCursor } from './decode-people.ts';
import { encodePerson } from './encode-person.ts';
import { AgentsBody, FoundPeopleBody, PeopleBody, PeopleQuery, PeopleSearchQuery } from './wire.ts';

type Deps = Pick<ChatDeps, 'people' | 'presence'>;

export function peopleRoutes(deps: Deps): readonly Operation[] {
  return [listPeople(deps), searchPeople(deps), listAgents(deps)];
}

function listPeople({ people, presence }: Deps): Operation {
  return operation(
    {
      id: 'vero.listPeople',
      method: 'GET',
      path: '/v1/chat/users',
      summary: 'Active people of the workspace but the caller, by name',
      access: 'principal',
      schemas: { query: PeopleQuery },
      responses: { 200: { description: 'A page', schema: PeopleBody }, ...errors(400, 401, 503) },
    },
    async ({ principal, query }) => {
      const after = decodePeopleCursor(query.cursor);
      if (after instanceof Problem) return after;
      const limit = query.limit ?? limits.listPageMax;
      const page = await people.list(principal.tenant, principal.id, { limit, after });
      if (page instanceof Problem) return page;
      const users = page.people.map((one) => encodePerson(presence, principal.tenant, one));
      return { status: 200, body: { users, next_cursor: encodePeopleCursor(page.next) } };
    },
  );
}

function searchPeople({ people, presence }: Deps): Operation {
  return operation(
    {
      id: 'vero.searchPeople',
      rate: 'search',
      method: 'GET',
      path: '/v1/chat/users/search',
      summary: 'People by how a word of their name begins, or by their whole phone number',
      access: 'principal',
      schemas: { query: PeopleSearchQuery },
      responses: { 200: { description: 'By name', schema: FoundPeopleBody }, ...errors(400, 401, 503) },
    },
    async ({ principal, query }) => {
      const sought = decodePeopleSearch(query.q, query.limit);
      if (sought instanceof Problem) return sought;
      const found = await people.search(principal.tenant, principal.id, sought);
      if (found instanceof Problem) return found;
      const users = found.map((one) => encodePerson(presence, principal.tenant, one));
      return { status: 200, body: { users } };
    },
  );
}

function listAgents({ people, presence }: Deps): Operation {
  return operation(
    {
      id: 'vero.listChatAgents',
      method: 'GET',
      path: '/v1/chat/agents',
      summary: 'Agents of the workspace, the default one first',
      access: 'principal',
      schemas: {},
      responses: { 200: { description: 'All of them', schema: AgentsBody }, ...errors(401, 503) },
    },
    async ({ principal }) => {
      const found = await people.agents(principal.tenant);
      if (found instanceof Problem) return found;
      const agents = found.map((one) => encodePerson(presence, principal.tenant, one));
      return { status: 200, body: { agents } };
    },
  );
}
