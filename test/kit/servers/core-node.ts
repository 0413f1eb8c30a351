/** A node without a front end: the core over real NATS and real PostgreSQL, its sockets in memory. */

import { randomUUID } from 'node:crypto';
import { type Nats, openNats } from '../../../src/adapters/jetstream/connections/connection.ts';
import { openDraftStore } from '../../../src/adapters/jetstream/draft-store.ts';
import { openLiveFeed } from '../../../src/adapters/jetstream/live-feed.ts';
import { openLog } from '../../../src/adapters/jetstream/log/jetstream-log.ts';
import { openNodeLink } from '../../../src/adapters/jetstream/node-link.ts';
import { openProjectionFeed } from '../../../src/adapters/jetstream/projection/projection-feed.ts';
import { openStreams, watchStreams } from '../../../src/adapters/jetstream/streams/streams.ts';
import { openKeyWrap } from '../../../src/adapters/master-key/key-wrap.ts';
import { openConversationSurvey } from '../../../src/adapters/postgres/conversation-survey.ts';
import { openDataKeyStore } from '../../../src/adapters/postgres/data-key-store.ts';
import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import { openPool } from '../../../src/adapters/postgres/pool.ts';
import { openProjectionMarks } from '../../../src/adapters/postgres/projection-marks.ts';
import { openProjectionReader } from '../../../src/adapters/postgres/projection-reader.ts';
import {
  openInlineProjection,
  openProjectionWriter,
} from '../../../src/adapters/postgres/projection-writer.ts';
import { openReadCursors } from '../../../src/adapters/postgres/read-cursors.ts';
import { openUnreadCounts } from '../../../src/adapters/postgres/unread/unread-counts.ts';
import { textCipher } from '../../../src/adapters/sealing/text-cipher.ts';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { openIdSource } from '../../../src/adapters/system/id-source.ts';
import { noTracing } from '../../../src/contract/no-tracing.ts';
import { type Core, openBus } from '../../../src/core/open-bus.ts';
import { openProjector } from '../../../src/core/projection/projector.ts';
import { openSealing, type Sealing } from '../../../src/core/sealing/sealing.ts';
import type { Principal, PrincipalKind, Scope } from '../../../src/domain/principal.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { DraftStore } from '../../../src/ports/draft-store.ts';
import type { LiveFeed } from '../../../src/ports/live-feed.ts';
import type { Log } from '../../../src/ports/log.ts';
import type { ProjectionReader } from '../../../src/ports/projection/projection-reader.ts';
import type { ProjectionFeed, ProjectionProgress } from '../../../src/ports/projection-feed.ts';
import { noTenantCaps } from '../hostile/rate-limits.ts';
import { MemorySockets } from '../memory/memory-sockets.ts';
import { quietMetrics } from '../memory/quiet-metrics.ts';
import { silentLogger } from '../memory/silent-logger.ts';

export const testMasterKey = '0123456789abcdef'.repeat(4);

export interface CoreNode {
  readonly core: Core;
  readonly sealing: Sealing;
  readonly log: Log;
  readonly nats: Nats;
  readonly feed: ProjectionFeed & ProjectionProgress;
  readonly reader: ProjectionReader;
  readonly drafts: DraftStore;
  readonly sockets: MemorySockets;
  readonly metrics: ReturnType<typeof quietMetrics>;
  /** What it logged: nothing at `error` is expected of any test. */
  readonly logger: ReturnType<typeof silentLogger>;
  close(): Promise<void>;
}

export interface CoreNodeOptions {
  /** With user and password. */
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly name?: string;
  readonly deltaWindowMs?: number;
  /** Puts something between the core and the projection: a slow list. */
  readonly wrapReader?: (reader: ProjectionReader) => ProjectionReader;
  /** False: nothing is projected by this node. */
  readonly projects?: boolean;
  /** Puts something between the core and the log: faults. */
  readonly wrapLog?: (log: Log) => Log;
  /** Puts something between the live feed and the core: lost messages. */
  readonly wrapLive?: (live: LiveFeed) => LiveFeed;
  /** 32 bytes in hex; null: none, so that nothing can be sealed. Default: the same for every node of a test. */
  readonly masterKey?: string | null;
  /** A clock that a test moves; the machine's by default. */
  readonly clock?: Clock;
}

export async function openCoreNode(options: CoreNodeOptions): Promise<CoreNode> {
  const logger = silentLogger();
  const name = options.name ?? `node-${randomUUID().slice(0, 8)}`;
  const clock = options.clock ?? openClock();
  const nats = await openNats({ url: options.natsUrl, name, log: logger });
  const streams = await openStreams(nats.connection, { partitions: 2, replicas: 1 }, logger);
  watchStreams(nats, streams, logger);
  const plain = openLog(nats.requester, streams, name);
  const log = options.wrapLog === undefined ? plain : options.wrapLog(plain);
  await migrate(options.databaseUrl, logger);
  const { databaseUrl: url } = options;
  const requests = openPool({ url, role: 'parley_requests', max: 6, log: logger });
  const batches = openPool({ url, role: 'parley_projector', max: 2, log: logger });
  const platform = openPool({ url, role: 'parley_platform', max: 2, log: logger });
  const plainReader = openProjectionReader(requests);
  const reader = options.wrapReader?.(plainReader) ?? plainReader;
  const writer = openProjectionWriter(batches);
  const feed = await openProjectionFeed(nats, streams, logger);
  const metrics = quietMetrics();
  const sockets = new MemorySockets();
  const projector =
    options.projects === false
      ? null
      : await openProjector({
          feed,
          marks: openProjectionMarks(batches),
          writer,
          log,
          logger,
          metrics,
          clock,
        });
  const plainLive = openLiveFeed(nats, logger, streams);
  const drafts = openDraftStore(nats.requester, streams);
  const masterKey = options.masterKey === undefined ? testMasterKey : options.masterKey;
  const sealing = openSealing({
    store: openDataKeyStore(requests),
    wrap: masterKey === null ? null : openKeyWrap(masterKey),
    cipher: textCipher,
    clock,
    logger,
  });
  const core = openBus({
    log,
    live: options.wrapLive === undefined ? plainLive : options.wrapLive(plainLive),
    drafts,
    link: openNodeLink(nats, name, logger),
    reader,
    projection: openInlineProjection(requests),
    readCursors: openReadCursors(requests),
    survey: openConversationSurvey({ requests, counting: requests, platform }),
    unreadCounts: openUnreadCounts(requests),
    fanout: sockets,
    clock,
    ids: openIdSource(),
    logger,
    metrics,
    caps: noTenantCaps,
    tracing: noTracing,
    deltaWindowMs: options.deltaWindowMs ?? 0,
    sealing,
  });
  return {
    core,
    sealing,
    log,
    nats,
    feed,
    reader,
    drafts,
    sockets,
    metrics,
    logger,
    async close() {
      await core.close();
      await projector?.close();
      await nats.close();
      await requests.close();
      await platform.close();
      await batches.close();
    },
  };
}

/** Somebody of a tenant. */
export function principal(
  tenant: string,
  id: string,
  kind: PrincipalKind = 'user',
  scopes: readonly Scope[] = [],
): Principal {
  return {
    tenant,
    id,
    kind,
    scopes,
    role: 'member',
    superAdmin: false,
    displayName: id,
    sid: `session of ${id}`,
    service: null,
    expiresAt: null,
  };
}
