/** Message servers: listed, made, removed (eliza.md §3). */
import { type Operation, operation } from '../../../../contract/operation.ts';
import { overloaded } from '../../../../domain/limiting/overload.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { alsoAt } from '../../also-at.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { defaultServer } from '../../wire.ts';
import { type Said, saidIn } from '../acting.ts';
import { channelsOf } from '../channels/channels-of.ts';
import { deleteChannel } from '../channels/delete-channel.ts';
import { decodeMetadata, decodeWord, invalid, isGiven, uuidIn } from '../messages/decode-message.ts';
import { errors, succeeded } from '../refusals.ts';
import { allServers, encodeServer, refuseAdministration, refuseServer } from './message-server.ts';
import { ByServer, CentralServers, CurrentServer, MadeServer, ServerRequest, Servers } from './wire.ts';

const path = '/api/messaging/message-servers';

export function serverRoutes(deps: ElizaDeps): readonly Operation[] {
  return [
    current(),
    list(deps),
    ...alsoAt(listCentral(deps), '/api/messaging/servers/central'),
    ...alsoAt(create(deps), '/api/messaging/servers'),
    ...alsoAt(remove(deps), '/api/messaging/servers/:serverId'),
  ];
}

function current(): Operation {
  return operation(
    {
      id: 'eliza.currentServer',
      method: 'GET',
      path: '/api/messaging/message-server/current',
      summary: 'The message server that clients make their channels on: the default one',
      access: 'principal',
      schemas: {},
      responses: { 200: { description: 'Its id', schema: CurrentServer }, ...errors(401, 429) },
    },
    () => succeeded({ messageServerId: defaultServer }),
  );
}

function list(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listServers',
      method: 'GET',
      path,
      summary: 'Message servers, the default one first',
      access: 'principal',
      schemas: {},
      responses: { 200: { description: 'All of them', schema: Servers }, ...errors(401, 429, 503) },
    },
    async (request) => {
      const all = await allServers(deps, callerOf(request).tenant);
      return all instanceof Problem ? all : succeeded({ messageServers: all.map(encodeServer) });
    },
  );
}

/** The older name of the list has an older key. */
function listCentral(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listCentralServers',
      method: 'GET',
      path: '/api/messaging/central-servers',
      summary: 'Message servers, as older clients ask for them',
      access: 'principal',
      schemas: {},
      responses: { 200: { description: 'All of them', schema: CentralServers }, ...errors(401, 429, 503) },
    },
    async (request) => {
      const all = await allServers(deps, callerOf(request).tenant);
      return all instanceof Problem ? all : succeeded({ servers: all.map(encodeServer) });
    },
  );
}

function create(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.createServer',
      method: 'POST',
      path,
      summary: 'Makes a message server (services, administrators)',
      access: 'principal',
      schemas: { body: ServerRequest },
      responses: {
        201: { description: 'Made', schema: MadeServer },
        ...errors(400, 401, 403, 409, 413, 429, 503),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { body } = request;
      const name = decodeWord(body.name, 'name');
      const sourceType = decodeWord(body.sourceType, 'sourceType');
      const sourceId = decodeWord(body.sourceId, 'sourceId');
      const metadata = decodeMetadata(body.metadata);
      for (const one of [name, sourceType, sourceId, metadata]) if (one instanceof Problem) return one;
      if (!isGiven(name) || !isGiven(sourceType)) return invalid('Missing required fields: name, sourceType');
      const refused = refuseAdministration(caller);
      if (refused !== null) return refused;
      const now = deps.clock.nowMicros();
      const server = {
        ...{ id: deps.ids.next(), name: name as string, sourceType: sourceType as string },
        ...{ sourceId: sourceId as string | null, metadata: metadata as Readonly<Record<string, unknown>> },
        ...{ createdAt: now, updatedAt: now },
      };
      const added = await deps.servers.add(caller.tenant, server);
      return added ?? succeeded({ server: encodeServer(server) }, 201);
    },
  );
}

/** Its channels go with it: they would belong to nothing. */
function remove(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.deleteServer',
      method: 'DELETE',
      path: `${path}/:serverId`,
      summary: 'Removes a message server with its channels (services, administrators); not the default one',
      access: 'principal',
      schemas: { params: ByServer },
      responses: { 204: { description: 'Gone', schema: null }, ...errors(400, 401, 403, 404, 429, 503) },
    },
    async (request) => {
      const caller = callerOf(request);
      const id = uuidIn(request.params.serverId);
      if (id === null) return invalid('Invalid serverId format');
      if (id === defaultServer) return new Problem('forbidden', 'The default server cannot be deleted');
      const refused = refuseAdministration(caller) ?? (await refuseServer(deps, caller.tenant, id));
      if (refused !== null) return refused;
      const failed = await deleteChannelsOf(deps, caller, id, saidIn(request));
      if (failed !== null) return failed;
      const removed = await deps.servers.remove(caller.tenant, id);
      return removed instanceof Problem ? removed : { status: 204 };
    },
  );
}

async function deleteChannelsOf(
  deps: ElizaDeps,
  caller: Principal,
  server: string,
  said: Said,
): Promise<Problem | null> {
  for (let round = 0; round < limits.serverClearRoundsMax; round += 1) {
    const channels = await channelsOf(deps, { ...caller, service: null }, server, { env: null }, true);
    if (channels instanceof Problem) return channels;
    for (const { conversation } of channels) {
      const failed = await deleteChannel(deps, caller, conversation.ref.conversation, said, true);
      if (failed !== null && failed.code !== 'not_found') return failed;
    }
    if (channels.length < limits.channelsListedMax) return null;
  }
  return overloaded('channels_to_delete', 'The server has too many channels to delete at once: ask again.');
}
