/** Every method of every port on PostgreSQL: those of one tenant with a call that names things of tenant a. */
import { randomUUID } from 'node:crypto';
import { openAgentRecordStore } from '../../../../src/adapters/postgres/agents/agent-records.ts';
import { openJobStore } from '../../../../src/adapters/postgres/agents/job-store.ts';
import { openAuditStore } from '../../../../src/adapters/postgres/audit/audit-store.ts';
import { openConversationSessions } from '../../../../src/adapters/postgres/conversation-sessions.ts';
import {
  openConversationSurvey,
  type SurveyPools,
} from '../../../../src/adapters/postgres/conversation-survey.ts';
import { openDataKeyStore } from '../../../../src/adapters/postgres/data-key-store.ts';
import {
  type IdentityPools,
  openIdentityStore,
} from '../../../../src/adapters/postgres/identity/identity-store.ts';
import { openExternalPrincipalStore } from '../../../../src/adapters/postgres/identity/principals/external-principal-store.ts';
import { openMediaStore } from '../../../../src/adapters/postgres/media/media-store.ts';
import { openPeopleReader } from '../../../../src/adapters/postgres/people/people-reader.ts';
import { openPersonalStore } from '../../../../src/adapters/postgres/personal/personal-store.ts';
import { openProjectionReader } from '../../../../src/adapters/postgres/projection-reader.ts';
import { openInlineProjection } from '../../../../src/adapters/postgres/projection-writer.ts';
import { openReadCursors } from '../../../../src/adapters/postgres/read-cursors.ts';
import { openReplyStore } from '../../../../src/adapters/postgres/replies/reply-store.ts';
import { openMessageSearch } from '../../../../src/adapters/postgres/search/message-search.ts';
import { openMessageServers } from '../../../../src/adapters/postgres/tenant/message-servers.ts';
import { openSettingStore } from '../../../../src/adapters/postgres/tenant/setting-store.ts';
import { openWorldStore } from '../../../../src/adapters/postgres/tenant/world-store.ts';
import { openTenantLimits } from '../../../../src/adapters/postgres/tenant-limits.ts';
import { openTimedSessionStore } from '../../../../src/adapters/postgres/timed-sessions/timed-session-store.ts';
import { openUnreadCounts } from '../../../../src/adapters/postgres/unread/unread-counts.ts';
import { openWebhookStore } from '../../../../src/adapters/postgres/webhooks/webhook-store.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { readSearchedWords } from '../../../../src/domain/searched-words.ts';
import type { AuditEntry } from '../../../../src/ports/audit.ts';
import type { PeoplePage } from '../../../../src/ports/conversations/people.ts';
import type { PrincipalRecord } from '../../../../src/ports/identity/identity-records.ts';
import type { KnownPrincipal } from '../../../../src/ports/identity/identity-service.ts';
import { digest, endUs, ids } from './two-tenants.ts';

export const openStores = (pools: IdentityPools & SurveyPools) => {
  const { changeFeed, prune, ...identity } = openIdentityStore(pools);
  return {
    ...identity,
    identity: { changeFeed, prune },
    external: openExternalPrincipalStore(pools),
    audit: openAuditStore(pools),
    dataKeys: openDataKeyStore(pools.requests),
    limits: openTenantLimits(pools),
    reader: openProjectionReader(pools.requests),
    cursors: openReadCursors(pools.requests),
    counts: openUnreadCounts(pools.requests),
    personal: openPersonalStore(pools.requests),
    people: openPeopleReader(pools.requests),
    media: openMediaStore(pools),
    search: openMessageSearch(pools.requests),
    replies: openReplyStore(pools.requests),
    inline: openInlineProjection(pools.requests),
    survey: openConversationSurvey(pools),
    opened: openConversationSessions(pools.requests),
    records: openAgentRecordStore(pools),
    timed: openTimedSessionStore(pools),
    jobs: openJobStore(pools),
    worlds: openWorldStore(pools.requests),
    settings: openSettingStore(pools.requests),
    servers: openMessageServers(pools.requests),
    webhooks: openWebhookStore(pools),
  };
};

export type Stores = ReturnType<typeof openStores>;

/** What opens a port on pools, in src/adapters/postgres: each is in openStores(), or in no tenant's hands. */
export const openers: Readonly<Record<string, string>> = {
  openIdentityStore: 'openStores()',
  openPrincipalStore: 'part of openIdentityStore()',
  openAgentStore: 'part of openIdentityStore()',
  openSessionStore: 'part of openIdentityStore()',
  openApiKeyStore: 'part of openIdentityStore()',
  openInviteStore: 'part of openIdentityStore()',
  openChangeFeed: 'part of openIdentityStore()',
  openGuestStore: 'part of openIdentityStore()',
  openConversationSessions: 'openStores()',
  openAgentRecordStore: 'openStores()',
  openTimedSessionStore: 'openStores()',
  openJobStore: 'openStores()',
  openDatabaseTime: 'the clock alone, which belongs to no tenant: parley_identity',
  openWorldStore: 'openStores()',
  openSettingStore: 'openStores()',
  openMessageServers: 'openStores()',
  openWebhookStore: 'openStores()',
  openDeadLetters: 'part of openWebhookStore()',
  openExternalPrincipalStore: 'openStores()',
  openAuditStore: 'openStores()',
  openDataKeyStore: 'openStores()',
  openTenantLimits: 'openStores()',
  openProjectionReader: 'openStores()',
  openReadCursors: 'openStores()',
  openUnreadCounts: 'openStores()',
  openPersonalStore: 'openStores()',
  openPeopleReader: 'openStores()',
  openMediaStore: 'openStores()',
  openDeploymentKeys: 'keys of the deployment, which belong to no tenant: parley_identity',
  openMessageSearch: 'openStores()',
  openReplyStore: 'openStores()',
  openInlineProjection: 'openStores()',
  openConversationSurvey: 'openStores(); without a tenant: parley_platform',
  openProjectionMarks: 'how far the log of all tenants is projected: parley_projector',
  openProjectionWriter: 'what the logs say, of all tenants: parley_projector',
  openRunningAgents: 'who may answer what the logs say, in all tenants: parley_projector',
  openWantingWebhooks: 'who is told of what the logs say, in all tenants: parley_projector',
  openWrappedDataKeys: 'a new master key wraps the keys of all tenants: parley_identity',
  openSigningKeyStore: 'keys of the deployment, which belong to no tenant: parley_identity',
};

/** Methods of openStores() that are for no one tenant, and why. */
export const acrossTenants: Readonly<Record<string, string>> = {
  'principals.tenants': 'operators list tenants',
  'principals.credential': 'a login names an address, and no tenant',
  'principals.superAdmins': 'super admins may take part in every tenant',
  'principals.firstTenantOf': 'who had an id first, in whichever tenant',
  'principals.createTenant': 'there is no tenant yet',
  'principals.ensureRealm': 'there is no tenant yet',
  'sessions.rotate': 'a refresh token says whose it is',
  'sessions.useCookie': 'a cookie says whose it is',
  'sessions.sessionOfToken': 'a refresh token says whose it is',
  'apiKeys.find': 'a key says whose it is',
  'invites.find': 'an invite says whose it is',
  'external.provision': 'a provider may name a tenant that is not there yet',
  'limits.changedSince': 'a node learns of the limits of all tenants',
  'identity.changeFeed': 'a node forgets what changed, of whomever',
  'identity.prune': 'old rows are old, whosever they are',
  'media.expire': 'uploads that nobody confirmed, whosever they are',
  'records.sweep': 'what is old is old, whosever it is',
  'media.forget': 'what media.expire answered',
  'timed.claim': 'notices that are due, whosever they are',
  'timed.settle': 'what timed.claim answered',
  'timed.sweep': 'old rows are old, whosever they are',
  'webhooks.present': 'a node delivers for all tenants',
  'webhooks.countDeadLetters': 'an operator sees how many there are',
  'webhooks.sweepDeadLetters': 'old rows are old, whosever they are',
  'jobs.overdue': 'whose time is up, whosever they are',
  'jobs.sweep': 'old rows are old, whosever they are',
};

export interface Case {
  /** Calls the method for `tenant`, with ids of a's things. */
  run(stores: Stores, tenant: string): Promise<unknown>;
  /** The answer when `tenant` is b: a's things do not exist. A refusal is its code. */
  readonly nothing: unknown;
  /** The answer when `tenant` is a, and the connection's is b; default: `nothing`. */
  readonly walled?: unknown;
}

/** Ids of the people that were found. */
function idsOf(found: PeoplePage | readonly KnownPrincipal[] | Problem): unknown {
  if (found instanceof Problem) return found;
  return ('people' in found ? found.people : found).map(({ id }) => id);
}

/** A map as JSON tells it. */
function entriesOf(found: ReadonlyMap<string, unknown> | Problem): unknown {
  return found instanceof Problem ? found : [...found];
}

const page = { limit: 10, after: null };
const listed = { conversations: [], next: null, blocked: new Set() };
const at = { position: 0, logSeq: 0 };
const unmarked = { clearedSeq: 0, mutedUntil: null, archivedAt: null };
const refOf = (tenant: string) => ({ tenant, service: null, conversation: ids.conversation });

const replyOf = (tenant: string, key: string) => ({ tenant, principal: 'ann', scope: 'route', key });

const surveyed = (tenant: string) => ({ tenant, type: null, env: null, service: null });

const placeOfMedia = { conversation: ids.conversation, message: 'message-a' };
const mediaOf = (tenant: string) => ({
  ...{ tenant, id: randomUUID(), uploader: 'ann', filename: 'f', contentType: 'image/png', sizeBytes: 1 },
  ...{ folder: 'agents/a', createdAt: 1, expiresAt: endUs },
});

const auditOf = (tenant: string): AuditEntry => ({
  ...{ tenant, actor: null, action: 'wall.tried', subject: null, detail: {}, address: null },
});

const principalOf = (tenant: string, id: string, kind: PrincipalRecord['kind']): PrincipalRecord => ({
  ...{ tenant, id, kind, displayName: id, status: 'active', role: 'member', grantedScopes: [], v2Roles: [] },
  ...{ superAdmin: false, avatarUrl: null, timezone: 'UTC', phone: null, jobTitle: null, bio: null },
  ...{ isDefaultAgent: false, runs: false, email: null, createdAt: 1 },
});

const recordsOf = (tenant: string) => {
  const [agent, conversation, room] = ['robot', ids.conversation, 'room'];
  const of = { tenant, agent, conversation, room, entity: 'ann' };
  return {
    run: {
      ...of,
      ...{ id: 'run-a', message: ids.message, status: 'completed' as const, outcome: 'answered' },
      ...{ startedAt: 1, endedAt: 2, metadata: {}, events: [] },
      counts: { actions: 0, modelCalls: 1, errors: 0, evaluators: 0 },
    },
    logs: [{ ...of, id: randomUUID(), at: 1, type: 't', level: 'info' as const, body: {}, run: 'run-a' }],
    memories: [
      {
        ...of,
        ...{ id: randomUUID(), table: 'messages', message: ids.message, world: null, content: {} },
        ...{ isUnique: true, metadata: {}, createdAt: 1 },
      },
    ],
  };
};

const sessionOf = (tenant: string) => ({
  ...{
    id: randomUUID(),
    tenant,
    principal: 'ann',
    createdAt: 1,
    expiresAt: endUs,
    endsAt: endUs,
    revokedAt: null,
  },
});

const keyOf = (tenant: string) => ({
  ...{
    id: randomUUID(),
    tenant,
    principal: 'robot',
    name: 'n',
    prefix: 'p',
    kind: 'agent' as const,
    scopes: [],
  },
  ...{ service: null, createdBy: 'ann', createdAt: 1, expiresAt: null, revokedAt: null },
});

const timeouts = {
  ...{ timeoutMinutes: 30, autoRenew: true, maxDurationMinutes: 720, warningThresholdMinutes: 5 },
};
const timedOf = (tenant: string) => ({
  ...{ tenant, id: randomUUID(), conversation: ids.conversation, agent: 'robot', user: 'ann' },
  ...{ metadata: 'c{}', createdAt: 1, usedAt: 1, expiresAt: endUs, renewals: 0, timeouts },
});

const jobOf = (tenant: string) => ({
  ...{ tenant, id: randomUUID(), conversation: ids.conversation, agent: 'robot', user: 'ann' },
  ...{ prompt: 'p', answer: null, status: 'pending' as const, error: null, metadata: 'c{}' },
  ...{ createdAt: 1, expiresAt: 2, endedAt: null },
});
const webhookOf = (tenant: string) => ({
  ...{ tenant, id: randomUUID(), url: 'https://example.org', description: '' },
  filter: { types: [], conversation: null, service: null },
  ...{ status: 'active' as const, disabledReason: null, createdAt: 1, createdBy: 'ann', changedAt: 1 },
  ...{ secret: 's', previousSecret: null, previousSecretUntil: null },
  ...{ failingSince: null, lastSuccessAt: null, lastFailure: null },
});
const letterOf = (tenant: string) => ({
  ...{ webhook: { tenant, id: ids.webhook }, ref: refOf(tenant), id: 'event-a', logSeq: 1, position: 1 },
  ...{ type: 'message.posted' as const, attempts: 3, status: 500, reason: 'status' as const, diedAt: 9 },
});
const noJobs = { byStatus: { pending: 0, processing: 0, completed: 0, failed: 0, timeout: 0 }, averageMs: 0 };

const created = (tenant: string) => ({
  ref: { ...refOf(tenant), conversation: 'conversation-new' },
  entry: {
    logSeq: 1,
    node: 'node-1',
    dataClass: 'none' as const,
    policyRef: null,
    erased: [],
    event: {
      ...{ v: 1 as const, id: 'event-new', conversation: 'conversation-new', position: 1, seq: null },
      ...{ at: '2026-01-01T00:00:00.000000Z', actor: { id: 'ann', kind: 'user' as const } },
      type: 'conversation.created' as const,
      data: {
        ...{
          type: 'group' as const,
          name: 'new',
          description: null,
          metadata: {},
          env: 'dev' as const,
          participants: [],
          service_id: null,
        },
      },
    },
  },
});

/** In this order, each on what those before it left: reads first. */
export const cases: Readonly<Record<string, Case>> = {
  'principals.tenant': {
    run: (s, tenant) => s.principals.tenant(tenant),
    nothing: { id: 'b' },
    walled: null,
  },
  'principals.principal': { run: (s, tenant) => s.principals.principal(tenant, 'ann'), nothing: null },
  'principals.principals': {
    run: (s, tenant) => s.principals.principals(tenant, ['ann', 'robot']),
    nothing: [],
  },
  'principals.list': {
    run: (s, tenant) => s.principals.list(tenant, 'agent', page),
    nothing: { rows: [{ id: 'bot' }] },
    walled: { rows: [], next: null },
  },
  'agents.agent': { run: (s, tenant) => s.agents.agent(tenant, 'robot'), nothing: null },
  'agents.agents': {
    run: (s, tenant) => s.agents.agents(tenant, 10),
    nothing: [{ id: 'bot' }],
    walled: [],
  },
  'agents.character': { run: (s, tenant) => s.agents.character(tenant, 'robot'), nothing: null },
  'agents.changeAgent': {
    run: (s, tenant) => {
      const changes = { displayName: 'changed', runs: true, character: { name: 'changed' } };
      return s.agents.changeAgent(
        tenant,
        'robot',
        1,
        () => changes,
        () => auditOf(tenant),
      );
    },
    nothing: 'not_found',
  },
  'records.runs': {
    run: (s, tenant) => s.records.runs(tenant, { agent: 'robot', limit: 10 }),
    nothing: { runs: [], total: 0, hasMore: false },
  },
  'records.run': { run: (s, tenant) => s.records.run(tenant, 'robot', 'run-a'), nothing: null },
  'records.logs': {
    run: (s, tenant) => s.records.logs(tenant, { agent: 'robot', limit: 10 }),
    nothing: [],
  },
  'records.tenantLogs': {
    run: (s, tenant) => s.records.tenantLogs(tenant, { limit: 10 }),
    nothing: { entries: [], total: 0 },
  },
  'records.memories': {
    run: (s, tenant) => s.records.memories(tenant, { agent: 'robot', limit: 10 }),
    nothing: [],
  },
  'records.memory': { run: (s, tenant) => s.records.memory(tenant, 'robot', ids.opened), nothing: null },
  'records.changeMemory': {
    run: (s, tenant) => s.records.changeMemory(tenant, 'robot', ids.opened, { content: {}, world: 'w' }),
    nothing: null,
  },
  'records.deleteLog': {
    run: (s, tenant) => s.records.deleteLog(tenant, 'robot', ids.opened),
    nothing: false,
  },
  'records.clearLogs': { run: (s, tenant) => s.records.clearLogs(tenant), nothing: 0 },
  'records.deleteMemory': {
    run: (s, tenant) => s.records.deleteMemory(tenant, 'robot', ids.opened),
    nothing: false,
  },
  'records.deleteMemories': {
    run: (s, tenant) => s.records.deleteMemories(tenant, 'robot', null),
    nothing: 0,
  },
  'records.forgetAgent': { run: (s, tenant) => s.records.forgetAgent(tenant, 'robot'), nothing: 0 },
  'records.add': {
    run: (s, tenant) => s.records.add(recordsOf(tenant)),
    nothing: null,
    walled: 'internal',
  },
  'sessions.load': { run: (s, tenant) => s.sessions.load(tenant, ids.session), nothing: null },
  'sessions.list': {
    run: (s, tenant) => s.sessions.list(tenant, 'ann', 1, page),
    nothing: { rows: [], next: null },
  },
  'invites.list': { run: (s, tenant) => s.invites.list(tenant, 1, page), nothing: { rows: [], next: null } },
  'apiKeys.load': { run: (s, tenant) => s.apiKeys.load(tenant, ids.key), nothing: null },
  'apiKeys.liveOf': { run: (s, tenant) => s.apiKeys.liveOf(tenant, 'robot', 1), nothing: [] },
  'apiKeys.list': { run: (s, tenant) => s.apiKeys.list(tenant, page), nothing: { rows: [], next: null } },
  'audit.list': {
    run: (s, tenant) => s.audit.list({ tenant, limit: 10 }),
    nothing: { records: [], next: null },
  },
  'dataKeys.list': { run: (s, tenant) => s.dataKeys.list(tenant), nothing: [] },
  'limits.read': {
    run: (s, tenant) => s.limits.read(tenant),
    nothing: { conversations: null },
    walled: 'not_found',
  },
  'limits.conversations': { run: (s, tenant) => s.limits.conversations(tenant, 10), nothing: 0 },
  'reader.snapshot': { run: (s, tenant) => s.reader.snapshot(tenant, ids.conversation, 10), nothing: null },
  'reader.entries': {
    run: (s, tenant) =>
      s.reader.entries(refOf(tenant), { limit: 10, keep: 'oldest', afterAt: 1, beforeAt: 9 }),
    nothing: { entries: [], hasMore: false, at },
  },
  'reader.entry': {
    run: (s, tenant) => s.reader.entry(refOf(tenant), ids.message),
    nothing: { entry: null, at },
  },
  'reader.earlierPost': {
    run: async (s, tenant) => [
      await s.reader.earlierPost(refOf(tenant), { sender: 'robot', clientId: 'client-a' }),
      await s.reader.earlierPost(refOf(tenant), { messageId: ids.message }),
    ],
    nothing: [
      { post: null, at },
      { post: null, at },
    ],
  },
  'reader.changes': {
    run: (s, tenant) => s.reader.changes(refOf(tenant), { afterPosition: 0, upToSeq: 10, limit: 10 }),
    nothing: { entries: [], hasMore: false, at },
  },
  'reader.newest': {
    run: async (s, tenant) => {
      const query = { limit: 10, bytesMax: 1_000, isForPerson: true };
      const found = await s.reader.newest([refOf(tenant)], query);
      return found instanceof Problem ? found : [...found];
    },
    nothing: [],
  },
  'reader.wasDeleted': {
    run: (s, tenant) => s.reader.wasDeleted(tenant, 'ann', 'conversation-gone'),
    nothing: false,
  },
  'reader.versions': {
    run: (s, tenant) => s.reader.versions(refOf(tenant), [ids.message]),
    nothing: { events: [], at },
  },
  'reader.conversationOf': {
    run: async (s, tenant) => [
      await s.reader.conversationOf(tenant, 'ann', ids.message),
      await s.reader.conversationOf(tenant, 'robot', ids.message),
    ],
    nothing: [null, null],
  },
  'reader.logSeqAt': { run: (s, tenant) => s.reader.logSeqAt(refOf(tenant), 9), nothing: 0 },
  'reader.list': {
    run: async (s, tenant) => {
      const query = { limit: 10, cursor: null, env: null, service: null };
      return [
        await s.reader.list(tenant, 'ann', { ...query, unreadOnly: false }),
        await s.reader.list(tenant, 'ann', { ...query, unreadOnly: true }),
      ];
    },
    nothing: [listed, listed],
  },
  'reader.refsOf': { run: (s, tenant) => s.reader.refsOf(tenant, 'ann', 10), nothing: [] },
  'cursors.readTimes': {
    run: async (s, tenant) => {
      const times = await s.cursors.readTimes(refOf(tenant));
      return times instanceof Problem ? times : [...times.keys()];
    },
    nothing: [],
  },
  'cursors.slowest': {
    run: async (s, tenant) => {
      const slowest = await s.cursors.slowest([refOf(tenant)]);
      return slowest instanceof Problem ? slowest : [...slowest];
    },
    nothing: [],
  },
  'survey.byCreation': {
    run: (s, tenant) =>
      s.survey.byCreation(surveyed(tenant), 'ann', {
        ...{ entity: { type: null, id: null }, offset: 0, limit: 10 },
      }),
    nothing: [],
  },
  'survey.page': {
    run: (s, tenant) => s.survey.page(surveyed(tenant), { limit: 10, offset: 0 }),
    nothing: { conversations: [], total: 0 },
  },
  'survey.counts': {
    run: (s, tenant) => s.survey.counts({ ...surveyed(tenant), type: 'group', env: 'dev', service: 'x' }, 1),
    nothing: { conversations: 0, entries: 0, participants: 0, active: 0 },
  },
  'survey.ofPrincipal': {
    run: (s, tenant) => s.survey.ofPrincipal(surveyed(tenant), 'ann', 10),
    nothing: [],
  },
  'survey.ofMessage': { run: (s, tenant) => s.survey.ofMessage(tenant, ids.message), nothing: null },
  'survey.ofEntity': {
    run: (s, tenant) =>
      s.survey.ofEntity(surveyed(tenant), { type: 'x', id: null, participant: null, limit: 10 }),
    nothing: [],
  },
  'survey.find': { run: (s, tenant) => s.survey.find(tenant, ids.conversation), nothing: null },
  'survey.ofChannel': {
    run: (s, tenant) =>
      s.survey.ofChannel(tenant, { type: 'telegram', connectionId: 'c', chatId: 'canary' }, 10),
    nothing: [],
  },
  'reader.withAgents': {
    run: (s, tenant) =>
      s.reader.withAgents(tenant, 'ann', {
        ...{ agent: null, isActive: null, among: null, limit: 10, offset: 0, env: null, service: null },
      }),
    nothing: { conversations: [], total: 0 },
  },
  'reader.inbox': {
    run: async (s, tenant) => {
      const inbox = await s.reader.inbox(tenant, 'ann', {
        ...{ limit: 10, cursor: null, env: null, service: null, archived: null },
      });
      return inbox instanceof Problem ? inbox : inbox.conversations;
    },
    nothing: [],
  },
  'counts.all': {
    run: (s, tenant) => s.counts.all(tenant, 'ann', { env: null, service: null }),
    nothing: [],
  },
  'counts.of': { run: (s, tenant) => s.counts.of(refOf(tenant), 'ann'), nothing: null },
  'cursors.advance': {
    run: (s, tenant) => s.cursors.advance(refOf(tenant), 'ann', 1),
    nothing: { lastReadSeq: 1, advanced: true },
    walled: 'internal',
  },
  'search.find': {
    run: (s, tenant) =>
      s.search.find({
        ...{
          tenant,
          reader: 'robot',
          isPerson: true,
          words: readSearchedWords('canary'),
          env: null,
          service: null,
        },
        ...{
          conversation: null,
          beforeSeq: null,
          sender: null,
          contentType: null,
          after: null,
          before: null,
        },
        ...{ below: null, limit: 10 },
      }),
    nothing: { entries: [], next: null },
  },
  'search.findInTenant': {
    run: (s, tenant) =>
      s.search.findInTenant({
        ...{ tenant, isPerson: false, words: readSearchedWords('canary'), env: null },
        ...{ service: null, conversation: null, beforeSeq: null, sender: null, contentType: null },
        ...{ after: null, before: null, below: null, limit: 10 },
      }),
    nothing: { entries: [], next: null },
  },
  'people.list': {
    run: async (s, tenant) => idsOf(await s.people.list(tenant, 'nobody', { limit: 10, after: null })),
    nothing: ['ben'],
    walled: [],
  },
  'people.search': {
    run: async (s, tenant) =>
      idsOf(await s.people.search(tenant, 'nobody', { prefix: 'ann', phone: null, limit: 10 })),
    nothing: [],
  },
  'people.agents': {
    run: async (s, tenant) => idsOf(await s.people.agents(tenant)),
    nothing: ['bot'],
    walled: [],
  },
  'personal.blocks': { run: (s, tenant) => s.personal.blocks(tenant, 'ann'), nothing: [] },
  'personal.unwanted': {
    run: async (s, tenant) => entriesOf(await s.personal.unwanted(tenant, ['ann'], 0)),
    nothing: [],
  },
  'personal.block': {
    run: async (s, tenant) => {
      const block = await s.personal.block(tenant, 'ann', 'spare');
      return block instanceof Problem ? block : block.blocked;
    },
    nothing: 'spare',
    walled: 'internal',
  },
  'personal.unblock': { run: (s, tenant) => s.personal.unblock(tenant, 'ann', 'robot'), nothing: false },
  'personal.clearedSeqs': {
    run: async (s, tenant) => entriesOf(await s.personal.clearedSeqs(tenant, 'ann', [ids.conversation])),
    nothing: [],
  },
  'personal.mark': { run: (s, tenant) => s.personal.mark(refOf(tenant), 'ann'), nothing: unmarked },
  'personal.clear': {
    run: (s, tenant) => s.personal.clear(refOf(tenant), 'ann', 1),
    nothing: 1,
    walled: 'internal',
  },
  'personal.mute': {
    run: (s, tenant) => s.personal.mute(refOf(tenant), 'ann', endUs),
    nothing: null,
    walled: 'internal',
  },
  'personal.archive': {
    run: async (s, tenant) => {
      const at = await s.personal.archive(refOf(tenant), 'ann');
      return at instanceof Problem || at === 7 ? at : 'now';
    },
    nothing: 'now',
    walled: 'internal',
  },
  'personal.unarchive': { run: (s, tenant) => s.personal.unarchive(refOf(tenant), 'ann'), nothing: null },
  'media.create': { run: (s, tenant) => s.media.create(mediaOf(tenant)), nothing: null, walled: 'internal' },
  'media.find': { run: (s, tenant) => s.media.find(tenant, 'media-a'), nothing: null },
  'media.uploaded': {
    run: (s, tenant) => s.media.uploaded(tenant, 'media-p', 'other', 2),
    nothing: 'conflict',
  },
  'media.confirm': {
    run: (s, tenant) =>
      s.media.confirm(tenant, 'media-q', { blob: 'canary', isShown: true, isThumbnailDue: false }),
    nothing: null,
  },
  'media.thumbnailed': {
    run: (s, tenant) =>
      s.media.thumbnailed(tenant, 'media-a', { width: 1, height: 1, thumbnail: { blob: 'x', sizeBytes: 1 } }),
    nothing: 'not_found',
  },
  'media.attach': {
    run: (s, tenant) => s.media.attach(tenant, 'ann', ['media-a'], placeOfMedia, 7),
    nothing: null,
  },
  'media.copy': {
    run: (s, tenant) =>
      s.media.copy(tenant, 'ann', { conversation: 'canary', message: 'message-c' }, placeOfMedia, 7),
    nothing: [],
  },
  'media.discard': {
    run: (s, tenant) => s.media.discard(tenant, ['media-d'], 'message-d', 7),
    nothing: null,
  },
  'media.detach': { run: (s, tenant) => s.media.detach(tenant, ['media-d'], 'message-d'), nothing: null },
  'replies.begin': {
    run: (s, tenant) =>
      s.replies.begin(replyOf(tenant, 'done'), { id: 'x', hash: 1 }, { staleMs: 4e12, keptMs: 4e12 }),
    nothing: { state: 'begun' },
    walled: 'internal',
  },
  'replies.finish': {
    run: (s, tenant) => s.replies.finish(replyOf(tenant, 'done'), 'attempt-a', 'other'),
    nothing: null,
  },
  'replies.abandon': {
    run: (s, tenant) => s.replies.abandon(replyOf(tenant, 'open'), 'attempt-a'),
    nothing: null,
  },
  'inline.applyStructural': {
    run: (s, tenant) => s.inline.applyStructural([created(tenant)]),
    nothing: null,
    walled: 'internal',
  },
  'worlds.list': {
    run: async (s, tenant) => [await s.worlds.list(tenant, null), await s.worlds.list(tenant, 'robot')],
    nothing: [[], []],
  },
  'worlds.find': { run: (s, tenant) => s.worlds.find(tenant, ids.world), nothing: null },
  'worlds.add': {
    run: (s, tenant) =>
      s.worlds.add({
        ...{ tenant, agent: 'robot', id: randomUUID(), name: 'w', server: null, metadata: {} },
        createdAt: 1,
      }),
    nothing: 'not_found',
  },
  'worlds.change': {
    run: (s, tenant) => s.worlds.change(tenant, 'robot', ids.world, { name: 'other' }),
    nothing: null,
  },
  'settings.read': { run: (s, tenant) => s.settings.read(tenant), nothing: null },
  'settings.replace': {
    run: (s, tenant) => s.settings.replace(tenant, 'sealed', 2, auditOf(tenant)),
    nothing: null,
    walled: 'internal',
  },
  'opened.use': {
    run: async (s, tenant) => [
      await s.opened.use(tenant, { id: ids.opened }, 1, { idleUs: 1, slideUs: 1 }),
      await s.opened.use(tenant, { conversation: ids.conversation }, 1, { idleUs: 1, slideUs: 1 }),
    ],
    nothing: [null, null],
  },
  'opened.live': { run: (s, tenant) => s.opened.live(tenant, 'ann', 1), nothing: [] },
  'opened.ended': { run: (s, tenant) => s.opened.ended(tenant, 3, 10), nothing: [] },
  'opened.spend': { run: (s, tenant) => s.opened.spend(tenant, ids.opened, 9), nothing: false },
  'opened.refund': { run: (s, tenant) => s.opened.refund(tenant, ids.opened), nothing: null },
  'opened.remove': { run: (s, tenant) => s.opened.remove(tenant, [ids.spent]), nothing: null },
  'opened.add': {
    run: (s, tenant) =>
      s.opened.add({
        ...{ tenant, id: randomUUID(), conversation: randomUUID(), principal: 'ann', sid: null },
        ...{ createdAt: 1, expiresAt: null },
      }),
    nothing: null,
    walled: 'internal',
  },
  'timed.find': { run: (s, tenant) => s.timed.find(tenant, ids.timed), nothing: null },
  'timed.list': {
    run: (s, tenant) => s.timed.list(tenant, 'ann', 1, { limit: 10, offset: 0 }),
    nothing: [],
  },
  'timed.counts': {
    run: (s, tenant) => s.timed.counts(tenant, null, 1),
    nothing: { total: 0, active: 0, nearEnd: 0 },
  },
  'timed.change': {
    run: (s, tenant) =>
      s.timed.change(tenant, ids.timed, 1, 1, (session) => ({
        lifetime: { ...session, renewals: 7 },
        notices: [],
      })),
    nothing: null,
  },
  'timed.remove': { run: (s, tenant) => s.timed.remove(tenant, ids.timedOut), nothing: false },
  'timed.removeExpired': {
    run: (s, tenant) => s.timed.removeExpired(tenant, ids.timedLate, 7),
    nothing: false,
  },
  'timed.add': { run: (s, tenant) => s.timed.add(timedOf(tenant), []), nothing: null, walled: 'internal' },
  'webhooks.list': { run: (s, tenant) => s.webhooks.list(tenant), nothing: [] },
  'webhooks.find': { run: (s, tenant) => s.webhooks.find({ tenant, id: ids.webhook }), nothing: null },
  'webhooks.change': {
    run: (s, tenant) => s.webhooks.change({ tenant, id: ids.webhook }, { status: 'paused' }, null),
    nothing: null,
  },
  'webhooks.noteSuccess': {
    run: (s, tenant) => s.webhooks.noteSuccess({ tenant, id: ids.webhook }, 7),
    nothing: null,
  },
  'webhooks.noteFailure': {
    run: (s, tenant) =>
      s.webhooks.noteFailure({ tenant, id: ids.webhook }, { at: 7, status: 500, reason: 'status' }),
    nothing: null,
  },
  'webhooks.bury': { run: (s, tenant) => s.webhooks.bury(letterOf(tenant), 10), nothing: null },
  'webhooks.deadLetters': {
    run: (s, tenant) => s.webhooks.deadLetters({ tenant, id: ids.webhook }, { limit: 10, after: null }),
    nothing: [],
  },
  'webhooks.deadLetter': {
    run: (s, tenant) => s.webhooks.deadLetter({ tenant, id: ids.webhook }, 'canary 1'),
    nothing: null,
  },
  'webhooks.oldestDeadLetters': {
    run: (s, tenant) => s.webhooks.oldestDeadLetters({ tenant, id: ids.webhook }, 10),
    nothing: [],
  },
  'webhooks.unbury': {
    run: (s, tenant) => s.webhooks.unbury({ tenant, id: ids.webhook }, ['canary 2']),
    nothing: null,
  },
  'webhooks.remove': {
    run: (s, tenant) => s.webhooks.remove({ tenant, id: ids.webhookGone }, auditOf(tenant)),
    nothing: false,
  },
  'webhooks.add': {
    run: (s, tenant) => s.webhooks.add(webhookOf(tenant), 10, auditOf(tenant)),
    nothing: null,
    walled: 'internal',
  },
  'jobs.find': { run: (s, tenant) => s.jobs.find(tenant, ids.job), nothing: null },
  'jobs.list': {
    run: (s, tenant) => s.jobs.list(tenant, 'ann', { limit: 10, status: 'pending' }),
    nothing: [],
  },
  'jobs.counts': { run: (s, tenant) => s.jobs.counts(tenant, null), nothing: noJobs },
  'jobs.start': { run: (s, tenant) => s.jobs.start(tenant, ids.job), nothing: null },
  'jobs.settle': {
    run: (s, tenant) =>
      s.jobs.settle(tenant, ids.job, { status: 'failed', answer: null, error: null, endedAt: 7 }),
    nothing: null,
  },
  'jobs.remove': { run: (s, tenant) => s.jobs.remove(tenant, ids.jobGone), nothing: null },
  'jobs.add': { run: (s, tenant) => s.jobs.add(jobOf(tenant), 10), nothing: null, walled: 'internal' },
  'servers.list': { run: (s, tenant) => s.servers.list(tenant), nothing: [] },
  'servers.find': { run: (s, tenant) => s.servers.find(tenant, ids.server), nothing: null },
  'servers.agentsOf': { run: (s, tenant) => s.servers.agentsOf(tenant, ids.server), nothing: [] },
  'servers.serversOf': { run: (s, tenant) => s.servers.serversOf(tenant, 'canary'), nothing: [] },
  'servers.removeAgent': {
    run: (s, tenant) => s.servers.removeAgent(tenant, ids.server, 'other canary'),
    nothing: null,
  },
  'servers.remove': { run: (s, tenant) => s.servers.remove(tenant, ids.serverRemoved), nothing: false },
  'servers.addAgent': {
    run: (s, tenant) => s.servers.addAgent(tenant, ids.server, 'new', 1),
    nothing: null,
    walled: 'internal',
  },
  'servers.add': {
    run: (s, tenant) =>
      s.servers.add(tenant, {
        ...{ id: randomUUID(), name: 'new', sourceType: 'x', sourceId: null, metadata: {} },
        ...{ createdAt: 1, updatedAt: 1 },
      }),
    nothing: null,
    walled: 'internal',
  },
  'guests.add': {
    run: (s, tenant) => {
      const guest = principalOf(tenant, randomUUID(), 'user');
      return s.guests.add(guest, { ...sessionOf(tenant), principal: guest.id });
    },
    nothing: null,
    walled: 'internal',
  },
  'guests.removeIdle': { run: (s, tenant) => s.guests.removeIdle(tenant, 1, 10), nothing: 0 },
  'audit.record': { run: (s, tenant) => s.audit.record(auditOf(tenant)), nothing: null, walled: 'internal' },
  'sessions.open': {
    run: (s, tenant) => {
      const refreshToken = { digest: digest(randomUUID()), expiresAt: endUs };
      const fresh = { session: sessionOf(tenant), refreshToken, cookieDigest: digest(randomUUID()) };
      return s.sessions.open({ ...fresh, passwordHash: 'hash of ann', audit: auditOf(tenant) });
    },
    nothing: 'conflict',
  },
  'limits.change': {
    run: (s, tenant) => s.limits.change(tenant, { conversations: 1 }, () => auditOf(tenant)),
    nothing: { conversations: 1 },
    walled: 'not_found',
  },
  'dataKeys.add': {
    run: (s, tenant) => s.dataKeys.add(tenant, 2, 'wrapped', 2),
    nothing: true,
    walled: 'internal',
  },
  'dataKeys.erase': {
    run: (s, tenant) => s.dataKeys.erase(tenant, 3),
    // b has the one that `dataKeys.add` has made.
    nothing: 1,
    walled: 0,
  },
  'agents.add': {
    run: (s, tenant) =>
      s.agents.add(principalOf(tenant, 'third', 'agent'), auditOf(tenant), { name: 'third' }),
    nothing: null,
    walled: 'internal',
  },
  'apiKeys.add': {
    run: (s, tenant) => s.apiKeys.add(keyOf(tenant), digest(randomUUID()), auditOf(tenant)),
    nothing: 'internal',
  },
  'invites.add': {
    run: (s, tenant) => {
      const invite = { tenant, role: 'member' as const, v2Role: null, email: null, createdBy: 'ann' };
      return s.invites.add(
        { ...invite, createdAt: 1, expiresAt: endUs },
        digest(randomUUID()),
        auditOf(tenant),
      );
    },
    nothing: null,
    walled: 'internal',
  },
  'invites.revoke': {
    run: (s, tenant) => s.invites.revoke(tenant, ids.inviteGone, 2, auditOf(tenant)),
    nothing: false,
  },
  'invites.accept': {
    run: (s, tenant) => {
      const person = principalOf(tenant, 'invited', 'user');
      const credential = { email: 'invited@example.org', passwordHash: 'h', tenant, principal: 'invited' };
      return s.invites.accept(digest('invite a'), person, credential, 1, auditOf(tenant));
    },
    nothing: 'invalid_request',
  },
  'principals.change': {
    run: (s, tenant) =>
      s.principals.change(
        tenant,
        'ann',
        'user',
        () => ({ displayName: 'taken' }),
        () => auditOf(tenant),
      ),
    nothing: 'not_found',
  },
  'sessions.revoke': {
    run: (s, tenant) => s.sessions.revoke(tenant, ids.session, 2, auditOf(tenant)),
    nothing: null,
  },
  'sessions.revokeAll': {
    run: (s, tenant) => s.sessions.revokeAll(tenant, 'ann', 2, () => auditOf(tenant)),
    nothing: 0,
  },
  'principals.replacePassword': {
    run: (s, tenant) =>
      s.principals.replacePassword(tenant, 'ann', 'hash of ann', 'taken', 2, auditOf(tenant)),
    nothing: false,
  },
  'apiKeys.revoke': {
    run: (s, tenant) => s.apiKeys.revoke(tenant, ids.key, 2, auditOf(tenant)),
    nothing: false,
  },
  'agents.removeAgent': {
    run: (s, tenant) => s.agents.removeAgent(tenant, 'spare', auditOf(tenant)),
    nothing: 'not_found',
  },
};
