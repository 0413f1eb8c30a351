/** Several nats-servers of this machine that are one cluster, for `parley cluster` and for tests. */
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { keptPassword } from './credentials.ts';
import { freePorts } from './free-port.ts';
import { endNatsOrphan, type NatsServer, type NatsServerOptions, openNatsServer } from './nats-server.ts';
import { claim } from './pid-file.ts';
import { holds } from './process-identity.ts';

export type NatsClusterOptions = Pick<NatsServerOptions, 'binary' | 'variables' | 'log'> & {
  /** The repository's `deploy/nats-cluster.conf`. */
  readonly configPath: string;
  /** Server n keeps its store in `<dataDir>/nats-n`; the password of the routes is beside them. */
  readonly dataDir: string;
  /** How many servers; an odd number, because a majority decides. Default 3. */
  readonly count?: number;
  /** First port to try for clients, each server takes the next free one. Default 4222. */
  readonly port?: number;
  /** The same for the routes between the servers. Default: 2,000 above `port`, so 6222 beside 4222. */
  readonly routePort?: number;
  /** Called when a server ends although nobody closed it; `restart()` brings it back. */
  readonly onExit?: (
    server: ClusterServer,
    how: Parameters<NonNullable<NatsServerOptions['onExit']>>[0],
  ) => void;
};

export type ClusterServer = {
  /** `nats-1`, `nats-2`, … */
  readonly name: string;
  /** As it runs now. */
  present(): NatsServer;
  /** Ends it if it runs, and starts it on the same store and ports. */
  restart(): Promise<void>;
};

export type NatsCluster = {
  /** The addresses of all servers, separated by commas, without credentials. */
  readonly url: string;
  readonly servers: readonly ClusterServer[];
  /** Ends all servers cleanly. May be called again. */
  close(): Promise<void>;
};

/** What one server of a cluster is opened with. */
export type ClusterSeat = Required<Pick<NatsServerOptions, 'name' | 'dataDir' | 'port' | 'variables'>>;

/** An election takes up to 9 s after a start; under load, and with stores to read, more. */
const leaderMsMax = 60_000;

/**
 * Opens all servers at once and resolves when they have chosen who leads them, so that streams can be made. What a
 * killed Parley left on these stores is ended first; a living one on them is an error. A failed start ends what it began.
 */
export async function openNatsCluster(options: NatsClusterOptions): Promise<NatsCluster> {
  await mkdir(options.dataDir, { recursive: true });
  const dataDir = await realpath(options.dataDir);
  const release = await claim(join(dataDir, 'cluster-owner'));
  const servers: (ClusterServer & { close(): Promise<void> })[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
    await release();
  };
  try {
    const seats = await clusterSeats({ ...options, dataDir });
    const opened = await Promise.allSettled(seats.map((seat) => openServer(options, seat)));
    for (const one of opened) if (one.status === 'fulfilled') servers.push(one.value);
    for (const one of opened) if (one.status === 'rejected') throw one.reason;
    await clusterReady(servers.map((server) => server.present()));
  } catch (error) {
    await close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    url: servers.map((server) => server.present().url).join(','),
    servers,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/**
 * Names, stores and ports for the servers of a cluster. The ports are looked for after servers that a killed Parley left
 * here are gone, so that a cluster comes back on its own ports. The caller holds the claim on `dataDir`.
 */
export async function clusterSeats(
  options: Pick<NatsClusterOptions, 'dataDir' | 'count' | 'port' | 'routePort' | 'variables' | 'log'>,
): Promise<readonly ClusterSeat[]> {
  const { dataDir, count = 3, variables } = options;
  const names = Array.from({ length: count }, (_, index) => `nats-${index + 1}`);
  await Promise.all(names.map((name) => endNatsOrphan(join(dataDir, name), options.log)));
  const { port = 4222, routePort = routesBeside(port) } = options;
  const ports = await freePorts(count, port);
  const routePorts = await freePorts(count, routePort);
  const password = await keptPassword(join(dataDir, 'routes-password'));
  const shared = {
    ...variables,
    PARLEY_NATS_CLUSTER_NAME: 'parley',
    PARLEY_NATS_CLUSTER_PASSWORD: password,
    PARLEY_NATS_CLUSTER_ROUTES: routePorts.map((port) => `nats://route:${password}@127.0.0.1:${port}`),
  };
  return names.map((name, index) => ({
    ...{ name, dataDir: join(dataDir, name), port: ports[index] ?? 0 },
    variables: { ...shared, PARLEY_NATS_CLUSTER_LISTEN: `127.0.0.1:${routePorts[index]}` },
  }));
}

/** Two clusters on one machine that start at once and have ports of their own for clients have them for routes, too. */
function routesBeside(port: number): number {
  if (port === 0) return 0;
  return port + 2_000 < 65_000 ? port + 2_000 : port - 2_000;
}

/** Waits until one of the servers leads all of them, and each knows it. */
export async function clusterReady(servers: readonly Pick<NatsServer, 'monitorUrl'>[]): Promise<void> {
  const knowing = async (): Promise<boolean> => {
    const leaders = await Promise.all(servers.map(leaderSeenBy));
    return leaders[0] !== undefined && leaders.every((leader) => leader === leaders[0]);
  };
  if (!(await holds(knowing, leaderMsMax))) {
    throw new Error(`the nats-servers chose no leader within ${leaderMsMax} ms`);
  }
}

async function leaderSeenBy({ monitorUrl }: Pick<NatsServer, 'monitorUrl'>): Promise<string | undefined> {
  try {
    const answer = await fetch(`${monitorUrl}/jsz`, { signal: AbortSignal.timeout(2_000) });
    const { meta_cluster } = (await answer.json()) as { meta_cluster?: { leader?: string } };
    return meta_cluster?.leader || undefined;
  } catch {
    return undefined; // it does not listen yet, or has no time: asked again
  }
}

async function openServer(
  options: NatsClusterOptions,
  seat: ClusterSeat,
): Promise<ClusterServer & { close(): Promise<void> }> {
  const { binary, configPath, log } = options;
  let closed = false;
  const open = (): Promise<NatsServer> =>
    openNatsServer({
      ...{ binary, configPath, ...seat },
      ...(log === undefined ? {} : { log }),
      onExit: (how) => options.onExit?.(server, how),
    });
  let present = await open();
  let restarting: Promise<void> = Promise.resolve();
  const server: ClusterServer & { close(): Promise<void> } = {
    name: seat.name,
    present: () => present,
    restart() {
      restarting = restarting
        .catch(() => undefined)
        .then(async () => {
          await present.close();
          if (!closed) present = await open();
        });
      return restarting;
    },
    async close() {
      closed = true;
      await restarting.catch(() => undefined); // who asked for it has its error
      await present.close();
    },
  };
  return server;
}
