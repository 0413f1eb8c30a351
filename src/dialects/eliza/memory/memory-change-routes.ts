/** What agents remember, changed and forgotten (eliza.md §4, Memory and rooms). */
import { Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import { canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { MemoryChanges } from '../../../ports/agents/agent-records.ts';
import { runningAgentOf } from '../agents/agent-of.ts';
import {
  ByAgent,
  badRequest,
  errors,
  idIn,
  invalidId,
  notFound,
  succeeded,
  successOf,
  text,
} from '../agents/declared.ts';
import { alsoAt } from '../also-at.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { isRecord } from '../fields.ts';
import { exampleMemory } from './memory-routes.ts';
import { ByRoom } from './room-routes.ts';

type Deps = Pick<ElizaDeps, 'agents' | 'records'>;

const Done = Type.Object({ message: text('Memory deleted successfully') });
const ByMemory = Type.Object({ ...ByAgent.properties, memoryId: text(exampleMemory) });
const all = '/api/memory/:agentId/memories';
const one = '/api/memory/:agentId/memories/:memoryId';

export function memoryChangeRoutes(deps: Deps): readonly Operation[] {
  return [
    changeRoute(deps),
    deleteRoute(deps),
    clearRoute(deps),
    ...alsoAt(clearRoomRoute(deps), '/api/memory/:agentId/rooms/:roomId'),
  ];
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
      const named = await memoryOfPath({ agents }, request);
      if (named instanceof Problem) return named;
      const { caller, agent, id } = named;
      const changes = changesIn(request.body);
      if (changes instanceof Problem) return changes;
      const changed = await records.changeMemory(caller, agent, id, changes);
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
      const named = await memoryOfPath({ agents }, request);
      if (named instanceof Problem) return named;
      const { caller, agent, id } = named;
      const deleted = await records.deleteMemory(caller, agent, id);
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

/** Which memory a path names, of a running agent; nobody has looked whether there is such a one. */
async function memoryOfPath(
  deps: Pick<Deps, 'agents'>,
  request: Pick<RequestOf<{ params: typeof ByMemory }>, 'params' | 'principal' | 'orgId'>,
): Promise<{ readonly caller: Principal; readonly agent: PrincipalId; readonly id: string } | Problem> {
  const { agentId, memoryId } = request.params;
  const caller = callerOf(request);
  const agent = await runningAgentOf(deps, caller, agentId);
  if (agent instanceof Problem) return agent;
  const id = canonicalUuid(memoryId);
  return id === null ? invalidId('agent ID or memory') : { caller, agent: agent.id, id };
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

const noMemory = (): Problem => notFound('Memory not found');
