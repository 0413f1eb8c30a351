/** Rooms of agents (eliza.md §4, Memory and rooms), below `/api/memory`, `/api/agents` and `/api/rooms`. */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import { canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { isManager, type Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { msOf } from '../../../domain/time.ts';
import { runningAgentOf } from '../agents/agent-of.ts';
import {
  ByAgent,
  badRequest,
  errors,
  exampleAgent,
  exampleRoom,
  idIn,
  invalidId,
  millis,
  succeeded,
  successOf,
  text,
} from '../agents/declared.ts';
import { alsoAt } from '../also-at.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { isName } from '../fields.ts';
import { asAgent, contextOf, saidIn } from '../messaging/acting.ts';
import { createChannel, type NewChannel } from '../messaging/channels/create-channel.ts';
import { refuseServer } from '../messaging/servers/message-server.ts';
import { CodedProblem } from '../refuse.ts';
import { defaultServer } from '../wire.ts';
import { encodeRoom, metadataIn, noRoom, type RoomFinder, RoomRow, roomsOf } from './room.ts';

type Deps = Pick<
  ElizaDeps,
  'agents' | 'records' | 'worlds' | 'servers' | 'bus' | 'directory' | 'ids' | 'clock'
> & {
  readonly rooms: RoomFinder;
};

export const ByRoom = Type.Object({ ...ByAgent.properties, roomId: text(exampleRoom) });
const Body = Type.Record(Type.String(), Type.Unknown());
const MadeRoom = Type.Object({
  id: text(exampleRoom),
  name: text('Harbour'),
  agentId: text(exampleAgent),
  channelId: text('6185c440-4f7b-4dcd-b51f-9da59fb92dab'),
  createdAt: millis('When it was made'),
  source: text('client'),
  type: text('DM'),
  worldId: text('0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b20'),
  messageServerId: Type.Optional(text(defaultServer)),
  metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { examples: [{ topic: 'ships' }] })),
});
const list = '/api/memory/:agentId/rooms';
const one = '/api/memory/:agentId/rooms/:roomId';

export function roomRoutes(deps: Deps): readonly Operation[] {
  return [
    ...alsoAt(listRoute(deps), '/api/agents/:agentId/rooms', '/api/rooms/:agentId'),
    ...alsoAt(createRoute(deps), '/api/agents/:agentId/rooms', '/api/rooms/:agentId'),
    ...alsoAt(getRoute(deps), '/api/agents/:agentId/rooms/:roomId', '/api/rooms/:agentId/:roomId'),
    ...alsoAt(changeRoute(deps), '/api/agents/:agentId/rooms/:roomId', '/api/rooms/:agentId/:roomId'),
    ...alsoAt(leaveRoute(deps), '/api/rooms/:agentId/:roomId'),
  ];
}

function listRoute(deps: Deps): Operation {
  const schemas = { params: ByAgent };
  const data = Type.Object({ rooms: Type.Array(RoomRow) });
  return operation(
    {
      ...{ id: 'eliza.listRooms', method: 'GET', path: list, access: 'principal', schemas },
      summary: 'The rooms of a running agent: the conversations that it takes part in',
      responses: { 200: { description: 'Rooms', schema: successOf(data) }, ...errors(400, 404, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await runningAgentOf(deps, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const rooms = await roomsOf(deps, caller, agent.id, request.env);
      return rooms instanceof Problem ? rooms : succeeded({ rooms });
    },
  );
}

function createRoute(deps: Deps): Operation {
  const schemas = { params: ByAgent, body: Body };
  return operation(
    {
      ...{ id: 'eliza.createRoom', method: 'POST', path: list, access: 'principal', schemas },
      summary: 'Make a room: a conversation that the agent owns',
      responses: {
        201: { description: 'The room', schema: successOf(MadeRoom) },
        ...errors(400, 403, 404, 413, 503),
      },
      example: { body: { name: 'Harbour', type: 'GROUP' } },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await runningAgentOf(deps, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      if (!isManager(caller)) return new Problem('forbidden');
      const wanted = await wantedRoom(deps, caller, agent.id, request.body);
      if (wanted instanceof Problem) return wanted;
      const made = await createChannel(deps, asAgent(caller, agent.id), wanted, saidIn(request));
      if (made instanceof Problem) return made;
      const room = encodeRoom(deps, agent.id, made.ref, made.state);
      const { id, name, channelId, source, type, worldId, messageServerId, metadata } = room;
      const createdAt = msOf(made.state.createdAt);
      return succeeded(
        {
          ...{ id, name, agentId: agent.id, channelId, createdAt, source, type, worldId },
          ...{ messageServerId, metadata },
        },
        201,
      );
    },
  );
}

function getRoute(deps: Deps): Operation {
  const schemas = { params: ByRoom };
  const Row = Type.Object({ ...RoomRow.properties, worldName: Type.Optional(text('Harbours')) });
  return operation(
    {
      ...{ id: 'eliza.getRoom', method: 'GET', path: one, access: 'principal', schemas },
      summary: 'A room of a running agent, by the id that the agent has for it, or by its channel',
      responses: { 200: { description: 'The room', schema: successOf(Row) }, ...errors(400, 404, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const found = await roomOfPath(deps, caller, request);
      if (found instanceof Problem) return found;
      const room = encodeRoom(deps, found.agent, found.channel.ref, found.channel.state);
      const worlds = await deps.worlds.list(caller, found.agent);
      if (worlds instanceof Problem) return worlds;
      const world = worlds.find(({ id }) => id === room.worldId);
      return succeeded({ ...room, ...(world === undefined ? {} : { worldName: world.name }) });
    },
  );
}

function changeRoute(deps: Deps): Operation {
  const schemas = { params: ByRoom, body: Body };
  return operation(
    {
      ...{ id: 'eliza.changeRoom', method: 'PATCH', path: one, access: 'principal', schemas },
      summary: 'Rename a room, for all who take part in it',
      responses: {
        200: { description: 'The room as it is now', schema: successOf(RoomRow) },
        ...errors(400, 403, 404, 409, 503),
      },
      example: { body: { name: 'Harbour' } },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const found = await roomOfPath(deps, caller, request);
      if (found instanceof Problem) return found;
      if (!isManager(caller)) return new Problem('forbidden');
      const { name } = request.body;
      if (!isName(name)) return noName();
      const { ref } = found.channel;
      const command = { op: 'update', name, membersMay: true } as const;
      const context = deps.bus.context(ref.conversation, contextOf(saidIn(request)));
      const outcome = await deps.bus.dispatch(asAgent(caller, found.agent), command, context);
      if (outcome instanceof Problem) return outcome;
      return succeeded(encodeRoom(deps, found.agent, ref, outcome.state));
    },
  );
}

function leaveRoute(deps: Deps): Operation {
  const schemas = { params: ByRoom };
  return operation(
    {
      ...{ id: 'eliza.leaveRoom', method: 'DELETE', path: '/api/agents/:agentId/rooms/:roomId', schemas },
      ...{ access: 'principal', summary: 'Let an agent leave a room; the last one ends the conversation' },
      responses: { 204: { description: 'It has left', schema: null }, ...errors(400, 403, 404, 409, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const found = await roomOfPath(deps, caller, request);
      if (found instanceof Problem) return found;
      if (!isManager(caller)) return new Problem('forbidden');
      const { conversation } = found.channel.ref;
      const command = { op: 'participant.remove', participant: found.agent, mayHandOver: true } as const;
      const context = deps.bus.context(conversation, contextOf(saidIn(request)));
      const outcome = await deps.bus.dispatch(asAgent(caller, found.agent), command, context);
      if (!(outcome instanceof Problem)) return { status: 204 };
      return outcome.code === 'not_found' ? noRoom() : outcome;
    },
  );
}

async function roomOfPath(
  deps: Deps,
  caller: Principal,
  { params, env }: Pick<RequestOf<{ params: typeof ByRoom }>, 'params' | 'env'>,
) {
  const agent = await runningAgentOf(deps, caller, params.agentId);
  if (agent instanceof Problem) return agent;
  const id = canonicalUuid(params.roomId);
  if (id === null) return invalidId('agent ID or room');
  const channel = await deps.rooms.find(caller, agent.id, id, env);
  return channel instanceof Problem ? channel : { agent: agent.id, channel };
}

/** A world that is named must be there; without one the room is in that of its message server. */
async function wantedRoom(
  deps: Deps,
  caller: Principal,
  agent: PrincipalId,
  body: Static<typeof Body>,
): Promise<NewChannel | Problem> {
  const { name, type = 'DM', source = 'client' } = body;
  if (!isName(name)) return noName();
  if (!isWord(type) || !isWord(source)) return badRequest('type and source must be short texts');
  const metadata = metadataIn(body['metadata']);
  if (metadata === null) return badRequest('metadata must be an object');
  const server = idIn(body, 'messageServerId', 'message server');
  if (server instanceof Problem) return server;
  const unknown = server === null ? null : await refuseServer(deps, caller.tenant, server);
  if (unknown !== null) return unknown;
  const worldId = idIn(body, 'worldId', 'world');
  if (worldId instanceof Problem) return worldId;
  const world = worldId === null ? null : await deps.worlds.find(caller, worldId);
  if (world instanceof Problem) return world;
  const facts = { type, sourceType: source, ...(worldId === null ? {} : { worldId }) };
  return {
    ...{ id: deps.bus.newConversationId(), server: server ?? defaultServer, name, facts, metadata },
    ...{ participants: [agent], isUnique: false },
  };
}

export function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 64;
}

const noName = (): Problem => new CodedProblem('invalid_request', 'MISSING_PARAM', 'Room name is required');
