/** All nodes are drained and started again, one after another, under load. Runs alone: it needs both cores. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { openAsking } from '../../kit/chaos/actors/asking-socket.ts';
import { postBalanced } from '../../kit/chaos/actors/balanced-http.ts';
import { Load } from '../../kit/chaos/actors/load.ts';
import { openDeployment } from '../../kit/chaos/faults/deployment.ts';
import type { KillableNode } from '../../kit/chaos/faults/killable-node.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import { type Latency, latencyDuring, provePace } from '../../kit/chaos/proofs/latency.ts';
import { call } from '../../kit/clients/http-client.ts';

t.setTimeout(600_000);

const drainDelayMs = 1_000;

t.test('nodes that are drained and started again lose nothing, and slow nobody down', async (t) => {
  const env = { PARLEY_DRAIN_DELAY_MS: String(drainDelayMs) };
  const deployment = await openDeployment(t, { nodes: 3, env });
  const load = await Load.begin(t, deployment, { restMs: 25 });
  const { nodes } = deployment;
  const first = nodes[0] as KillableNode;
  const token = load.cast.ownerToken;
  const made = await call(first, 'POST', '/api/conversations', {
    token,
    body: { type: 'group', name: 'balanced' },
  });
  const conversation: string = made.body.id;
  const urls = nodes.map(({ url }) => url);
  const balanced = postBalanced(t, urls, { token, conversation, clients: 4 });
  await load.more(1_000);
  const paces: { quiet: Latency; busy: Latency }[] = [];
  const drains: number[] = [];
  await rounds(async () => {
    const quiet = await latencyDuring(load, () => delay(8_000));
    const busy = await latencyDuring(load, async () => {
      for (const node of nodes) {
        const beganMs = performance.now();
        await node.drain();
        drains.push(performance.now() - beganMs);
        await node.start();
      }
    });
    paces.push({ quiet, busy });
  });
  await balanced.end();
  t.same(balanced.faults, [], `none of ${balanced.posted()} requests behind a load balancer failed`);
  const reader = await openAsking(first.url, load.cast.ownerToken);
  const { conversations } = (await reader.ask('open', { conversation })) as {
    conversations: { seq: number }[];
  };
  t.equal(conversations[0]?.seq, balanced.posted(), 'and each of them is there once');
  reader.end();
  t.same([...load.ledger.closes.keys()], [1012], 'every socket that ended was told to come back');
  t.ok(Math.max(...drains) < drainDelayMs + 6_000, `drains took ${drains.map(Math.round)} ms`);
  t.same([...load.ledger.refusals], [], 'and no post was refused');
  provePace(t, paces);
  await load.prove(t);
});
