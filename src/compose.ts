/**
 * A node, put together: the one place that knows all parts. What is opened first is closed last, and a
 * start that fails closes what it had opened.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { readConsoleFiles } from './adapters/console-files/read-console-files.ts';
import { openDialectDeps } from './compose/dialect-deps.ts';
import { type DialectDeps, eventDialects, httpDialects, socketDialects } from './compose/dialects.ts';
import { documentsOf } from './compose/documents/documents.ts';
import { type Front, LateFanout, openFront } from './compose/front.ts';
import type { NodeConfig } from './compose/node-config.ts';
import { type NodeCore, openNodeCore } from './compose/node-core.ts';
import { openReleases, type Releases } from './compose/releases.ts';
import { openNatsDoor } from './compose/servers/nats-door.ts';
import { reachableHost } from './compose/servers/reachable-host.ts';
import { readyChecks } from './compose/servers/ready-checks.ts';
import { packagePath } from './config/package-path.ts';
import { packageVersion } from './config/package-version.ts';
import type { HttpDialect } from './contract/operation.ts';
import type { NodeId } from './domain/ids.ts';
import type { ConsoleFiles } from './ports/http/console-files.ts';
import type { Identity } from './ports/identity/identity-service.ts';
import type { Logger } from './ports/logger.ts';

export interface Node {
  readonly id: NodeId;
  /** `http://host:port` (`https` with PARLEY_TLS_CERT) as reached from this machine. */
  readonly url: string;
  readonly port: number;
  readonly identity: Identity;
  /** True when nats-server asks this node who a client is. */
  readonly hasNatsDoor: boolean;
  /**
   * Drains and closes: not ready any more, `drainDelayMs` later no new connections, sockets sent away in waves,
   * requests and projection batches in flight finished, then everything else. `isReplaced`: another process
   * listens on the port, so nobody needs that delay to find another node. May be called again.
   */
  close(isReplaced?: boolean): Promise<void>;
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
  const fanout = new LateFanout();
  const nodeCore = await openNodeCore(config, { node: id, logger, fanout }, releases);
  let ownUrl = urlAt(config, config.port);
  const publicUrl = (): string => (config.publicUrl ?? ownUrl).replace(/\/+$/, '');
  const deps = await openDialectDeps(config, nodeCore, publicUrl, releases);
  const readiness = { isDraining: false };
  const { port, sendAway } = await openFrontEnd(config, nodeCore, deps, { fanout, readiness }, releases);
  ownUrl = urlAt(config, port);
  const hasNatsDoor = await openNatsDoor(
    {
      url: config.natsUrl,
      credsFile: config.natsCreds,
      metrics: nodeCore.prometheus.metrics,
      tracing: nodeCore.tracing,
    },
    deps,
    releases,
  );
  const waited = new AbortController();
  // Opened last, so it comes before everything else that ends.
  releases.add('readiness', async () => {
    readiness.isDraining = true;
    sendAway();
    await delay(config.drainDelayMs, undefined, { signal: waited.signal }).catch(() => undefined);
  });
  const { identity } = nodeCore;
  const close = (isReplaced = false): Promise<void> => {
    if (isReplaced) waited.abort();
    return releases.close();
  };
  return { id, port, url: ownUrl, identity, hasNatsDoor, close };
}

interface Late {
  readonly fanout: LateFanout;
  readonly readiness: { readonly isDraining: boolean };
}

/** Listens in the words of every API. */
async function openFrontEnd(
  config: NodeConfig,
  nodeCore: NodeCore,
  deps: DialectDeps,
  { fanout, readiness }: Late,
  releases: Releases,
): Promise<Front> {
  const { host, port, corsOrigins, trustedProxies, isPortShared = false, dataDir, tlsCert, tlsKey } = config;
  const { identity, clock, ids, logger, prometheus } = nodeCore;
  const dialects = dialectsOf(nodeCore, deps, {
    isDraining: () => readiness.isDraining,
    metrics: config.shareMetrics?.(prometheus.text) ?? prometheus.text,
    console: await readConsoleFiles(packagePath('dist/console')),
  });
  return await openFront(
    {
      ...{ host, port, corsOrigins, rates: deps.rates, trustedProxies, isPortShared, dataDir },
      tls: tlsCert === null || tlsKey === null ? null : { certFile: tlsCert, keyFile: tlsKey },
      dialects,
      socketDialects: socketDialects(deps),
      eventDialects: eventDialects(deps),
      ...{ identity, clock, ids, logger, metrics: prometheus.metrics },
      logsRequests: config.logLevel === 'debug' || config.logLevel === 'trace',
      observeRequest: prometheus.observeRequest,
      gauge: prometheus.gauge,
      tracing: nodeCore.tracing,
    },
    fanout,
    releases,
  );
}

interface Shown {
  readonly isDraining: () => boolean;
  readonly metrics: () => Promise<string>;
  readonly console: ConsoleFiles | null;
}

function dialectsOf(
  { node, nats, postgres, clock, identity, prometheus }: NodeCore,
  deps: DialectDeps,
  { isDraining, metrics, console }: Shown,
): readonly HttpDialect[] {
  const version = packageVersion();
  const dialects = httpDialects(deps, {
    ...{ version, node, clock, isDraining },
    checks: readyChecks(nats, postgres, clock),
    ...{ metrics, console },
    metricsContentType: prometheus.contentType,
    jwks: () => identity.jwks(),
    documents: documentsOf(
      () => dialects,
      deps,
      () => ({ version, baseUrl: deps.publicUrl() }),
    ),
  });
  return dialects;
}

function urlAt({ tlsCert, host }: NodeConfig, port: number): string {
  return `${tlsCert === null ? 'http' : 'https'}://${reachableHost(host)}:${port}`;
}
