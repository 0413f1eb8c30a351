/**
 * Groups: one conversation of several agents, whose id is that of a message server; each agent has it under its own
 * room id (eliza.md §4).
 */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import { canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { isManager, type Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ManagedAgent } from '../../../ports/agents/agents.ts';
import { runningAgentOf } from '../agents/agent-of.ts';
import {
  badRequest,
  errors,
  exampleAgent,
  exampleRoom,
  idIn,
  invalidId,
  notFound,
  text,
} from '../agents/declared.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { isName } from '../fields.ts';
import { asAgent, contextOf, type Said, saidIn } from '../messaging/acting.ts';
import { type Channel, serverOf } from '../messaging/channels/channel.ts';
import { createChannel } from '../messaging/channels/create-channel.ts';
import { refuseServer } from '../messaging/servers/message-server.ts';
import { encodeRoom, metadataIn } from './room.ts';
import { isWord } from './room-routes.ts';

type Deps = Pick<
  ElizaDeps,
  'agents' | 'records' | 'worlds' | 'servers' | 'bus' | 'directory' | 'ids' | 'clock'
>;

const exampleGroup = '6185c440-4f7b-4dcd-b51f-9da59fb92dab';
const ByGroup = Type.Object({ groupId: text(exampleGroup) });
const Body = Type.Record(Type.String(), Type.Unknown());
const Room = Type.Object({
  id: text(exampleRoom),
  name: text('Harbour'),
  source: text('client'),
  worldId: text('0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b20'),
  type: text('API'),
  agentId: text(exampleAgent),
});
const Failed = Type.Object({
  agentId: text(exampleAgent),
  code: text('NOT_FOUND'),
  message: text('Agent not found'),
});
const Made = Type.Object({ success: Type.Literal(true), data: Type.Array(Room) });
const Mixed = Type.Object({
  success: Type.Literal(false),
  data: Type.Array(Room),
  errors: Type.Array(Failed),
});
const path = '/api/memory/groups/:groupId';

export function groupRoutes(deps: Deps): readonly Operation[] {
  return [createRoute(deps), deleteRoute(deps), clearRoute(deps)];
}

function createRoute(deps: Deps): Operation {
  const schemas = { params: ByGroup, body: Body };
  return operation(
    {
      ...{ id: 'eliza.createGroup', method: 'POST', path, access: 'principal', schemas },
      summary: 'Bring running agents together in one conversation; those that are there already stay',
      responses: {
        201: { description: 'The room of each', schema: Made },
        207: { description: 'Some are no running agents', schema: Mixed },
        ...errors(400, 403, 404, 409, 413, 503),
      },
      example: { body: { agentIds: [exampleAgent], name: 'Harbour' } },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const wanted = wantedGroup(request.params.groupId, request.body);
      if (wanted instanceof Problem) return wanted;
      if (!isManager(caller)) return new Problem('forbidden');
      const unknown = await refuseServer(deps, caller.tenant, wanted.id);
      if (unknown !== null) return unknown;
      const found = await Promise.all(wanted.agentIds.map((id) => runningAgentOf(deps, caller, id)));
      const away = found.find((one) => one instanceof Problem && one.status >= 500);
      if (away instanceof Problem) return away;
      const agents = found.filter((one): one is ManagedAgent => !(one instanceof Problem));
      if (agents.length === 0) return notFound('Agent not found');
      const channel = await gather(deps, caller, wanted, agents, saidIn(request));
      if (channel instanceof Problem) return channel;
      const data = agents.map(({ id }) => encodeGroupRoom(deps, id, channel));
      const missing = wanted.agentIds.filter((_, at) => found[at] instanceof Problem);
      const failed = missing.map((agentId) => ({ agentId, code: 'NOT_FOUND', message: 'Agent not found' }));
      return failed.length === 0
        ? { status: 201, body: { success: true, data } }
        : { status: 207, body: { success: false, data, errors: failed } };
    },
  );
}

function deleteRoute(deps: Deps): Operation {
  const schemas = { params: ByGroup };
  return operation(
    {
      ...{ id: 'eliza.deleteGroup', method: 'DELETE', path, access: 'principal', schemas },
      summary: 'End the conversation of a group',
      responses: { 204: { description: 'It is gone', schema: null }, ...errors(400, 403, 404, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const group = await groupOf(deps, caller, request.params.groupId);
      if (group instanceof Problem) return group;
      const command = { op: 'conversation.delete', managersMay: true } as const;
      const context = deps.bus.context(group.ref.conversation, contextOf(saidIn(request)));
      const outcome = await deps.bus.dispatch(ownerOf(caller, group), command, context);
      return outcome instanceof Problem ? outcome : { status: 204 };
    },
  );
}

function clearRoute(deps: Deps): Operation {
  const schemas = { params: ByGroup };
  return operation(
    {
      ...{ id: 'eliza.clearGroupMemories', method: 'DELETE', path: `${path}/memories`, schemas },
      ...{ access: 'principal', summary: 'Delete what the agents of a group remember of it' },
      responses: { 204: { description: 'It is forgotten', schema: null }, ...errors(400, 403, 404, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const group = await groupOf(deps, caller, request.params.groupId);
      if (group instanceof Problem) return group;
      for (const { id, kind } of group.state.participants.values()) {
        if (kind !== 'agent') continue;
        const room = deps.records.roomOf(group.ref.conversation, id);
        const deleted = await deps.records.deleteMemories(caller, id, room);
        if (deleted instanceof Problem) return deleted;
      }
      return { status: 204 };
    },
  );
}

interface WantedGroup {
  readonly id: string;
  readonly agentIds: readonly PrincipalId[];
  readonly name: string | null;
  readonly worldId: string | null;
  readonly source: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

function wantedGroup(groupId: string, body: Static<typeof Body>): WantedGroup | Problem {
  const { agentIds, name, source = 'client' } = body;
  if (!Array.isArray(agentIds) || agentIds.length === 0)
    return badRequest('agentIds must be a non-empty array');
  if (agentIds.length > limits.groupAgentsMax || !agentIds.every((id) => typeof id === 'string')) {
    return badRequest(`agentIds are ids, ${limits.groupAgentsMax} at most`);
  }
  const id = canonicalUuid(groupId);
  if (id === null) return invalidId('messageServerId');
  const worldId = idIn(body, 'worldId', 'world');
  if (worldId instanceof Problem) return worldId;
  const metadata = metadataIn(body['metadata']);
  if (metadata === null) return badRequest('metadata must be an object');
  if (!isWord(source)) return badRequest('source must be a short text');
  if (name !== undefined && name !== null && !isName(name)) return badRequest('name must be a text');
  const unique = [...new Set(agentIds as string[])];
  return { id, agentIds: unique, name: isName(name) ? name : null, worldId, source, metadata };
}

/** The conversation with all of them in it. A world that is named is there for each of them then. */
async function gather(
  deps: Deps,
  caller: Principal,
  wanted: WantedGroup,
  agents: readonly ManagedAgent[],
  said: Said,
): Promise<Channel | Problem> {
  const { id, worldId, source, metadata } = wanted;
  const there = await deps.bus.stateOf(caller.tenant, id);
  if (there instanceof Problem) return there;
  if (there !== null && !isGroup(there)) return noGroup();
  for (const agent of worldId === null ? [] : agents) {
    const world = { id: worldId ?? '', agent: agent.id, name: source, server: id, metadata: {} };
    const made = await deps.worlds.create(caller, world);
    if (made instanceof Problem) return made;
  }
  const ids = agents.map((agent) => agent.id);
  if (there !== null) return await addMissing(deps, caller, there, ids, said);
  const facts = { type: 'API', sourceType: source, ...(worldId === null ? {} : { worldId }) };
  const name = wanted.name ?? `Group ${id.slice(0, 8)}`;
  const made = { id, server: id, name, facts, metadata, participants: ids, isUnique: true };
  return await createChannel(deps, asAgent(caller, ids[0] ?? ''), made, said);
}

async function addMissing(
  { bus }: Deps,
  caller: Principal,
  group: Channel,
  ids: readonly PrincipalId[],
  said: Said,
): Promise<Channel | Problem> {
  const missing = ids.filter((id) => !group.state.participants.has(id));
  if (missing.length === 0) return group;
  const participants = missing.map((id) => ({ id, kind: 'agent', role: 'member' }) as const);
  const command = { op: 'participants.add', participants } as const;
  const context = bus.context(group.ref.conversation, contextOf(said));
  return await bus.dispatch(ownerOf(caller, group), command, context);
}

/** For who manages agents; what other APIs made under that id is no group. */
async function groupOf(deps: Deps, caller: Principal, groupId: string): Promise<Channel | Problem> {
  const id = canonicalUuid(groupId);
  if (id === null) return invalidId('messageServerId (worldId)');
  if (!isManager(caller)) return new Problem('forbidden');
  const found = await deps.bus.stateOf(caller.tenant, id);
  if (found instanceof Problem) return found;
  return found === null || !isGroup(found) ? noGroup() : found;
}

/** A group belongs to the message server whose id it has. */
function isGroup({ state, ref }: Channel): boolean {
  return serverOf(state) === ref.conversation;
}

function ownerOf(caller: Principal, { state }: Channel): Principal {
  const all = [...state.participants.values()];
  const owner = all.find(({ role }) => role === 'owner') ?? all[0];
  return owner === undefined ? caller : { ...asAgent(caller, owner.id), kind: owner.kind };
}

function encodeGroupRoom(deps: Deps, agent: PrincipalId, { ref, state }: Channel): Static<typeof Room> {
  const { id, name, worldId, type } = encodeRoom(deps, agent, ref, state);
  return { id, name, source: 'client', worldId, type, agentId: agent };
}

const noGroup = (): Problem => notFound('Group not found');
