import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import t from 'tap';
import { clusterSeats, openNatsCluster } from '../../../src/adapters/embedded/nats-cluster.ts';
import { isAlive } from '../../../src/adapters/embedded/process-identity.ts';
import { openNats } from '../../../src/adapters/jetstream/connections/connection.ts';
import { serverVariables } from '../../../src/adapters/jetstream/door/nats-credentials.ts';
import { openStreamManager } from '../../../src/adapters/jetstream/streams/stream-manager.ts';
import { until } from '../../kit/log-entries.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { testNatsBinary } from '../../kit/servers/nats.ts';
import { startNatsCluster } from '../../kit/servers/nats-cluster.ts';
import { makeTestCredentials } from '../../kit/servers/nats-credentials.ts';
import { quietPort, quietPorts, repository, temporaryDir } from '../../kit/temporary.ts';

t.setTimeout(240_000);

const configPath = join(repository, 'deploy/nats-cluster.conf');
const variables = serverVariables(makeTestCredentials().credentials);

t.test('three servers keep three replicas: what was stored is there when its leader is killed', async (t) => {
  const cluster = await startNatsCluster(t);
  const connection = await connect({ servers: cluster.url.split(','), user: 'core', pass: cluster.pass });
  t.teardown(() => connection.close());
  const manager = await openStreamManager(connection);
  await manager.streams.add({ name: 'KEPT', subjects: ['conv.kept'], num_replicas: 3 });
  // The server of this connection may hear of the new stream a moment after its leader.
  const publish = (): Promise<boolean> =>
    jetstream(connection)
      .publish('conv.kept', 'kept', { timeout: 10_000 })
      .then(
        () => true,
        () => false,
      );
  await until(publish, 60_000);

  const leader = await cluster.leaderOf('KEPT');
  t.equal((await cluster.followersOf('KEPT')).length, 2);
  // A node that was told of one server learns of the others from it.
  const node = await openNats({
    ...{ url: leader.url, credsFile: cluster.credsFile, name: 'node', log: silentLogger() },
  });
  t.teardown(() => node.close());
  await leader.kill();
  await until(() => node.isConnected() && !leader.url.endsWith(node.connection.getServer()));
  const next = await cluster.leaderOf('KEPT');
  t.not(next.name, leader.name, 'another one leads');
  // The server of this connection may hear of the new leader a moment after it leads.
  const stored = (): Promise<string | undefined> =>
    manager.streams.getMessage('KEPT', { last_by_subj: 'conv.kept' }).then(
      (message) => message?.string(),
      () => undefined,
    );
  await until(async () => (await stored()) === 'kept', 60_000);

  await leader.restart();
  t.equal(leader.url, cluster.url.split(',')[cluster.servers.indexOf(leader)], 'it is where it was');
  await until(async () => {
    const { cluster: state } = await manager.streams.info('KEPT').catch(() => ({ cluster: undefined }));
    const replicas = state?.replicas ?? [];
    return replicas.length === 2 && replicas.every(({ current, offline }) => current && offline !== true);
  }, 60_000);
});

t.test('a cluster ends its servers, and the next one on its stores has the same ports', async (t) => {
  const dir = await temporaryDir('cluster');
  t.teardown(dir.remove);
  const port = await quietPorts(3);
  const binary = await testNatsBinary();
  const ended: string[] = [];
  const open = () =>
    openNatsCluster({
      ...{ binary, configPath, variables, dataDir: dir.path, port },
      onExit: (server) => {
        ended.push(server.name);
        void server.restart();
      },
    });
  const first = await open();
  await t.rejects(open(), /already works on this store/, 'a second one is refused');
  const victim = first.servers[1];
  const killed = victim?.present().pid ?? 0;
  process.kill(killed, 'SIGKILL');
  await until(async () => victim?.present().pid !== killed);
  t.same(ended, ['nats-2'], 'who ended by itself is told of, and may be started again');
  const pids = first.servers.map((server) => server.present().pid);
  await first.close();
  t.same(await Promise.all(pids.map(isAlive)), [false, false, false]);
  const second = await open();
  t.teardown(() => second.close());
  t.equal(second.url, first.url);
});

t.test('nats-server takes the configuration with several routes in one variable', async (t) => {
  const dir = await temporaryDir('cluster');
  t.teardown(dir.remove);
  const [seat] = await clusterSeats({ dataDir: dir.path, port: 0, routePort: 0, variables });
  const env: Record<string, string> = {
    PARLEY_NATS_LISTEN: '"127.0.0.1:4222"',
    PARLEY_NATS_MONITOR: '"127.0.0.1:8222"',
    PARLEY_NATS_NAME: '"nats-1"',
    PARLEY_NATS_SYNC: '"2m"',
    PARLEY_NATS_STORE: JSON.stringify(dir.path),
  };
  for (const [name, value] of Object.entries(seat?.variables ?? {})) env[name] = JSON.stringify(value);
  const check = (given: Record<string, string>) =>
    promisify(execFile)(process.env['NATS_SERVER'] ?? '', ['-t', '-c', configPath], { env: given });
  t.match((await check(env)).stderr, /is valid/);
  const { PARLEY_NATS_CLUSTER_ROUTES: _, ...without } = env;
  await t.rejects(check(without), /PARLEY_NATS_CLUSTER_ROUTES/, 'a missing variable is named');
});

t.test('two clusters that start at once have ports of their own for routes, too', async (t) => {
  const dir = await temporaryDir('seats');
  t.teardown(dir.remove);
  const port = await quietPort();
  const [seat] = await clusterSeats({ dataDir: dir.path, port, variables });
  const listens = Number(String(seat?.variables['PARLEY_NATS_CLUSTER_LISTEN']).split(':')[1]);
  t.ok(Math.abs(Math.abs(listens - port) - 2_000) < 100, `clients at ${port}, routes at ${listens}`);
});
