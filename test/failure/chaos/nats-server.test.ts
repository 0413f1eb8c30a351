/** The one nats-server is killed, hangs and comes back, under load. Runs alone: it needs both cores. */
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { openAsking } from '../../kit/chaos/actors/asking-socket.ts';
import { postInEach, refusedInEach } from '../../kit/chaos/actors/each-dialect.ts';
import { Load } from '../../kit/chaos/actors/load.ts';
import { type Deployment, openDeployment } from '../../kit/chaos/faults/deployment.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import { backToLevel, heldBytes } from '../../kit/chaos/proofs/memory.ts';
import { call } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import { startNats, type TestNats } from '../../kit/servers/nats.ts';

t.setTimeout(900_000);

t.test('kill -9 and restart', async (t) => {
  const { nats, deployment, load } = await begin(t);
  const levels = await Promise.all(deployment.nodes.map(heldBytes));
  const connected = connections(load);
  await rounds(async () => {
    await nats.kill();
    await isAway(deployment);
    await refusesEverywhere(t, deployment, load);
    await nats.restart();
    await load.more(400);
  });
  t.same(connections(load), connected, 'the sockets of all observers stayed open');
  t.same([...load.ledger.closes], [], 'and those of the senders');
  t.same([...load.ledger.refusals.keys()], ['unavailable']);
  await load.prove(t);
  for (const [index, node] of deployment.nodes.entries()) await backToLevel(t, node, levels[index] ?? 0);
});

t.test('SIGSTOP for 1, 8 and 20 seconds', async (t) => {
  const { nats, deployment, load } = await begin(t);
  const levels = await Promise.all(deployment.nodes.map(heldBytes));
  const connected = connections(load);
  await rounds(async () => {
    for (const seconds of [1, 8, 20]) {
      const before = refusalsOf(load);
      nats.pause();
      const stoppedMs = performance.now();
      if (seconds === 20) {
        await isAway(deployment);
        await refusesEverywhere(t, deployment, load);
      }
      await delay(seconds * 1_000 - (performance.now() - stoppedMs));
      nats.resume();
      await load.more(400);
      if (seconds === 1) t.equal(refusalsOf(load), before, 'what lasts a second is waited for');
    }
  }, 2);
  t.same(connections(load), connected, 'the sockets of all observers stayed open');
  // Until its silence is noticed, what waits behind an append is told that there is too much to do: 503, too.
  t.strictSame(
    new Set([...load.ledger.refusals.keys(), 'overloaded']),
    new Set(['unavailable', 'overloaded']),
  );
  await load.prove(t);
  for (const [index, node] of deployment.nodes.entries()) await backToLevel(t, node, levels[index] ?? 0);
});

async function begin(t: Test): Promise<{ nats: TestNats; deployment: Deployment; load: Load }> {
  const nats = await startNats(t);
  const deployment = await openDeployment(t, { broker: nats });
  const load = await Load.begin(t, deployment);
  await load.more(600);
  return { nats, deployment, load };
}

const connections = (load: Load): readonly number[] => load.observers.map((one) => one.connections());
const refusalsOf = (load: Load): number => [...load.ledger.refusals.values()].reduce((sum, n) => sum + n, 0);

/** Resolves when every node knows it; a hanging server is noticed by its silence. */
async function isAway({ nodes }: Deployment): Promise<void> {
  for (const node of nodes)
    await until(async () => (await call(node, 'GET', '/readyz')).body?.checks?.nats !== 'ok', 15_000);
}

/** While it is known to be away nobody waits, and everybody is told when to come back. */
async function refusesEverywhere(t: Test, { nodes }: Deployment, load: Load): Promise<void> {
  const [conversation = ''] = load.conversations;
  for (const node of nodes) {
    const askedMs = performance.now();
    refusedInEach(t, await postInEach(node, load.cast, conversation), 'unavailable');
    const socket = await openAsking(node.url, load.cast.ownerToken);
    const reply = await socket.ask('post', { conversation, content: 'away' });
    t.match(reply, { ok: false, problem: { code: 'unavailable', retry_after_ms: Number } }, 'native');
    t.match(await socket.ask('ping'), { ok: true }, 'the socket itself is well');
    socket.end();
    t.ok(performance.now() - askedMs < 5_000, 'nobody waits for a server that is known to be away');
  }
}
