/** What agents remember (eliza.md §4, Memory and rooms), read. */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import { canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { isManager, type Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { msOf } from '../../../domain/time.ts';
import type { AgentMemory, MemoryQuery } from '../../../ports/agents/agent-records.ts';
import { runningAgentOf } from '../agents/agent-of.ts';
import {
  ByAgent,
  countOf,
  errors,
  exampleAgent,
  exampleRoom,
  invalidId,
  millis,
  succeeded,
  successOf,
  text,
  toMicros,
  uuidOf,
} from '../agents/declared.ts';
import { alsoAt } from '../also-at.ts';
import { callerOf, entityOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { asAgent } from '../messaging/acting.ts';
import type { RoomFinder } from './room.ts';
import { ByRoom } from './room-routes.ts';

type Deps = Pick<ElizaDeps, 'agents' | 'records'> & { readonly rooms: RoomFinder };

export const exampleMemory = '0193a1f0-9bff-7a90-8c7e-1f2a3b4c5d80';
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
const all = '/api/memory/:agentId/memories';

export function memoryRoutesOf(deps: Deps): readonly Operation[] {
  const ofRoom = '/api/agents/:agentId/rooms/:roomId/memories';
  return [listRoute(deps), ...alsoAt(roomRoute(deps), ofRoom, '/api/rooms/:agentId/:roomId/memories')];
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

function encodeMemory(memory: AgentMemory): Static<typeof Memory> {
  const { id, table, createdAt, content, entity, agent, room, world, isUnique, metadata } = memory;
  return {
    ...{ id, type: table, createdAt: msOf(createdAt), content, entityId: entity, agentId: agent },
    ...{ roomId: room, ...(world === null ? {} : { worldId: world }), unique: isUnique, metadata },
  };
}
