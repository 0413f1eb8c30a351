/** Lists and counts for administrators. */
import { Type } from '@sinclair/typebox';
import type { Operation } from '../../../contract/operation.ts';
import { canonicalUuid } from '../../../domain/ids.ts';
import { Problem } from '../../../domain/problem.ts';
import type { SurveyCounts } from '../../../ports/conversations/conversation-survey.ts';
import { listedRow } from '../encode.ts';
import { Fields, invalid } from '../fields.ts';
import { decodeLimit } from '../message-page.ts';
import { ConversationRow, ErrorBody } from '../wire.ts';
import { noUser, say } from '../wording.ts';
import { type AdministrationDeps, administratorOperation, decodeType } from './asked.ts';
import { AdminStats, ConversationPage, OrgQuery, PageQuery, StatsQuery, UserPath } from './wire.ts';

export function surveyRoutes(deps: AdministrationDeps): Operation[] {
  return [page(deps), stats(deps), ofUser(deps)];
}

function page({ administration }: AdministrationDeps): Operation {
  return administratorOperation(
    {
      id: 'symbia.adminListConversations',
      method: 'GET',
      path: '/api/admin/conversations',
      summary: 'Conversations of a tenant, of a super admin all; newest activity first',
      schemas: { query: PageQuery },
      responses: { 200: { description: 'A page.', schema: ConversationPage } },
    },
    async ({ query }, asked) => {
      const type = decodeType(query.type);
      if (type instanceof Problem) return type;
      const limit = decodeLimit(query.limit);
      if (limit instanceof Problem) return limit;
      const offset = decodeOffset(query.offset);
      if (offset instanceof Problem) return offset;
      const found = await administration.page(asked, type, { limit, offset });
      if (found instanceof Problem) return found;
      const conversations = found.conversations.map(listedRow);
      return { status: 200, body: { conversations, total: found.total, limit, offset } };
    },
  );
}

function decodeOffset(value: unknown): number | Problem {
  if (value === undefined || value === '') return 0;
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return Number(value);
  return invalid('offset', 'offset must be a number from 0');
}

function stats({ administration }: AdministrationDeps): Operation {
  return administratorOperation(
    {
      id: 'symbia.adminStats',
      method: 'GET',
      path: '/api/admin/stats',
      summary: 'How much there is; contains everything that was acknowledged before',
      schemas: { query: StatsQuery },
      responses: { 200: { description: 'The counts.', schema: AdminStats } },
    },
    async ({ query }, asked) => {
      const type = decodeType(query.type);
      if (type instanceof Problem) return type;
      const counts = await administration.counts(asked, type);
      if (counts instanceof Problem) return counts;
      const { active: activeConversations24h } = counts;
      const filters = { orgId: asked.tenant, type };
      return { status: 200, body: { ...totals(counts), activeConversations24h, filters } };
    },
  );
}

export function totals({ conversations, entries, participants }: SurveyCounts): object {
  return {
    totalConversations: conversations,
    totalMessages: entries,
    uniqueParticipants: participants,
  };
}

function ofUser({ administration }: AdministrationDeps): Operation {
  return administratorOperation(
    {
      id: 'symbia.adminUserConversations',
      method: 'GET',
      path: '/api/admin/users/:userId/conversations',
      summary: 'The conversations that a principal of any kind takes part in, newest activity first',
      schemas: { params: UserPath, query: OrgQuery },
      responses: {
        200: { description: 'A bare array.', schema: Type.Array(ConversationRow) },
        404: { description: 'No UUID, and in nothing.', schema: ErrorBody },
      },
    },
    async ({ params }, asked) => {
      const id = new Fields().principalId(params.userId, 'userId');
      if (id === null) return say(noUser);
      const found = await administration.conversationsOf(asked, id);
      if (found instanceof Problem) return found;
      // Upstream knows only UUIDs as ids; here `assistant:x` is one, too, when it is in anything.
      if (found.length === 0 && canonicalUuid(id) === null) return say(noUser);
      return { status: 200, body: found.map(listedRow) };
    },
  );
}
