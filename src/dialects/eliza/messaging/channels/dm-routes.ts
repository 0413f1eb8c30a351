/** The channel of two: found, or made (eliza.md §3). */
import { type Operation, operation, type Reply } from '../../../../contract/operation.ts';
import type { PrincipalId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { defaultServer } from '../../wire.ts';
import { actsForServer, type Said, saidIn } from '../acting.ts';
import { invalid, uuidIn } from '../messages/decode-message.ts';
import { errors } from '../refusals.ts';
import { findServer } from '../servers/message-server.ts';
import type { Channel } from './channel.ts';
import { answerChannel } from './channel-routes.ts';
import { createChannel, type NewChannel } from './create-channel.ts';
import { DmPath, DmQuery, OneChannel } from './wire.ts';

export function dmRoutes(deps: ElizaDeps): readonly Operation[] {
  return [
    operation(
      {
        id: 'eliza.directChannel',
        method: 'GET',
        path: '/api/messaging/dm-channel',
        summary: 'The channel of two principals, made where there is none',
        access: 'principal',
        schemas: { query: DmQuery },
        responses: { 200: { description: 'Theirs', schema: OneChannel }, ...errors(400, 401, 403, 429, 503) },
      },
      (request) => {
        const { query } = request;
        const pair = [uuidIn(query.currentUserId), uuidIn(query.targetUserId)] as const;
        return answerPair(deps, callerOf(request), pair, uuidIn(query.dmServerId), saidIn(request));
      },
    ),
    operation(
      {
        ...{ id: 'eliza.directChannelNamed', method: 'POST', isAlias: true },
        path: '/api/messaging/dm/:agentId/:userId',
        summary: 'The channel of an agent and a person, made where there is none',
        access: 'principal',
        schemas: { params: DmPath },
        responses: { 200: { description: 'Theirs', schema: OneChannel }, ...errors(400, 401, 403, 429, 503) },
      },
      (request) => {
        const { params } = request;
        const pair = [uuidIn(params.userId), uuidIn(params.agentId)] as const;
        return answerPair(deps, callerOf(request), pair, null, saidIn(request));
      },
    ),
  ];
}

/** Who may not speak for others is one of the two. */
async function answerPair(
  deps: ElizaDeps,
  caller: Principal,
  [current, target]: readonly [PrincipalId | null, PrincipalId | null],
  asked: string | null,
  said: Said,
): Promise<Reply | Problem> {
  if (current === null || target === null) return invalid('Missing targetUserId or currentUserId');
  if (current === target) return invalid('Cannot create DM channel with oneself');
  if (!actsForServer(caller) && current !== caller.id && target !== caller.id) {
    return new Problem('forbidden', 'The channel must be one of the caller.', { reason: 'other_author' });
  }
  const known = asked === null ? null : await findServer(deps, caller.tenant, asked);
  if (known instanceof Problem) return known;
  const pair = [current, target].sort() as [PrincipalId, PrincipalId];
  const found = await directChannel(deps, caller, pair, known?.id ?? defaultServer, said);
  return found instanceof Problem ? found : answerChannel(found);
}

/** Its id follows from the two and the server; where it was deleted, or one of them has left it, the next one. */
async function directChannel(
  deps: ElizaDeps,
  caller: Principal,
  pair: readonly [PrincipalId, PrincipalId],
  server: string,
  said: Said,
): Promise<Channel | Problem> {
  const [user1, user2] = pair;
  const wanted: Omit<NewChannel, 'id'> = {
    ...{
      server,
      name: `DM-${user1}-${user2}`,
      facts: { type: 'DM' },
      metadata: { user1, user2, isDm: true },
    },
    ...{ participants: pair, isUnique: true },
  };
  const env = said.env ?? 'dev';
  for (let generation = 0; generation < limits.directRoundsMax; generation += 1) {
    const id = deps.ids.fromName(
      JSON.stringify(['eliza/dm', caller.tenant, server, env, said.service, user1, user2, generation]),
    );
    const made = await createChannel(deps, caller, { ...wanted, id }, said);
    if (!(made instanceof Problem)) return made;
    if (made.code !== 'conflict') return made;
  }
  return new Problem('conflict', 'The two have deleted their channel too often.');
}
