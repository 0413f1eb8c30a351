/** Nodes are killed, stopped for a while, and come back, under load. Runs alone: it needs both cores. */
import t from 'tap';
import { openDeployment } from '../../kit/chaos/deployment.ts';
import { Load } from '../../kit/chaos/load.ts';
import { backToLevel, heldBytes } from '../../kit/chaos/memory.ts';
import { rounds } from '../../kit/chaos/rounds.ts';

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
