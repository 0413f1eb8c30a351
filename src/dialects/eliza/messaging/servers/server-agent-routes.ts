/** Which agents belong to which message servers, and the channels of one (eliza.md §3). */
import { Type } from '@sinclair/typebox';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { hasScope } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { alsoAt } from '../../also-at.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { channelsOf } from '../channels/channels-of.ts';
import { encodeChannel } from '../channels/encode-channel.ts';
import { ChannelRow } from '../channels/wire.ts';
import { invalid, uuidIn } from '../messages/decode-message.ts';
import { errors, succeeded, successOf } from '../refusals.ts';
import { refuseAdministration, refuseServer } from './message-server.ts';
import {
  AgentRequest,
  ByAgent,
  ByServer,
  ByServerAndAgent,
  ServerAgent,
  ServerAgents,
  ServersOfAgent,
} from './wire.ts';

const path = '/api/messaging/message-servers/:serverId';
const short = '/api/messaging/servers/:serverId';
const central = '/api/messaging/central-servers/:serverId';

export function serverAgentRoutes(deps: ElizaDeps): readonly Operation[] {
  return [
    ...alsoAt(list(deps), `${short}/agents`),
    ...alsoAt(add(deps), `${short}/agents`),
    ...alsoAt(addNamed(deps), `${short}/agents/:agentId`),
    ...alsoAt(remove(deps), `${short}/agents/:agentId`),
    ...alsoAt(listChannels(deps), `${short}/channels`, `${central}/channels`),
    ofAgent(deps),
  ];
}

function list(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listServerAgents',
      method: 'GET',
      path: `${path}/agents`,
      summary: 'Agents that belong to a message server',
      access: 'principal',
      schemas: { params: ByServer },
      responses: {
        200: { description: 'Their ids', schema: ServerAgents },
        ...errors(400, 401, 404, 429, 503),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const server = uuidIn(request.params.serverId);
      if (server === null) return invalid('Invalid serverId format');
      const refused = await refuseServer(deps, tenant, server);
      if (refused !== null) return refused;
      const agents = await deps.servers.agentsOf(tenant, server);
      return agents instanceof Problem ? agents : succeeded({ messageServerId: server, agents });
    },
  );
}

type Request = Parameters<typeof callerOf>[0];

async function change(
  deps: ElizaDeps,
  request: Request,
  [serverId, agentId]: readonly [unknown, unknown],
  what: 'added' | 'removed',
) {
  const caller = callerOf(request);
  const [server, agent] = [uuidIn(serverId), uuidIn(agentId)];
  if (server === null || agent === null) return invalid('Invalid serverId or agentId format');
  const refused = refuseAdministration(caller) ?? (await refuseServer(deps, caller.tenant, server));
  if (refused !== null) return refused;
  const failed =
    what === 'added'
      ? await deps.servers.addAgent(caller.tenant, server, agent, deps.clock.nowMicros())
      : await deps.servers.removeAgent(caller.tenant, server, agent);
  if (failed !== null) return failed;
  const message = `Agent ${what} ${what === 'added' ? 'to' : 'from'} message server successfully`;
  return succeeded({ messageServerId: server, agentId: agent, message }, what === 'added' ? 201 : 200);
}

function add(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.addServerAgent',
      method: 'POST',
      path: `${path}/agents`,
      summary: 'Lets an agent belong to a message server (services, administrators)',
      access: 'principal',
      schemas: { params: ByServer, body: AgentRequest },
      responses: {
        201: { description: 'It does now, or did already', schema: ServerAgent },
        ...errors(400, 401, 403, 404, 409, 429, 503),
      },
    },
    (request) => change(deps, request, [request.params.serverId, request.body.agentId], 'added'),
  );
}

/** As the published documents have it: the agent in the path. */
function addNamed(deps: ElizaDeps): Operation {
  return operation(
    {
      ...{ id: 'eliza.addServerAgentNamed', method: 'POST', isAlias: true },
      path: `${path}/agents/:agentId`,
      summary: 'Lets an agent belong to a message server (services, administrators)',
      access: 'principal',
      schemas: { params: ByServerAndAgent },
      responses: {
        201: { description: 'It does now, or did already', schema: ServerAgent },
        ...errors(400, 401, 403, 404, 409, 429, 503),
      },
    },
    (request) => change(deps, request, [request.params.serverId, request.params.agentId], 'added'),
  );
}

function remove(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.removeServerAgent',
      method: 'DELETE',
      path: `${path}/agents/:agentId`,
      summary: 'Ends that an agent belongs to a message server (services, administrators)',
      access: 'principal',
      schemas: { params: ByServerAndAgent },
      responses: {
        200: { description: 'It does not now, or never did', schema: ServerAgent },
        ...errors(400, 401, 403, 404, 429, 503),
      },
    },
    (request) => change(deps, request, [request.params.serverId, request.params.agentId], 'removed'),
  );
}

function ofAgent(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listServersOfAgent',
      method: 'GET',
      path: '/api/messaging/agents/:agentId/message-servers',
      summary: 'Message servers that an agent belongs to',
      access: 'principal',
      schemas: { params: ByAgent },
      responses: {
        200: { description: 'Their ids', schema: ServersOfAgent },
        ...errors(400, 401, 429, 503),
      },
    },
    async (request) => {
      const agentId = uuidIn(request.params.agentId);
      if (agentId === null) return invalid('Invalid agentId format');
      const messageServers = await deps.servers.serversOf(callerOf(request).tenant, agentId);
      return messageServers instanceof Problem ? messageServers : succeeded({ agentId, messageServers });
    },
  );
}

const Channels = successOf(Type.Object({ channels: Type.Array(ChannelRow) }));

function listChannels(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listServerChannels',
      method: 'GET',
      path: `${path}/channels`,
      summary:
        'Channels of a message server: all of them for services, else those that the caller takes part in',
      access: 'principal',
      schemas: { params: ByServer },
      responses: {
        200: {
          description: 'Newest activity first, at most 1,000; of an unknown server none',
          schema: Channels,
        },
        ...errors(400, 401, 429, 503),
      },
    },
    (request) => channelsAnswer(deps, request, request.params.serverId),
  );
}

async function channelsAnswer(
  deps: ElizaDeps,
  request: Request & { readonly env: string | null },
  id: unknown,
) {
  const caller = callerOf(request);
  const server = uuidIn(id);
  if (server === null) return invalid('Invalid serverId');
  const seesAll = hasScope(caller, 'cap:messaging.observe');
  const found = await channelsOf(deps, caller, server, request, seesAll);
  if (found instanceof Problem) return found;
  const channels = found.map(({ conversation, participants }) =>
    encodeChannel(conversation.ref, conversation, participants),
  );
  return succeeded({ channels });
}
