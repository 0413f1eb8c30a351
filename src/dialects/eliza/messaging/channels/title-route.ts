/** A title for a channel, made of what was said in it (eliza.md §3). */
import { Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { isSealedClass } from '../../../../domain/event.ts';
import { Problem } from '../../../../domain/problem.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { runningAgent } from '../../running-agent.ts';
import { aliased } from '../declared.ts';
import { invalid, uuidIn } from '../messages/decode-message.ts';
import { authorNameOf } from '../messages/encode-message.ts';
import { decodeRange, readMessages } from '../messages/read-messages.ts';
import { MessagesQuery } from '../messages/wire.ts';
import { errors, succeeded, successOf } from '../refusals.ts';
import { AgentRequest, ByChannel } from './wire.ts';

const messagesMin = 4;

const Title = successOf(
  Type.Object({
    title: Type.Union([Type.String(), Type.Null()], { examples: ['Ships In The Harbour'] }),
    channelId: Type.String({ examples: [example.conversation] }),
    reason: Type.Optional(Type.String({ examples: ['Not enough messages to generate a title'] })),
  }),
);

export function titleRoutes(deps: ElizaDeps): readonly Operation[] {
  const title = operation(
    {
      ...{ id: 'eliza.generateTitle', method: 'POST' },
      path: '/api/messaging/channels/:channelId/generate-title',
      summary: 'Makes a title of the newest messages of a channel; the channel keeps its name',
      access: 'principal',
      rate: 'send',
      schemas: { params: ByChannel, query: MessagesQuery, body: AgentRequest },
      responses: {
        200: { description: 'The title; null where little was said', schema: Title },
        ...errors(400, 401, 404, 429, 503),
      },
    },
    async (request) => {
      const channelId = uuidIn(request.params.channelId);
      if (channelId === null) return invalid('Invalid channel ID format');
      const agentId = uuidIn(request.body.agentId);
      if (agentId === null) return invalid('Valid agent ID is required');
      const range = decodeRange(request.query);
      if (range === null) return invalid('before and after must be milliseconds or timestamps');
      const caller = callerOf(request);
      const running = await runningAgent(deps, caller, agentId);
      if (running instanceof Problem) {
        return running.code === 'not_found'
          ? new Problem('not_found', 'Agent not found or not active')
          : running;
      }
      const page = await readMessages(deps, caller, channelId, range, request);
      if (page instanceof Problem) return page;
      // What is sealed goes to no model but that of an agent that was told it.
      const said = page.messages.filter(({ dataClass }) => !isSealedClass(dataClass)).reverse();
      const newest = said.at(-1);
      if (newest === undefined || said.length < messagesMin) {
        return succeeded({ title: null, channelId, reason: 'Not enough messages to generate a title' });
      }
      const known = await deps.directory.principalsOf(caller.tenant, [agentId]);
      if (known instanceof Problem) return known;
      const { displayName = 'Agent', jobTitle = null, bio = null } = known.get(agentId) ?? {};
      const title = await deps.titles.titleOf({
        ...{ tenant: caller.tenant, conversation: channelId, type: page.state.type },
        ...{ agent: { id: agentId, displayName, jobTitle, bio, character: null } },
        message: newest.event.data.message_id,
        messages: said.map(({ event }) => ({
          role: event.actor.id === agentId ? 'self' : 'other',
          name: authorNameOf(event) ?? (event.actor.kind === 'agent' ? 'Agent' : 'User'),
          text: event.data.content,
        })),
      });
      return title instanceof Problem ? title : succeeded({ title, channelId });
    },
  );
  return aliased(title);
}
