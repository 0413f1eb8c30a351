/** What every principal may ask about its tenant: how much there is, and which conversation mirrors a chat. */
import { sampleOf } from '../../../contract/documents/sample.ts';
import { exampleValues } from '../../../contract/examples/values.ts';
import { type Operation, operation } from '../../../contract/operation.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { callerOf } from '../caller.ts';
import { conversationRow } from '../encode.ts';
import { Fields, invalid } from '../fields.ts';
import { ConversationRow } from '../wire.ts';
import type { AdministrationDeps } from './asked.ts';
import { totals } from './survey-routes.ts';
import { ChannelQuery, FoundByChannel, TenantStats } from './wire.ts';

export function tenantRoutes(deps: AdministrationDeps): Operation[] {
  return [stats(deps), byChannel(deps)];
}

function stats(deps: AdministrationDeps): Operation {
  return operation(
    {
      id: 'symbia.stats',
      method: 'GET',
      path: '/api/stats',
      summary: 'How much there is in the own tenant',
      access: 'principal',
      schemas: {},
      responses: { 200: { description: 'The counts.', schema: TenantStats } },
    },
    async (request) => {
      const caller = await callerOf(request, deps);
      if (caller instanceof Problem) return caller;
      const counts = await deps.overview.counts(caller, request.env);
      return counts instanceof Problem ? counts : { status: 200, body: totals(counts) };
    },
  );
}

function byChannel(deps: AdministrationDeps): Operation {
  return operation(
    {
      id: 'symbia.conversationByChannel',
      method: 'GET',
      path: '/api/internal/conversations/by-channel',
      summary:
        'The conversation that mirrors a chat of another messenger (metadata.channel); needs X-Service-Id',
      access: 'principal',
      schemas: { query: ChannelQuery },
      responses: { 200: { description: 'The conversation, or null.', schema: FoundByChannel } },
      example: {
        response: { conversationId: exampleValues.conversation, conversation: sampleOf(ConversationRow) },
      },
    },
    async (request) => {
      const { serviceId, env } = request;
      if (serviceId === null) return new Problem('unauthenticated');
      const channel = decodeChannel(request.query);
      if (channel instanceof Problem) return channel;
      const caller = await callerOf(request, deps);
      if (caller instanceof Problem) return caller;
      const found = await deps.overview.ofChannel(caller, channel, serviceId, env);
      if (found instanceof Problem) return found;
      if (found === null) return { status: 200, body: { conversationId: null } };
      const conversation = conversationRow(found.ref, found.state);
      return { status: 200, body: { conversationId: conversation.id, conversation } };
    },
  );
}

function decodeChannel(query: Record<string, unknown>) {
  const fields = new Fields();
  const text = (path: string): string => {
    const value = fields.text(query[path], path, limits.metadataBytesMax) ?? '';
    if (value === '') fields.problem ??= invalid(path, `${path} is required`);
    return value;
  };
  const channel = { type: text('channelType'), connectionId: text('connectionId'), chatId: text('chatId') };
  return fields.problem ?? channel;
}
