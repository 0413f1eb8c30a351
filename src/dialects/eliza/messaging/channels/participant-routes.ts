/** Who takes part in a channel (eliza.md §3). */
import { type Operation, operation } from '../../../../contract/operation.ts';
import { Problem } from '../../../../domain/problem.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { saidIn } from '../acting.ts';
import { aliased } from '../declared.ts';
import { invalid, uuidIn } from '../messages/decode-message.ts';
import { errors, succeeded } from '../refusals.ts';
import { addParticipants, removeParticipant } from './change-participants.ts';
import { readableChannel } from './channel.ts';
import {
  AgentRequest,
  ByChannel,
  ByChannelAndAgent,
  ChannelAgent,
  ChannelAgents,
  Participants,
} from './wire.ts';

const path = '/api/messaging/channels/:channelId';
const badIds = 'Invalid channelId or agentId format';

export function participantRoutes(deps: ElizaDeps): readonly Operation[] {
  return [list(deps), listAgents(deps), add(deps), remove(deps)].flatMap((one) => aliased(one));
}

type Request = Parameters<typeof callerOf>[0] & { readonly env: string | null };

/** Of what is not there for the caller: nobody. */
async function participantsOf(deps: ElizaDeps, request: Request, channel: string) {
  const found = await readableChannel(deps, callerOf(request), channel, request);
  if (!(found instanceof Problem)) return [...found.state.participants.keys()];
  return found.code === 'not_found' ? [] : found;
}

function list(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listParticipants',
      method: 'GET',
      path: `${path}/participants`,
      summary: 'Ids of those who take part in a channel',
      access: 'principal',
      schemas: { params: ByChannel },
      responses: {
        200: {
          description: 'In the order in which they came; of an unknown channel none',
          schema: Participants,
        },
        ...errors(400, 401, 429, 503),
      },
    },
    async (request) => {
      const channel = uuidIn(request.params.channelId);
      if (channel === null) return invalid('Invalid channelId');
      const found = await participantsOf(deps, request, channel);
      return found instanceof Problem ? found : succeeded(found);
    },
  );
}

function listAgents(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listChannelAgents',
      method: 'GET',
      path: `${path}/agents`,
      summary: 'The same, not only agents, in another wrapping',
      access: 'principal',
      schemas: { params: ByChannel },
      responses: { 200: { description: 'Their ids', schema: ChannelAgents }, ...errors(400, 401, 429, 503) },
    },
    async (request) => {
      const channelId = uuidIn(request.params.channelId);
      if (channelId === null) return invalid('Invalid channelId format');
      const participants = await participantsOf(deps, request, channelId);
      return participants instanceof Problem ? participants : succeeded({ channelId, participants });
    },
  );
}

function add(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.addChannelAgent',
      method: 'POST',
      path: `${path}/agents`,
      summary: 'Lets an agent, or anybody, take part in a channel (services, its owner and admins)',
      access: 'principal',
      schemas: { params: ByChannel, body: AgentRequest },
      responses: {
        201: { description: 'It does now, or did already', schema: ChannelAgent },
        ...errors(400, 401, 403, 404, 409, 429, 503),
      },
    },
    async (request) => {
      const [channelId, agentId] = [uuidIn(request.params.channelId), uuidIn(request.body.agentId)];
      if (channelId === null || agentId === null) return invalid(badIds);
      const caller = callerOf(request);
      const found = await readableChannel(deps, caller, channelId, request);
      if (found instanceof Problem) return found;
      const added = await addParticipants(deps, caller, found, [agentId], saidIn(request));
      if (added instanceof Problem) return added;
      return succeeded({ channelId, agentId, message: 'Agent added to channel successfully' }, 201);
    },
  );
}

function remove(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.removeChannelAgent',
      method: 'DELETE',
      path: `${path}/agents/:agentId`,
      summary: 'Removes an agent, or anybody, from a channel (services, its owner and admins)',
      access: 'principal',
      schemas: { params: ByChannelAndAgent },
      responses: {
        200: { description: 'It takes part no more', schema: ChannelAgent },
        ...errors(400, 401, 403, 404, 409, 429, 503),
      },
    },
    async (request) => {
      const [channelId, agentId] = [uuidIn(request.params.channelId), uuidIn(request.params.agentId)];
      if (channelId === null || agentId === null) return invalid(badIds);
      const caller = callerOf(request);
      const found = await readableChannel(deps, caller, channelId, request);
      if (found instanceof Problem) return found;
      if (!found.state.participants.has(agentId)) return notPresent();
      const removed = await removeParticipant(deps, caller, found, agentId, saidIn(request));
      if (removed instanceof Problem)
        return removed.reason === 'participant_not_found' ? notPresent() : removed;
      return succeeded({ channelId, agentId, message: 'Agent removed from channel successfully' });
    },
  );
}

function notPresent(): Problem {
  return new Problem('not_found', 'Agent is not a participant in this channel');
}
