/** A cluster that loses a node, a nats-server, and the command that runs it: what was acknowledged stays, work goes on. */
import t from 'tap';
import { isAlive } from '../../src/adapters/embedded/process-identity.ts';
import { Load } from '../kit/chaos/actors/load.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { type ClusterPart, clusterDir, startParleyCluster } from '../kit/processes/parley-cluster.ts';
import { runParley } from '../kit/processes/parley-process.ts';
import { gone } from '../kit/servers/killable-server.ts';
import { areReplicasCurrent } from '../kit/servers/nats-cluster.ts';

t.setTimeout(400_000);

/** How long a client may hear nothing because the server that it spoke through is gone; an election takes 4 to 9 s. */
const silenceMsMax = 20_000;
/** A server that accepts and says nothing is given up after two pings of 5 s. */
const staleMsMax = 40_000;

t.test(
  'a nats-server stands still, each is killed, a node drains: posts go on, and nothing is lost or doubled',
  async (t) => {
    const cluster = await startParleyCluster(t, await clusterDir(t));
    const [one, two] = cluster.nodes;
    const loaded = { ...cluster, nodes: [one, two] as ClusterPart[] };
    const load = await Load.begin(t, loaded, { conversations: 8 });
    await load.more(300);
    const [stale] = cluster.servers;
    process.kill(stale?.pid ?? 0, 'SIGSTOP');
    const stoppedMs = performance.now();
    // Some of the senders were with it, and some streams led by it.
    await load.more(300, staleMsMax);
    t.comment(
      `300 posts in ${Math.round(performance.now() - stoppedMs)} ms while ${stale?.name} stands still`,
    );
    await until(async () => {
      const { stdout } = await runParley(['doctor'], { DATA_DIR: cluster.dataDir });
      return new RegExp(`warn +nats cluster +.*CONV_\\d: ${stale?.name} is (offline|behind)`).test(stdout);
    }, 60_000);
    process.kill(stale?.pid ?? 0, 'SIGCONT');
    await until(() => areReplicasCurrent(cluster.broker), 60_000);
    for (const { name, pid } of cluster.servers) {
      process.kill(pid, 'SIGKILL');
      await load.more(100, silenceMsMax);
      await cluster.process.says(new RegExp(`${name} ended by itself \\(SIGKILL\\)[\\s\\S]*${name} is back`));
      await until(() => areReplicasCurrent(cluster.broker), 60_000);
    }
    process.kill(one.pid, 'SIGTERM');
    await load.more(300, silenceMsMax);
    await gone(one.pid);
    await cluster.process.says(/node-1 was stopped; 1 left/);
    t.equal((await call(two, 'GET', '/readyz')).status, 200);
    await load.more(300);
    loaded.nodes = [two];
    await load.prove(t);
    cluster.process.signal('SIGINT');
    t.equal(await cluster.process.exited, 0, cluster.process.stderr());
    for (const { name, pid } of [two, ...cluster.servers]) t.notOk(await isAlive(pid), `${name} is gone`);
  },
);

t.test('after kill -9 of the command the next start ends what is left, and finds everything', async (t) => {
  const dir = await clusterDir(t);
  const first = await startParleyCluster(t, dir);
  const login = async (at: { readonly url: string }): Promise<string> =>
    (await call(at, 'POST', '/auth/login', { body: first.administrator })).body.access_token;
  const token = await login(first.nodes[0]);
  const socket = await NativeClient.connect(first.nodes[1], token);
  const made = await socket.ask('create', { type: 'group', name: 'kept' });
  const conversation: string = made['conversation'].id;
  await socket.ask('post', { conversation, content: 'before' });
  process.kill(first.process.pid, 'SIGKILL');
  await first.process.exited;
  for (const { pid } of [...first.nodes, ...first.servers]) t.ok(await isAlive(pid), 'it is left');

  const [port, natsPort] = [new URL(first.nodes[0].url).port, new URL(first.servers[0]?.url ?? '').port];
  const second = await startParleyCluster(t, dir, { PORT: port, NATS_PORT: natsPort });
  for (const { pid } of [...first.nodes, ...first.servers]) await gone(pid);
  t.same(
    second.servers.map(({ url }) => url),
    first.servers.map(({ url }) => url),
    'on the same ports',
  );
  for (const node of second.nodes) {
    const read = await call(node, 'GET', `/api/conversations/${conversation}/messages`, { token });
    t.match(read.body, [{ content: 'before' }], 'with the token of before');
  }
});
