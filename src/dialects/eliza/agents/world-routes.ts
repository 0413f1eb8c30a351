/** Worlds of agents (eliza.md §2). */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { formatMicros } from '../../../domain/time.ts';
import type { World } from '../../../ports/agents/worlds.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { isName, isRecord } from '../fields.ts';
import { refuseServer } from '../messaging/servers/message-server.ts';
import { agentOf } from './agent-of.ts';
import {
  ByAgent,
  badRequest,
  errors,
  exampleAgent,
  idIn,
  notFound,
  succeeded,
  successOf,
  text,
  uuidOf,
} from './declared.ts';

type Deps = Pick<ElizaDeps, 'agents' | 'worlds' | 'servers'>;

export const WorldRow = Type.Object({
  id: text('0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b20'),
  agentId: text(exampleAgent),
  name: text('Harbours'),
  metadata: Type.Record(Type.String(), Type.Unknown(), { examples: [{ region: 'north' }] }),
  messageServerId: Type.Optional(text('00000000-0000-0000-0000-000000000000')),
  createdAt: Type.String({ format: 'date-time' }),
});
const Worlds = Type.Object({ worlds: Type.Array(WorldRow) });
const NewWorld = Type.Record(Type.String(), Type.Unknown());
const Changed = Type.Object({
  world: WorldRow,
  worldId: text('0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b20'),
  settings: Type.Record(Type.String(), Type.Unknown(), {
    description: '`settings` of its metadata',
    examples: [{ language: 'en' }],
  }),
});

export function worldRoutes(deps: Deps): readonly Operation[] {
  return [allRoute(deps), listRoute(deps), createRoute(deps), changeRoute(deps)];
}

function allRoute({ worlds }: Deps): Operation {
  return operation(
    {
      ...{ id: 'eliza.listWorlds', method: 'GET', path: '/api/agents/worlds', access: 'principal' },
      ...{ summary: 'The worlds of all agents of the tenant', schemas: {} },
      responses: { 200: { description: 'The worlds', schema: successOf(Worlds) }, ...errors(503) },
    },
    async (request: RequestOf<Record<never, never>>) => answer(await worlds.list(callerOf(request), null)),
  );
}

function listRoute(deps: Deps): Operation {
  const schemas = { params: ByAgent };
  return operation(
    {
      ...{ id: 'eliza.agentWorlds', method: 'GET', path: '/api/agents/:agentId/worlds', schemas },
      ...{ access: 'principal', summary: 'The worlds of an agent' },
      responses: { 200: { description: 'The worlds', schema: successOf(Worlds) }, ...errors(400, 404, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await agentOf(deps, caller, request.params.agentId);
      return agent instanceof Problem ? agent : answer(await deps.worlds.list(caller, agent.id));
    },
  );
}

function createRoute(deps: Deps): Operation {
  const schemas = { params: ByAgent, body: NewWorld };
  return operation(
    {
      ...{ id: 'eliza.createWorld', method: 'POST', path: '/api/agents/:agentId/worlds', schemas },
      ...{
        access: 'principal',
        summary: 'Make a world for an agent, or (worldId) give it one that is there',
      },
      responses: {
        201: { description: 'The world', schema: successOf(Type.Object({ world: WorldRow })) },
        ...errors(400, 403, 404, 413, 503),
      },
      example: { body: { name: 'Harbours', metadata: { region: 'north' } } },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await agentOf(deps, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const wanted = await wantedWorld(deps, caller, request.body);
      if (wanted instanceof Problem) return wanted;
      const world = await deps.worlds.create(caller, { ...wanted, agent: agent.id });
      return world instanceof Problem ? world : succeeded({ world: encodeWorld(world) }, 201);
    },
  );
}

function changeRoute(deps: Deps): Operation {
  const params = Type.Object({
    ...ByAgent.properties,
    worldId: text('0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b20'),
  });
  const schemas = { params, body: NewWorld };
  return operation(
    {
      ...{ id: 'eliza.changeWorld', method: 'PATCH', path: '/api/agents/:agentId/worlds/:worldId', schemas },
      ...{ access: 'principal', summary: 'Change the name of a world, or fields of its metadata' },
      responses: {
        200: { description: 'The world as it is now', schema: successOf(Changed) },
        ...errors(400, 403, 404, 413, 503),
      },
      example: { body: { metadata: { region: 'south' } } },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await agentOf(deps, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const id = uuidOf(request.params.worldId, 'agent ID or world');
      if (id instanceof Problem || id === null) return id ?? notFound('World not found');
      const changes = changesIn(request.body);
      if (changes instanceof Problem) return changes;
      const world = await deps.worlds.change(caller, agent.id, id, changes);
      if (world instanceof Problem) return world;
      const settings = isRecord(world.metadata['settings']) ? world.metadata['settings'] : {};
      return succeeded({ world: encodeWorld(world), worldId: world.id, settings });
    },
  );
}

type Wanted = Pick<World, 'name' | 'server' | 'metadata'> & { readonly id?: string };

/** With `worldId` alone (the official client) the world of that id, as whoever has it knows it. */
async function wantedWorld(
  deps: Deps,
  caller: Principal,
  body: Static<typeof NewWorld>,
): Promise<Wanted | Problem> {
  const { name, metadata = {} } = body;
  const server = idIn(body, 'messageServerId', 'message server');
  if (server instanceof Problem) return server;
  const unknown = server === null ? null : await refuseServer(deps, caller.tenant, server);
  if (unknown !== null) return unknown;
  const id = idIn(body, 'worldId', 'world');
  if (id instanceof Problem) return id;
  if (!isRecord(metadata)) return badRequest('metadata must be an object');
  if (name === undefined && id !== null) {
    const there = await deps.worlds.find(caller, id);
    if (there instanceof Problem) return there;
    return { id, name: there.name, server: there.server, metadata: there.metadata };
  }
  if (!isName(name)) return badRequest('World name is required');
  return { name, server, metadata, ...(id === null ? {} : { id }) };
}

function changesIn(body: Static<typeof NewWorld>) {
  const { name, metadata, settings } = body;
  if (name !== undefined && !isName(name)) return badRequest('World name is required');
  if (metadata !== undefined && !isRecord(metadata)) return badRequest('metadata must be an object');
  if (settings !== undefined && !isRecord(settings)) return badRequest('settings must be an object');
  const changed = { ...metadata, ...(settings === undefined ? {} : { settings }) };
  return { ...(name === undefined ? {} : { name }), metadata: changed };
}

function answer(found: readonly World[] | Problem) {
  return found instanceof Problem ? found : succeeded({ worlds: found.map(encodeWorld) });
}

function encodeWorld({ id, agent, name, server, metadata, createdAt }: World): Static<typeof WorldRow> {
  return {
    ...{ id, agentId: agent, name, metadata },
    ...(server === null ? {} : { messageServerId: server }),
    createdAt: formatMicros(createdAt),
  };
}
