/** Everything that the main thread of a node asks of Postgres: the schema first, then a pool for each role. */
import { openAuditStore } from '../../adapters/postgres/audit/audit-store.ts';
import { openConversationSurvey, type SurveyPools } from '../../adapters/postgres/conversation-survey.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { openPeopleReader } from '../../adapters/postgres/people/people-reader.ts';
import { openPersonalStore } from '../../adapters/postgres/personal/personal-store.ts';
import { openPool, type Pool, type PoolLoad, type TenantPool } from '../../adapters/postgres/pool.ts';
import { openProjectionReader } from '../../adapters/postgres/projection-reader.ts';
import { openInlineProjection } from '../../adapters/postgres/projection-writer.ts';
import { openReadCursors } from '../../adapters/postgres/read-cursors.ts';
import { openReplyStore } from '../../adapters/postgres/replies/reply-store.ts';
import { openMessageSearch } from '../../adapters/postgres/search/message-search.ts';
import { openMessageServers } from '../../adapters/postgres/tenant/message-servers.ts';
import { openUnreadCounts } from '../../adapters/postgres/unread/unread-counts.ts';
import { requireWall } from '../../adapters/postgres/walls.ts';
import { limits } from '../../domain/limits.ts';
import type { MessageServers } from '../../ports/agents/message-servers.ts';
import type { AuditStore } from '../../ports/audit.ts';
import type { ConversationSurvey } from '../../ports/conversations/conversation-survey.ts';
import type { MessageSearch } from '../../ports/conversations/message-search.ts';
import type { People } from '../../ports/conversations/people.ts';
import type { PersonalStore } from '../../ports/conversations/personal.ts';
import type { ReplyStore } from '../../ports/http/stored-replies.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { ReadCursors } from '../../ports/projection/read-cursors.ts';
import type { UnreadCounts } from '../../ports/projection/unread-counts.ts';
import type { InlineProjection } from '../../ports/projection.ts';
import type { Releases } from '../releases.ts';

export interface PostgresSide {
  /** One tenant at a time. */
  readonly requests: TenantPool;
  /** Identity across tenants. */
  readonly identity: Pool;
  readonly reader: ProjectionReader;
  readonly projection: InlineProjection;
  readonly readCursors: ReadCursors;
  readonly unreadCounts: UnreadCounts;
  readonly personal: PersonalStore;
  readonly people: People;
  readonly search: MessageSearch;
  readonly replies: ReplyStore;
  readonly audit: AuditStore;
  readonly survey: ConversationSurvey;
  readonly messageServers: MessageServers;
  /** Of all pools of the main thread together. */
  readonly load: () => PoolLoad;
}

/** Migrates, and opens the pools of what somebody waits for. Rejects when Postgres is away. */
export async function openPostgresSide(
  options: { readonly url: string; readonly logger: Logger },
  releases: Releases,
): Promise<PostgresSide> {
  const { url, logger: log } = options;
  await migrate(url, log);
  const { requests, identity } = await openIdentityPools(url, log, releases);
  const surveys = await openSurveyPools(url, log, releases);
  return {
    requests,
    identity,
    reader: openProjectionReader(requests),
    projection: openInlineProjection(requests),
    readCursors: openReadCursors(requests),
    unreadCounts: openUnreadCounts(requests),
    personal: openPersonalStore(requests),
    people: openPeopleReader(requests),
    search: openMessageSearch(requests),
    replies: openReplyStore(requests),
    audit: openAuditStore({ requests, identity }),
    survey: openConversationSurvey({ requests, ...surveys }),
    messageServers: openMessageServers(requests),
    load: () => loadOf([requests, identity, surveys.counting, surveys.platform]),
  };
}

function loadOf(pools: readonly { readonly load: PoolLoad }[]): PoolLoad {
  const sum = (of: (load: PoolLoad) => number): number =>
    pools.reduce((total, { load }) => total + of(load), 0);
  return { waiting: sum(({ waiting }) => waiting), inUse: sum(({ inUse }) => inUse) };
}

/** The pools alone, on a schema that is up to date. Rejects when row level security would not hold for them. */
export async function openIdentityPools(
  url: string,
  log: Logger,
  releases: Releases,
): Promise<Pick<PostgresSide, 'requests' | 'identity'>> {
  const requests = openPool({ url, role: 'parley_requests', max: limits.sqlRequestConnectionsMax, log });
  releases.add('pool for requests', () => requests.close());
  const identity = openPool({ url, role: 'parley_identity', max: limits.sqlIdentityConnectionsMax, log });
  releases.add('pool for identity', () => identity.close());
  await requireWall('parley_requests', (work) => requests.answering('', work));
  await requireWall('parley_identity', identity.answering);
  return { requests, identity };
}

/** For lists and counts over many conversations: of one tenant, and of all. */
async function openSurveyPools(
  url: string,
  log: Logger,
  releases: Releases,
): Promise<Omit<SurveyPools, 'requests'>> {
  const [max, statementMs] = [limits.sqlSurveyConnectionsMax, limits.sqlSurveyMsMax];
  const counting = openPool({ url, role: 'parley_requests', max, log, statementMs });
  releases.add('pool for counts', () => counting.close());
  const platform = openPool({ url, role: 'parley_platform', max, log, statementMs });
  releases.add('pool for the platform', () => platform.close());
  await requireWall('parley_platform', platform.answering);
  return { counting, platform };
}

/** What a projector writes with, on a schema that is up to date: one connection for each partition. */
export async function openProjectorPool(
  options: { readonly url: string; readonly partitions: number; readonly logger: Logger },
  releases: Releases,
): Promise<Pool> {
  const { url, partitions, logger: log } = options;
  const statementMs = limits.sqlBatchMsMax;
  const pool = openPool({ url, role: 'parley_projector', max: partitions, log, statementMs });
  releases.add('pool for batches', () => pool.close());
  await requireWall('parley_projector', pool.answering);
  return pool;
}
