/**
 * Packets are dropped and nobody is told: between a client and its node, a node and nats-server, a node and PostgreSQL,
 * in both directions or only what is answered. Runs alone: it needs both cores.
 */
import t, { type Test } from 'tap';
import { limits } from '../../../src/domain/limits.ts';
import { openAsking } from '../../kit/chaos/actors/asking-socket.ts';
import { Load } from '../../kit/chaos/actors/load.ts';
import { observeOverSocket } from '../../kit/chaos/actors/observers.ts';
import { type Deployment, openDeployment } from '../../kit/chaos/faults/deployment.ts';
import { type FarWay, type Loss, openFarWay } from '../../kit/chaos/faults/far-way.ts';
import { type KillableNode, openKillableNode } from '../../kit/chaos/faults/killable-node.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import { metricsOf, summed } from '../../kit/chaos/proofs/metrics.ts';
import { unnoticed } from '../../kit/chaos/proofs/pace.ts';
import { call } from '../../kit/clients/http-client.ts';
import type { ServerFrame } from '../../kit/clients/native-client.ts';
import { until } from '../../kit/log-entries.ts';

t.setTimeout(1_200_000);

const readyStatus = async (node: { readonly url: string }): Promise<number> =>
  (await call(node, 'GET', '/readyz')).status;

const refused = { ok: false, problem: { code: 'unavailable', retry_after_ms: Number } };
/** An append waits 5 s for its acknowledgement, and is looked for in the log for 10 s more. */
const answerMsMax = 20_000;

/** The node knows that it has lost nats-server. */
async function disconnected(node: { readonly url: string }): Promise<boolean> {
  const { body } = await call(node, 'GET', '/readyz');
  return JSON.stringify(body).includes('not connected');
}

/** The first of two nodes has a far way to the server. */
async function openWithFarNode(
  t: Test,
  to: 'nats' | 'postgres',
): Promise<{ readonly deployment: Deployment; readonly node: KillableNode; readonly way: FarWay }> {
  const servers = await openDeployment(t, { nodes: 0 });
  const { broker, postgres } = servers;
  const direct = new URL(to === 'nats' ? broker.url : postgres.url);
  const way = await openFarWay(t, Number(direct.port));
  direct.host = `${way.host}:${way.port}`;
  const nats = to === 'nats' ? { ...broker, url: direct.href } : broker;
  const database = to === 'postgres' ? { url: direct.href } : { url: postgres.url };
  const env = { NATS_CREDS: broker.credsFile };
  const node = await openKillableNode({ nats, database, env }, t);
  const near = await openKillableNode({ nats: broker, database: { url: postgres.url }, env }, t);
  return { deployment: { ...servers, nodes: [node, near] }, node, way };
}

t.test('a node and nats-server: noticed within seconds, nothing is lost or doubled', async (t) => {
  const { deployment, node, way } = await openWithFarNode(t, 'nats');
  const load = await Load.begin(t, deployment);
  await load.more(300);
  await rounds(async (round) => {
    for (const loss of ['both', 'answers', 'link'] as const satisfies readonly Loss[]) {
      const socket = await openAsking(node.url, load.cast.ownerToken);
      const post = (): Promise<ServerFrame> =>
        socket.ask('post', { conversation: load.conversations[0], content: 'cut off' }, 40_000);
      t.match(await post(), { ok: true });
      const beganMs = performance.now();
      way.drop(loss);
      t.match(await post(), refused, 'who posts in that moment is told to come back');
      const toldMs = Math.round(performance.now() - beganMs);
      t.ok(toldMs < answerMsMax, `${loss}, ${round}: after ${toldMs} ms`);
      await until(async () => (await disconnected(node)) === true, 20_000);
      const noticedMs = Math.round(performance.now() - beganMs);
      t.comment(`${loss}, ${round}: noticed after ${noticedMs} ms`);
      const againMs = performance.now();
      t.match(await post(), refused, 'and from then on at once');
      t.ok(performance.now() - againMs < 2_000);
      socket.end();
      way.heal();
      await until(async () => (await readyStatus(node)) === 200, 30_000);
      await load.more(300);
    }
  }, 1);
  await load.prove(t);
});

t.test(
  'a node and PostgreSQL: requests are refused in time, and no pool stays full of the dead',
  async (t) => {
    const { deployment, node, way } = await openWithFarNode(t, 'postgres');
    const load = await Load.begin(t, deployment);
    await load.more(300);
    const token = load.cast.ownerToken;
    const list = () => call(node, 'GET', '/api/conversations', { token });
    await rounds(async (round) => {
      for (const loss of ['both', 'answers', 'link'] as const satisfies readonly Loss[]) {
        await unnoticed(t, load, `${loss}, ${round}`, async () => {
          t.equal((await list()).status, 200);
          way.drop(loss);
          const beganMs = performance.now();
          const answers = await Promise.all(Array.from({ length: 30 }, list));
          const tookMs = Math.round(performance.now() - beganMs);
          t.same(new Set(answers.map(({ status }) => status)), new Set([503]), `${loss}: refused`);
          t.ok(tookMs < 14_000, `${loss}: all of them within ${tookMs} ms`);
          way.heal();
          const healedMs = performance.now();
          await until(async () => (await list()).status === 200, 30_000);
          const backMs = Math.round(performance.now() - healedMs);
          t.ok(backMs < 10_000, `${loss}: back after ${backMs} ms`);
          const after = await Promise.all(Array.from({ length: 30 }, list));
          t.same(
            new Set(after.map(({ status }) => status)),
            new Set([200]),
            'every connection is a live one',
          );
          await until(async () => (await readyStatus(node)) === 200, 30_000);
        });
      }
    }, 1);
    await load.prove(t);
  },
);

t.test('a client and its node: everything of it is given back, and it resumes', async (t) => {
  const deployment = await openDeployment(t);
  const [node = { url: '' }, other = { url: '' }] = deployment.nodes;
  const load = await Load.begin(t, deployment, { senders: 4, natsSenders: 0, observers: 2, restMs: 20 });
  const [conversation = ''] = load.conversations;
  const [first, second] = load.cast.agents;
  if (first === undefined || second === undefined) throw new Error('no agents');
  const way = await openFarWay(t, Number(new URL(node.url).port));
  const farUrl = `http://${way.host}:${way.port}`;
  const sockets = async (): Promise<number> => summed(await metricsOf(node), 'parley_sockets');
  const offline = new Set<string>();
  const watcher = await openAsking(other.url, second.token, ({ pulse }) => {
    if (pulse?.kind === 'presence' && pulse.status === 'offline') offline.add(pulse.from);
  });
  await watcher.ask('open', { conversation });
  const before = await sockets();
  const person = { ...first, id: load.cast.ownerId, token: load.cast.ownerToken };
  const far = observeOverSocket('far', person, [farUrl], load.conversations);
  load.observers.push(far);
  const present = await openAsking(farUrl, person.token);
  t.match(await present.ask('ping'), { ok: true });
  present.socket.send(JSON.stringify({ op: 'presence', status: 'online' }));
  await load.more(100);
  t.ok((await sockets()) >= before + 2);
  way.drop('both');
  const beganMs = performance.now();
  await until(async () => (await sockets()) <= before, 120_000);
  t.comment(`given up after ${Math.round((performance.now() - beganMs) / 1_000)} s`);
  t.ok(performance.now() - beganMs < 3 * limits.heartbeatSec * 1_000, 'within three heartbeats');
  await until(() => offline.has(person.id), 60_000);
  t.pass('the others see that it is offline');
  await load.more(100);
  way.heal();
  present.end();
  // The client notices by itself, as one that asks for signs of life does.
  far.drop();
  await until(() => far.connections() >= 2, 60_000);
  watcher.end();
  await load.prove(t);
});
