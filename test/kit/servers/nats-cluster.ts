import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type ClusterSeat, clusterReady, clusterSeats } from '../../../src/adapters/embedded/nats-cluster.ts';
import { type NatsServer, openNatsServer } from '../../../src/adapters/embedded/nats-server.ts';
import { serverVariables } from '../../../src/adapters/jetstream/door/nats-credentials.ts';
import { until } from '../log-entries.ts';
import { quietPorts, repository, type Teardown, temporaryDir } from '../temporary.ts';
import { type KillableServer, openKillable } from './killable-server.ts';
import { type TestNats, testNatsBinary } from './nats.ts';
import { makeTestCredentials } from './nats-credentials.ts';

/** One server of the cluster; it comes back on its own ports. */
export type TestClusterServer = KillableServer & {
  /** `nats-1`, … */
  readonly name: string;
  /** Of this server alone. */
  readonly url: string;
  monitorUrl(): string;
};

/** Real nats-servers of one test that are one cluster; streams of 3 replicas can be made at once. */
export type TestNatsCluster = Pick<TestNats, 'url' | 'user' | 'pass' | 'credentials' | 'credsFile'> & {
  /** `url` has the addresses of all of them, separated by commas. */
  readonly servers: readonly TestClusterServer[];
  /** The server that leads a stream now; waits while an election is on. */
  leaderOf(stream: string): Promise<TestClusterServer>;
  /** The servers that hold its other replicas. */
  followersOf(stream: string): Promise<readonly TestClusterServer[]>;
};

/** Three nats-servers with `deploy/nats-cluster.conf`. They are stopped at the end of the tap test. */
export async function startNatsCluster(t: Teardown): Promise<TestNatsCluster> {
  const dir = await temporaryDir('nats-cluster');
  t.teardown(dir.remove);
  const { text, credentials } = makeTestCredentials();
  const credsFile = join(dir.path, 'credentials.json');
  await writeFile(credsFile, text, { mode: 0o600 });
  const port = await quietPorts(3);
  const variables = serverVariables(credentials);
  const seats = await clusterSeats({ dataDir: dir.path, port, variables });
  const servers = await Promise.all(seats.map((seat) => openServer(t, seat)));
  await clusterReady(servers.map((server) => ({ monitorUrl: server.monitorUrl() })));
  const url = servers.map((server) => server.url).join(',');
  const access = { url, user: 'core', pass: credentials.passwords.core };
  const leaderOf = async (stream: string): Promise<TestClusterServer> => {
    let leader: TestClusterServer | undefined;
    await until(async () => {
      const name = await askLeader(access, stream);
      leader = servers.find((server) => server.name === name);
      return leader !== undefined;
    }, 60_000);
    if (leader === undefined) throw new Error(`nobody leads ${stream}`);
    return leader;
  };
  return {
    ...access,
    ...{ credentials, credsFile, servers, leaderOf },
    async followersOf(stream) {
      const leader = await leaderOf(stream);
      return servers.filter((server) => server !== leader);
    },
  };
}

async function openServer(t: Teardown, seat: ClusterSeat): Promise<TestClusterServer> {
  const [binary, configPath] = [await testNatsBinary(), join(repository, 'deploy/nats-cluster.conf')];
  await mkdir(seat.dataDir, { recursive: true });
  const dir = { path: seat.dataDir, remove: () => rm(seat.dataDir, { recursive: true, force: true }) };
  const open = (port: number): Promise<NatsServer> => openNatsServer({ ...seat, binary, configPath, port });
  const server = await openKillable(dir, seat.port, open, t);
  const { url } = server.present();
  return { ...server, name: seat.name, url, monitorUrl: () => server.present().monitorUrl };
}

/** True when every stream has all its replicas, up to date: then one more server may go without anything standing still. */
export async function areReplicasCurrent({
  url,
  user,
  pass,
}: Pick<TestNats, 'url' | 'user' | 'pass'>): Promise<boolean> {
  const connection = await connect({ servers: url.split(','), user, pass, timeout: 5_000 });
  try {
    const manager = await jetstreamManager(connection, { timeout: 5_000 });
    for await (const { config, cluster } of manager.streams.list()) {
      const replicas = cluster?.replicas ?? [];
      if (replicas.length !== config.num_replicas - 1) return false;
      if (!replicas.every(({ current, offline }) => current && offline !== true)) return false;
    }
    return true;
  } catch {
    return false; // an election is on
  } finally {
    await connection.close();
  }
}

/** The leader of a stream is who answers this question; null while nobody does. */
async function askLeader(
  { url, user, pass }: Pick<TestNats, 'url' | 'user' | 'pass'>,
  stream: string,
): Promise<string | null> {
  let connection: NatsConnection | undefined;
  try {
    connection = await connect({ servers: url.split(','), user, pass, timeout: 1_000, reconnect: false });
    const answer = await connection.request(`$JS.API.STREAM.INFO.${stream}`, '', { timeout: 2_000 });
    return answer.json<{ cluster?: { leader?: string } }>().cluster?.leader ?? null;
  } catch {
    return null; // the server it came to does not answer now, or there is an election
  } finally {
    await connection?.close();
  }
}
