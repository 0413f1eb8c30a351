/**
 * A node, put together: the one place that knows all parts. What is opened first is closed last, and a
 * start that fails closes what it had opened.
 */
import { randomBytes } from 'node:crypto';
import { openPrometheus } from './adapters/prometheus/prometheus.ts';
import { openClock } from './adapters/system/clock.ts';
import { openIdSource } from './adapters/system/id-source.ts';
import { administrationSideOver } from './compose/administration-side.ts';
import { openAgentsSide } from './compose/agents-side.ts';
import { eventDialects, httpDialects, socketDialects } from './compose/dialects.ts';
import { documentsOf } from './compose/documents/documents.ts';
import { openElizaSide } from './compose/eliza-side.ts';
import { LateFanout, openFront } from './compose/front.ts';
import { openGuestsSide } from './compose/guests-side.ts';
import { openAccountSide } from './compose/identity/account-side.ts';
import { openExternalIdentity } from './compose/identity/external-identity.ts';
import { openIdentitySide } from './compose/identity/identity-side.ts';
import { makeAdministrator } from './compose/identity/make-administrator.ts';
import { openJobsSide } from './compose/jobs-side.ts';
import { keyWrapOf } from './compose/key-wrap-of.ts';
import { openLimitsSide } from './compose/limits-side.ts';
import { openMediaSide } from './compose/media-side.ts';
import { openNatsDoor } from './compose/nats-door.ts';
import { openNatsSide } from './compose/nats-side.ts';
import { openPostgresSide } from './compose/postgres-side.ts';
import { openProjectorSide } from './compose/projector/projector-side.ts';
import { reachableHost } from './compose/reachable-host.ts';
import { readyChecks } from './compose/ready-checks.ts';
import { openReleases, type Releases } from './compose/releases.ts';
import { openSealingSide } from './compose/sealing-side.ts';
import { openSpeechSide } from './compose/speech-side.ts';
import { openTenantSide } from './compose/tenant-side.ts';
import { openTimedSessionsSide } from './compose/timed-sessions-side.ts';
import type { Config } from './config/config.ts';
import { ownIssuer } from './config/external-identity-variables.ts';
import { packageVersion } from './config/package-version.ts';
import { auditTrailOver } from './core/audit/audit-trail.ts';
import { openRateLimiter } from './core/limits/rate-limiter.ts';
import { openRateWindows } from './core/limits/rate-windows.ts';
import { openBus } from './core/open-bus.ts';
import { openPersonal } from './core/personal/open-personal.ts';
import { openStoredReplies } from './core/replies/open-stored-replies.ts';
import { dataKeyAdministrationOver } from './core/sealing/data-key-administration.ts';
import type { NodeId } from './domain/ids.ts';
import type { Identity } from './ports/identity/identity-service.ts';
import type { Logger } from './ports/logger.ts';
import type { Model } from './ports/model.ts';

/** The configuration of a node that can start: it knows its servers. */
export type NodeConfig = Config & {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  /** Several processes listen on the port (`parley serve --workers`). */
  readonly isPortShared?: boolean;
  /** `parley dev`: clients of ElizaOS need no credential. */
  readonly isForOneMachine?: boolean;
  /** Somebody who may asked the process to end; absent: the node closes. */
  readonly onStop?: () => void;
  /** What agents that run here speak with; absent: as the environment says. */
  readonly agentModel?: Model;
};

export interface Node {
  readonly id: NodeId;
  /** `http://host:port` (`https` with PARLEY_TLS_CERT) as reached from this machine. */
  readonly url: string;
  readonly port: number;
  readonly identity: Identity;
  /** True when nats-server asks this node who a client is. */
  readonly hasNatsDoor: boolean;
  /**
   * Drains and closes: not ready any more, no new connections, sockets sent away in waves, requests and
   * projection batches in flight finished, then everything else. May be called again.
   */
  close(): Promise<void>;
}

/** Starts a node and answers when it listens. Rejects with a sentence when it cannot. */
export async function openNode(config: NodeConfig, parentLogger: Logger): Promise<Node> {
  const id = randomBytes(9).toString('base64url');
  const logger = parentLogger.child({ node: id });
  const releases = openReleases(logger);
  try {
    return await openParts(config, id, logger, releases);
  } catch (error) {
    await releases.close();
    throw error;
  }
}

async function openParts(config: NodeConfig, id: NodeId, logger: Logger, releases: Releases): Promise<Node> {
  const { partitions, replicas } = config;
  const [clock, ids] = [openClock(), openIdSource()];
  const nats = await openNatsSide(
    { url: config.natsUrl, credsFile: config.natsCreds, node: id, partitions, replicas, logger },
    releases,
  );
  const postgres = await openPostgresSide({ url: config.databaseUrl, logger }, releases);
  const { log, link, live, drafts } = nats;
  const { reader, projection, readCursors, unreadCounts, survey } = postgres;
  const sealing = openSealingSide(config, { pool: postgres.requests, clock, logger });
  const wrap = keyWrapOf(config);
  const ownIdentity = await openIdentitySide(
    {
      ...{ pools: postgres, link, clock, ids, logger, issuer: ownIssuer(config) },
      external: openExternalIdentity(config, { clock, logger }, releases),
      refreshReuseGraceMs: config.refreshReuseGraceMs,
      ...{ isRateLimited: config.isRateLimited, wrap },
      onDataKeys: sealing.changed,
    },
    releases,
  );
  const eliza = await openElizaSide({ identity: ownIdentity, ids, config });
  const { identity } = eliza;
  await makeAdministrator(config, identity);
  const prometheus = openPrometheus({ node: id });
  releases.add('metrics', () => prometheus.close());
  const { metrics } = prometheus;
  const fanout = new LateFanout();
  const { deltaWindowMs, isRateLimited } = config;
  const limitsOf = { pools: postgres, link, clock, logger, metrics, isRateLimited };
  const { caps, tenantLimits } = await openLimitsSide(limitsOf, releases);
  const core = openBus({
    ...{ log, live, drafts, link, reader, projection, readCursors, unreadCounts, survey },
    ...{ fanout, clock, ids, logger, metrics, caps, deltaWindowMs, sealing },
  });
  releases.add('core', () => core.close());
  releases.add('revocations', core.live.obey(identity.authenticator));
  const { natsUrl, natsCreds, databaseUrl } = config;
  const settings = { natsUrl, natsCreds, databaseUrl, node: id, partitions, replicas };
  const projector = await openProjectorSide(settings, logger, metrics);
  releases.add('projector', () => projector.close());
  let isDraining = false;
  const { directory } = identity;
  const agents = await openAgentsSide(
    {
      ...{ config, core, directory, feed: nats.turnFeed, model: config.agentModel, agents: identity.agents },
      ...{ pools: postgres, link, ids, clock, logger, metrics },
    },
    releases,
  );
  const dataKeys = dataKeyAdministrationOver({ sealing, directory, link, audit: postgres.audit, logger });
  const rates = openRateLimiter(isRateLimited, { clock, metrics });
  const audit = auditTrailOver(postgres.audit);
  const isSecure = config.publicUrl?.startsWith('https:') ?? false;
  const conversations = administrationSideOver({
    ...{ bus: core.bus, feed: nats.feed, survey: postgres.survey, cursors: readCursors },
    ...{ directory, audit: postgres.audit, clock, logger },
  });
  const personal = openPersonal({ store: postgres.personal, link, live, clock });
  const { tlsCert, tlsKey } = config;
  const urlAt = (port: number): string =>
    `${tlsCert === null ? 'http' : 'https'}://${reachableHost(config.host)}:${port}`;
  let ownUrl = urlAt(config.port);
  const publicUrl = (): string => (config.publicUrl ?? ownUrl).replace(/\/+$/, '');
  const deps = {
    replies: openStoredReplies({ store: postgres.replies, sealer: sealing.sealer, clock, ids }),
    ...{ messageServers: postgres.messageServers, survey: postgres.survey },
    ...{ people: postgres.people, search: postgres.search, editWindowSec: config.editWindowSec },
    ...{ core, agents, personal, identity, ids, clock, logger, node: id },
    ...{ audit, dataKeys, conversations, tenantLimits, rates, isSecure },
    windows: openRateWindows(isRateLimited, { clock, metrics }),
    sessions: await openGuestsSide({ pools: postgres, identity, bus: core.bus, clock, ids }, releases),
    timedSessions: openTimedSessionsSide(
      { pools: postgres, bus: core.bus, sealing, clock, ids, logger, config },
      releases,
    ),
    jobs: openJobsSide(
      { pools: postgres, bus: core.bus, answers: agents.answers, sealing, clock, ids },
      releases,
    ),
    account: openAccountSide(config, releases),
    speech: openSpeechSide(config, logger, releases),
    media: await openMediaSide(config, { pools: postgres, clock, ids, logger, wrap }, releases),
    publicUrl,
    elizaAnonymous: eliza.anonymous,
    tenant: openTenantSide({ pool: postgres.requests, sealer: sealing.sealer, clock, ids }),
    process: {
      ...{ version: packageVersion(), isForOneMachine: config.isForOneMachine ?? false },
      ...{ startedMs: clock.monotonicMs(), stop: config.onStop ?? (() => void releases.close()) },
    },
  };
  const dialects = httpDialects(deps, {
    version: packageVersion(),
    node: id,
    clock,
    checks: readyChecks(nats, postgres, clock),
    isDraining: () => isDraining,
    metrics: prometheus.text,
    metricsContentType: prometheus.contentType,
    jwks: () => identity.jwks(),
    documents: documentsOf(
      () => dialects,
      deps,
      () => ({ version: packageVersion(), baseUrl: publicUrl() }),
    ),
  });
  const server = await openFront(
    {
      ...{ host: config.host, port: config.port, corsOrigins: config.corsOrigins, rates },
      trustedProxies: config.trustedProxies,
      tls: tlsCert === null || tlsKey === null ? null : { certFile: tlsCert, keyFile: tlsKey },
      isPortShared: config.isPortShared ?? false,
      dialects,
      socketDialects: socketDialects(deps),
      eventDialects: eventDialects(deps),
      ...{ identity, clock, ids, logger, metrics, dataDir: config.dataDir },
      observeRequest: prometheus.observeRequest,
      onDrain: () => {
        isDraining = true;
      },
    },
    fanout,
    releases,
  );
  ownUrl = urlAt(server.port);
  const hasNatsDoor = await openNatsDoor({ url: natsUrl, credsFile: natsCreds }, deps, releases);
  return {
    id,
    port: server.port,
    url: ownUrl,
    identity,
    hasNatsDoor,
    close: () => releases.close(),
  };
}
