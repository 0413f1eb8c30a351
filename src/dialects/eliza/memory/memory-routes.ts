/** What agents remember (eliza.md §4, Memory and rooms). */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import { canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { isManager, type Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { msOf } from '../../../domain/time.ts';
import type { AgentMemory, MemoryChanges, MemoryQuery } from '../../../ports/agent-records.ts';
import { runningAgentOf } from '../agents/agent-of.ts';
import {
  ByAgent,
  badRequest,
  countOf,
  errors,
  exampleAgent,
  exampleRoom,
  idIn,
  invalidId,
  millis,
  notFound,
  succeeded,
  successOf,
  text,
  toMicros,
  uuidOf,
} from '../agents/declared.ts';
import { entityOf } from '../agents/run-routes.ts';
import { alsoAt } from '../also-at.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { isRecord } from '../fields.ts';
import { asAgent } from '../messaging/acting.ts';
import type { RoomFinder } from './room.ts';
import { ByRoom } from './room-routes.ts';

type Deps = Pick<ElizaDeps, 'agents' | 'records'> & { readonly rooms: RoomFinder };

const exampleMemory = '0193a1f0-9bff-7a90-8c7e-1f2a3b4c5d80';
const roomMemoriesByDefault = 20;

const Memory = Type.Object({
  id: text(exampleMemory),
  type: text('messages', 'The table that it is in'),
  createdAt: millis('When it was made'),
  content: Type.Record(Type.String(), Type.Unknown(), { examples: [{ text: 'The ship is in.' }] }),
  entityId: text(exampleAgent, 'Who said it'),
  agentId: text(exampleAgent),
  roomId: text(exampleRoom),
  worldId: Type.Optional(text('0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b20')),
  unique: Type.Boolean({ examples: [true] }),
  metadata: Type.Record(Type.String(), Type.Unknown(), { examples: [{ type: 'message' }] }),
});
const Memories = Type.Object({ memories: Type.Array(Memory) });
const Query = Type.Object({
  tableName: Type.Optional(text('messages', 'Default `messages`')),
  channelId: Type.Optional(text('6185c440-4f7b-4dcd-b51f-9da59fb92dab', 'The agent’s room of this channel')),
  roomId: Type.Optional(text(exampleRoom)),
  includeEmbedding: Type.Optional(text('false', 'There are none')),
  limit: Type.Optional(text('100')),
});
const RoomQuery = Type.Object({
  tableName: Type.Optional(text('messages', 'Default `messages`')),
  limit: Type.Optional(text('20', 'Default 20')),
  before: Type.Optional(text('1795168800123', 'Milliseconds or RFC 3339, exclusive')),
  includeEmbedding: Type.Optional(text('false', 'There are none')),
});
const Done = Type.Object({ message: text('Memory deleted successfully') });
const ByMemory = Type.Object({ ...ByAgent.properties, memoryId: text(exampleMemory) });
const all = '/api/memory/:agentId/memories';
const one = '/api/memory/:agentId/memories/:memoryId';

export function memoryRoutesOf(deps: Deps): readonly Operation[] {
  const ofRoom = '/api/agents/:agentId/rooms/:roomId/memories';
  return [
    listRoute(deps),
    ...alsoAt(roomRoute(deps), ofRoom, '/api/rooms/:agentId/:roomId/memories'),
    changeRoute(deps),
    deleteRoute(deps),
    clearRoute(deps),
    ...alsoAt(clearRoomRoute(deps), '/api/memory/:agentId/rooms/:roomId'),
  ];
}

function listRoute(deps: Deps): Operation {
  const schemas = { params: ByAgent, query: Query };
  return operation(
    {
      ...{ id: 'eliza.listMemories', method: 'GET', path: all, access: 'principal', schemas },
      summary: 'The newest memories of a running agent',
      responses: {
        200: { description: 'Memories', schema: successOf(Memories) },
        ...errors(400, 403, 404, 503),
      },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await runningAgentOf(deps, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const { channelId, roomId, tableName, limit } = request.query;
      const channel = uuidOf(channelId, 'channel');
      if (channel instanceof Problem) return channel;
      const given = channel === null ? uuidOf(roomId, 'room') : deps.records.roomOf(channel, agent.id);
      if (given instanceof Problem) return given;
      const reader = await readerOf(deps, caller, agent.id, given, request.env);
      return await answer(deps, reader, {
        ...queryOf(agent.id, tableName, entityOf(request)),
        ...(given === null ? {} : { room: given }),
        limit: countOf(limit, limits.agentRecordsPageMax, limits.agentRecordsPageMax),
      });
    },
  );
}

function roomRoute(deps: Deps): Operation {
  const schemas = { params: ByRoom, query: RoomQuery };
  return operation(
    {
      ...{ id: 'eliza.roomMemories', method: 'GET', path: '/api/memory/:agentId/rooms/:roomId/memories' },
      ...{ access: 'principal', schemas },
      summary: 'The newest memories of one channel, or of one of the agent’s rooms',
      responses: {
        200: { description: 'Memories', schema: successOf(Memories) },
        ...errors(400, 403, 404, 503),
      },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await runningAgentOf(deps, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const channel = canonicalUuid(request.params.roomId);
      if (channel === null) return invalidId('agent ID or channel');
      const { tableName, limit, before } = request.query;
      const until = toMicros(before);
      const query = {
        ...queryOf(agent.id, tableName, entityOf(request)),
        limit: countOf(limit, roomMemoriesByDefault, limits.agentRecordsPageMax),
        ...(until === null ? {} : { before: until }),
      };
      const reader = await readerOf(deps, caller, agent.id, channel, request.env);
      const room = deps.records.roomOf(channel, agent.id);
      const found = await deps.records.memories(reader, { ...query, room });
      if (found instanceof Problem) return found;
      // The official client names rooms by the agent's own id as well.
      return found.length > 0
        ? succeeded({ memories: found.map(encodeMemory) })
        : await answer(deps, reader, { ...query, room: channel });
    },
  );
}

function changeRoute({ agents, records }: Deps): Operation {
  const body = Type.Record(Type.String(), Type.Unknown());
  const schemas = { params: ByMemory, body };
  const Changed = Type.Object({ id: text(exampleMemory), message: text('Memory updated successfully') });
  return operation(
    {
      ...{ id: 'eliza.changeMemory', method: 'PATCH', path: one, access: 'principal', schemas },
      summary: 'Change fields of a memory',
      responses: {
        200: { description: 'It is changed', schema: successOf(Changed) },
        ...errors(400, 403, 404, 413, 503),
      },
      example: { body: { content: { text: 'The ship is out.' } } },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await runningAgentOf({ agents }, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const id = canonicalUuid(request.params.memoryId);
      if (id === null) return invalidId('agent ID or memory');
      const changes = changesIn(request.body);
      if (changes instanceof Problem) return changes;
      const changed = await records.changeMemory(caller, agent.id, id, changes);
      if (changed instanceof Problem) return changed.code === 'not_found' ? noMemory() : changed;
      return succeeded({ id, message: 'Memory updated successfully' });
    },
  );
}

function deleteRoute({ agents, records }: Deps): Operation {
  const schemas = { params: ByMemory };
  return operation(
    {
      ...{ id: 'eliza.deleteMemory', method: 'DELETE', path: one, access: 'principal', schemas },
      summary: 'Delete a memory',
      responses: {
        200: { description: 'It is gone', schema: successOf(Done) },
        ...errors(400, 403, 404, 503),
      },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await runningAgentOf({ agents }, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const id = canonicalUuid(request.params.memoryId);
      if (id === null) return invalidId('agent ID or memory');
      const deleted = await records.deleteMemory(caller, agent.id, id);
      if (deleted instanceof Problem) return deleted;
      return deleted ? succeeded({ message: 'Memory deleted successfully' }) : noMemory();
    },
  );
}

function clearRoute({ agents, records }: Deps): Operation {
  const schemas = { params: ByAgent };
  const Cleared = Type.Object({
    deleted: Type.Integer({ examples: [12] }),
    message: text('All agent memories cleared successfully'),
  });
  return operation(
    {
      ...{ id: 'eliza.clearMemories', method: 'DELETE', path: all, access: 'principal', schemas },
      summary: 'Delete all memories of a running agent',
      responses: {
        200: { description: 'They are gone', schema: successOf(Cleared) },
        ...errors(400, 403, 404, 503),
      },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await runningAgentOf({ agents }, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const deleted = await records.deleteMemories(caller, agent.id, null);
      if (deleted instanceof Problem) return deleted;
      return succeeded({ deleted, message: 'All agent memories cleared successfully' });
    },
  );
}

function clearRoomRoute({ agents, records }: Deps): Operation {
  const schemas = { params: ByRoom };
  const path = '/api/memory/:agentId/memories/all/:roomId';
  return operation(
    {
      ...{ id: 'eliza.clearRoomMemories', method: 'DELETE', path, access: 'principal', schemas },
      summary: 'Delete the memories of one room, by the agent’s id for it or by its channel',
      responses: { 204: { description: 'They are gone', schema: null }, ...errors(400, 403, 404, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await runningAgentOf({ agents }, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const room = canonicalUuid(request.params.roomId);
      if (room === null) return invalidId('room');
      // One id is never both: what is a channel's has no memories of its own.
      for (const id of [room, records.roomOf(room, agent.id)]) {
        const deleted = await records.deleteMemories(caller, agent.id, id);
        if (deleted instanceof Problem) return deleted;
      }
      return { status: 204 };
    },
  );
}

/**
 * As whom the memories are read: who takes part in a conversation reads what an agent remembers of it; of others
 * nobody but those who manage agents.
 */
async function readerOf(
  { rooms }: Deps,
  caller: Principal,
  agent: PrincipalId,
  room: string | null,
  env: string | null,
): Promise<Principal> {
  if (room === null || isManager(caller)) return caller;
  const found = await rooms.find(caller, agent, room, env);
  return found instanceof Problem ? caller : asAgent(caller, agent);
}

function queryOf(agent: PrincipalId, tableName: string | undefined, entity: PrincipalId | null) {
  const table = tableName === undefined || tableName === '' ? 'messages' : tableName;
  return { agent, table, ...(entity === null ? {} : { entity }) };
}

async function answer({ records }: Deps, reader: Principal, query: MemoryQuery) {
  const found = await records.memories(reader, query);
  return found instanceof Problem ? found : succeeded({ memories: found.map(encodeMemory) });
}

/** A text is content, too. Of what else there may be in it nothing can be changed. */
function changesIn(body: Readonly<Record<string, unknown>>): MemoryChanges | Problem {
  const { content, metadata, unique } = body;
  const words = typeof content === 'string' ? { text: content } : content;
  if (words !== undefined && !isRecord(words)) return badRequest('content must be an object');
  if (metadata !== undefined && !isRecord(metadata)) return badRequest('metadata must be an object');
  if (unique !== undefined && typeof unique !== 'boolean') return badRequest('unique must be true or false');
  const [room, entity, world] = ['room', 'entity', 'world'].map((what) => idIn(body, `${what}Id`, what));
  const strange = [room, entity, world].find((id) => id instanceof Problem);
  if (strange instanceof Problem) return strange;
  return {
    ...(words === undefined ? {} : { content: words }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(unique === undefined ? {} : { isUnique: unique }),
    ...(typeof room === 'string' ? { room } : {}),
    ...(typeof entity === 'string' ? { entity } : {}),
    ...(typeof world === 'string' ? { world } : {}),
  };
}

function encodeMemory(memory: AgentMemory): Static<typeof Memory> {
  const { id, table, createdAt, content, entity, agent, room, world, isUnique, metadata } = memory;
  return {
    ...{ id, type: table, createdAt: msOf(createdAt), content, entityId: entity, agentId: agent },
    ...{ roomId: room, ...(world === null ? {} : { worldId: world }), unique: isUnique, metadata },
  };
}

const noMemory = (): Problem => notFound('Memory not found');
