/** What decides, projects and knows who asks: a node without the words of any API. */
import { openPrometheus, type Prometheus } from '../adapters/prometheus/prometheus.ts';
import { openClock } from '../adapters/system/clock.ts';
import { openIdSource } from '../adapters/system/id-source.ts';
import { ownIssuer } from '../config/external-identity-variables.ts';
import { type Core, openBus } from '../core/open-bus.ts';
import type { Sealing } from '../core/sealing/sealing.ts';
import type { NodeId } from '../domain/ids.ts';
import type { Principal } from '../domain/principal.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdSource } from '../ports/id-source.ts';
import type { Identity } from '../ports/identity/identity-service.ts';
import type { TenantLimitsAdministration } from '../ports/limits/tenant-limits.ts';
import type { Logger } from '../ports/logger.ts';
import type { Fanout } from '../ports/outbox.ts';
import type { KeyWrap } from '../ports/sealing/key-wrap.ts';
import type { Tracing } from '../ports/tracing.ts';
import { openElizaSide } from './agents/eliza-side.ts';
import { openExternalIdentity } from './identity/external-identity.ts';
import { openIdentitySide } from './identity/identity-side.ts';
import { makeAdministrator } from './identity/make-administrator.ts';
import { keyWrapOf } from './key-wrap-of.ts';
import { openLimitsSide } from './limits-side.ts';
import type { NodeConfig } from './node-config.ts';
import { openProjectorSide } from './projector/projector-side.ts';
import type { Releases } from './releases.ts';
import { openSealingSide } from './sealing-side.ts';
import { type NatsSide, openNatsSide } from './servers/nats-side.ts';
import { openPostgresSide, type PostgresSide } from './servers/postgres-side.ts';
import { addLagGauge, addQueueGauges } from './servers/queue-gauges.ts';
import { loggerWithTraces, openTracingSide } from './servers/tracing-side.ts';

export interface NodeCore {
  readonly node: NodeId;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly nats: NatsSide;
  readonly postgres: PostgresSide;
  readonly sealing: Sealing;
  /** Null: nothing is wrapped. */
  readonly wrap: KeyWrap | null;
  readonly identity: Identity;
  /** Who asks without a credential in the words of ElizaOS; null: nobody may. */
  readonly elizaAnonymous: Principal | null;
  readonly prometheus: Prometheus;
  readonly tracing: Tracing;
  readonly tenantLimits: TenantLimitsAdministration;
  readonly core: Core;
}

export interface NodeFacts {
  readonly node: NodeId;
  readonly logger: Logger;
  /** Reaches the sockets of the node, once there are any. */
  readonly fanout: Fanout;
}

/** Rejects when a server is away. Projects from now on. */
export async function openNodeCore(
  config: NodeConfig,
  { node, logger: plainLogger, fanout }: NodeFacts,
  releases: Releases,
): Promise<NodeCore> {
  const { natsUrl, natsCreds, databaseUrl, partitions, replicas, deltaWindowMs, isRateLimited } = config;
  const [clock, ids] = [openClock(), openIdSource()];
  const prometheus = openPrometheus({
    node,
    ...(config.worker === undefined ? {} : { worker: config.worker }),
  });
  releases.add('metrics', () => prometheus.close());
  const { metrics } = prometheus;
  const tracing = await openTracingSide(config, { node, metrics, logger: plainLogger }, releases);
  const logger = tracing.isOn ? loggerWithTraces(plainLogger, tracing) : plainLogger;
  const nats = await openNatsSide(
    { url: natsUrl, credsFile: natsCreds, node, partitions, replicas, logger },
    releases,
  );
  const postgres = await openPostgresSide({ url: databaseUrl, logger }, releases);
  const sealing = openSealingSide(config, { pool: postgres.requests, clock, logger });
  const keys = { sealing, wrap: keyWrapOf(config) };
  const world = { node, clock, ids, logger, nats, postgres, ...keys };
  const { identity, anonymous: elizaAnonymous } = await openIdentity(config, world, releases);
  // A partition of which nothing came has a 0, so that a rate begins with the first event.
  for (let partition = 0; partition < nats.log.partitions; partition += 1) {
    metrics.appends.add(`${partition}`, 0);
    metrics.projected.add(`${partition}`, 0);
  }
  const { log, link, live, drafts } = nats;
  const limitsOf = { pools: postgres, link, clock, logger, metrics, isRateLimited };
  const { caps, tenantLimits } = await openLimitsSide(limitsOf, releases);
  const { reader, projection, readCursors, unreadCounts, survey } = postgres;
  const core = openBus({
    ...{ log, live, drafts, link, reader, projection, readCursors, unreadCounts, survey },
    ...{ fanout, clock, ids, logger, metrics, caps, deltaWindowMs, sealing, tracing },
  });
  releases.add('core', () => core.close());
  releases.add('revocations', core.live.obey(identity.authenticator));
  const settings = { natsUrl, natsCreds, databaseUrl, node, partitions, replicas };
  const isTraced = tracing.isOn;
  const projector = await openProjectorSide({ ...settings, isTraced }, logger, metrics, tracing);
  releases.add('projector', () => projector.close());
  addQueueGauges(prometheus, { core, nats, postgres });
  releases.add('look at the lag', addLagGauge(prometheus, nats.feed, clock));
  return { ...world, identity, elizaAnonymous, prometheus, tracing, tenantLimits, core };
}

type World = Pick<NodeCore, 'clock' | 'ids' | 'logger' | 'nats' | 'postgres' | 'sealing' | 'wrap'>;

/** The accounts, the tenant of ElizaOS' clients, and the first administrator. */
async function openIdentity(
  config: NodeConfig,
  { clock, ids, logger, nats: { link }, postgres: pools, sealing, wrap }: World,
  releases: Releases,
) {
  const { refreshReuseGraceMs, isRateLimited } = config;
  const own = await openIdentitySide(
    {
      ...{ pools, link, clock, ids, logger, issuer: ownIssuer(config) },
      external: openExternalIdentity(config, { clock, logger }, releases),
      ...{ refreshReuseGraceMs, isRateLimited, wrap },
      onDataKeys: sealing.changed,
    },
    releases,
  );
  const eliza = await openElizaSide({ identity: own, ids, config });
  await makeAdministrator(config, eliza.identity);
  return eliza;
}
