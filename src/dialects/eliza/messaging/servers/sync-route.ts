/** Channels that a bridge to another messenger knows, made where they are missing (the official client asks for it). */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { alsoAt } from '../../also-at.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { isRecord } from '../../fields.ts';
import { type Said, saidIn } from '../acting.ts';
import { createChannel } from '../channels/create-channel.ts';
import { decodeWord, invalid, isGiven, uuidIn } from '../messages/decode-message.ts';
import { errors, succeeded, successOf } from '../refusals.ts';
import { findServer, noServer } from './message-server.ts';
import { ByServer, SyncRequest } from './wire.ts';

const path = '/sync-channels';

export function syncRoutes(deps: ElizaDeps): readonly Operation[] {
  const sync = operation(
    {
      id: 'eliza.syncChannels',
      method: 'POST',
      path: `/api/messaging/message-servers/:serverId${path}`,
      summary: 'Makes channels of a message server that are known elsewhere and missing here',
      access: 'principal',
      schemas: { params: ByServer, body: SyncRequest },
      responses: {
        200: {
          description: 'How many of them are there now',
          schema: successOf(Type.Object({ synced: Type.Integer({ examples: [1] }) })),
        },
        ...errors(400, 401, 403, 404, 429, 503),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const id = uuidIn(request.params.serverId);
      if (id === null) return invalid('Invalid serverId');
      const wanted = decodeSync(request.body);
      if (wanted instanceof Problem) return wanted;
      const server = await findServer(deps, caller.tenant, id);
      if (server === null) return noServer(id);
      if (server instanceof Problem) return server;
      for (const one of wanted) {
        const failed = await makeChannel(
          deps,
          caller,
          server.id,
          { ...one, sourceType: server.sourceType },
          saidIn(request),
        );
        if (failed !== null) return failed;
      }
      return succeeded({ synced: wanted.length });
    },
  );
  return alsoAt(
    sync,
    `/api/messaging/servers/:serverId${path}`,
    `/api/messaging/central-servers/:serverId${path}`,
  );
}

interface KnownElsewhere {
  readonly name: string;
  readonly type: string;
  readonly sourceId: string;
}

function decodeSync({ channels = [] }: Static<typeof SyncRequest>): readonly KnownElsewhere[] | Problem {
  const { channelsSyncedMax: max } = limits;
  if (!Array.isArray(channels) || channels.length > max)
    return invalid(`channels must be an array of at most ${max}`);
  const decoded: KnownElsewhere[] = [];
  for (const one of channels as readonly unknown[]) {
    const { name, type, sourceId } = isRecord(one) ? one : {};
    const texts = [decodeWord(name, 'name'), decodeWord(type, 'type'), decodeWord(sourceId, 'sourceId')];
    const refused = texts.find((text) => text instanceof Problem);
    if (refused instanceof Problem) return refused;
    if (!isGiven(name) || !isGiven(sourceId)) return invalid('Each channel needs name and sourceId');
    decoded.push({
      name: String(name),
      type: isGiven(type) ? String(type) : 'GROUP',
      sourceId: String(sourceId),
    });
  }
  return decoded;
}

/** Its id follows from the server and the source: the same one each time. Null where it is there. */
async function makeChannel(
  deps: ElizaDeps,
  caller: Principal,
  server: string,
  { name, type, sourceId, sourceType }: KnownElsewhere & { readonly sourceType: string },
  said: Said,
): Promise<Problem | null> {
  const id = deps.ids.fromName(JSON.stringify(['eliza/synced', caller.tenant, server, sourceId]));
  const wanted = {
    id,
    server,
    name,
    facts: { type, sourceType, sourceId },
    metadata: {},
    participants: [caller.id],
  };
  const made = await createChannel(deps, caller, { ...wanted, isUnique: true }, said);
  // Somebody else's, or one that was deleted here: it stays what it is.
  return made instanceof Problem && made.code !== 'conflict' ? made : null;
}
