/** Nodes are killed, stopped for a while, and come back, under load. Runs alone: it needs both cores. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { isAlive } from '../../../src/adapters/embedded/process-identity.ts';
import { Load } from '../../kit/chaos/actors/load.ts';
import { openDeployment } from '../../kit/chaos/faults/deployment.ts';
import { treeOf } from '../../kit/chaos/faults/process-tree.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import { backToLevel, heldBytes } from '../../kit/chaos/proofs/memory.ts';
import { metricsOf, summed } from '../../kit/chaos/proofs/metrics.ts';
import { until } from '../../kit/log-entries.ts';

t.setTimeout(600_000);

t.test('kill -9 of one node after the other', async (t) => {
  const deployment = await openDeployment(t);
  const load = await Load.begin(t, deployment);
  await load.more(200);
  await rounds(async (round) => {
    const node = deployment.nodes[round % deployment.nodes.length];
    await node?.kill();
    await load.more(300);
    await node?.start();
    await load.more(300);
  });
  await load.more(200);
  const levels = await Promise.all(deployment.nodes.map(heldBytes));
  await load.more(1_000);
  await load.prove(t);
  for (const [index, node] of deployment.nodes.entries()) await backToLevel(t, node, levels[index] ?? 0);
});

t.test('a node that hangs for a while wakes without old state', async (t) => {
  const deployment = await openDeployment(t);
  const load = await Load.begin(t, deployment);
  await load.more(200);
  const [node] = deployment.nodes;
  // Clients wait; clients and nats-server give it up; its projections are somebody else's.
  for (const ms of [1_000, 10_000, 40_000]) {
    node?.pause();
    await Promise.all([delay(ms), load.more(ms / 50)]);
    node?.resume();
    await load.more(300);
  }
  await load.prove(t);
});

t.test('two of three nodes are killed at once', async (t) => {
  const deployment = await openDeployment(t, { nodes: 3 });
  const load = await Load.begin(t, deployment);
  await load.more(200);
  await rounds(async (round) => {
    const doomed = deployment.nodes.filter((_, index) => index !== round % 3);
    await Promise.all(doomed.map((node) => node.kill()));
    await load.more(300);
    for (const node of doomed) await node.start();
    await load.more(300);
  });
  await load.prove(t);
});

t.test('kill -9 of one worker of two, whose node goes on', async (t) => {
  const deployment = await openDeployment(t, { workers: 2 });
  const load = await Load.begin(t, deployment);
  await load.more(200);
  const restarts = new Map(deployment.nodes.map((node) => [node, 0]));
  await rounds(async (round) => {
    const node = deployment.nodes[round % deployment.nodes.length];
    if (node === undefined) throw new Error('no node');
    const workers = treeOf(node.pid()).slice(1);
    t.equal(workers.length, 2, 'a node is a supervisor and two workers');
    const victim = workers[Math.floor(round / deployment.nodes.length) % 2] ?? 0;
    process.kill(victim, 'SIGKILL');
    await load.more(300);
    t.notOk(await isAlive(victim));
    await until(() => treeOf(node.pid()).length === 3, 30_000);
    await load.more(300);
    restarts.set(node, (restarts.get(node) ?? 0) + 1);
  });
  for (const [node, count] of restarts)
    t.equal(summed(await metricsOf(node), 'parley_worker_restarts_total'), count, 'each was replaced once');
  await load.prove(t);
});
