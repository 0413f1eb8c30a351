/** All nodes are drained and started again, one after another, under load. Runs alone: it needs both cores. */
import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import t from 'tap';
import { agentStream } from '../../../src/adapters/jetstream/subjects.ts';
import { openAsking } from '../../kit/chaos/actors/asking-socket.ts';
import { postBalanced } from '../../kit/chaos/actors/balanced-http.ts';
import { Load } from '../../kit/chaos/actors/load.ts';
import { askQuestions, brokenAnswers, startSlowModel } from '../../kit/chaos/actors/questions.ts';
import { type Broker, openDeployment } from '../../kit/chaos/faults/deployment.ts';
import type { KillableNode } from '../../kit/chaos/faults/killable-node.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import { type Latency, latencyDuring, provePace } from '../../kit/chaos/proofs/latency.ts';
import { readStoredLog } from '../../kit/chaos/proofs/stored-log.ts';
import { signUp } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';

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

t.test('turns of agents that are under way end in one answer, whole, to each question', async (t) => {
  const model = await startSlowModel(t);
  const env = { PARLEY_MODEL_URL: model, PARLEY_MODEL: 'slow' };
  const deployment = await openDeployment(t, { nodes: 3, env });
  const { nodes, broker } = deployment;
  const owner = await signUp(nodes[0] as KillableNode);
  const urls = nodes.map(({ url }) => url);
  const questions = await askQuestions(t, urls, owner, 8);
  const more = (count: number): Promise<void> => {
    const goal = questions.answered() + count;
    return until(() => questions.answered() >= goal, 60_000);
  };
  await more(8);
  const drains: number[] = [];
  await rounds(async () => {
    for (const node of nodes) {
      const beganMs = performance.now();
      await node.drain();
      drains.push(performance.now() - beganMs);
      await node.start();
      await more(8);
    }
  });
  await questions.end();
  // What was asked once more than it was answered would be answered now.
  await until(async () => (await turnsWaiting(broker)) === 0, 30_000);
  const log = await readStoredLog(broker, owner.tenant);
  const broken = questions.conversations.flatMap((id) => brokenAnswers(id, log.get(id) ?? [], owner.id));
  t.same(broken, [], `each of ${questions.answered()} questions has one answer`);
  t.ok(Math.max(...drains) < 16_000, `drains took ${drains.map(Math.round)} ms`);
});

/** Turns that no node has done. */
async function turnsWaiting({ url, user, pass }: Broker): Promise<number> {
  const connection = await connect({ servers: new URL(url).host, user, pass });
  try {
    return (await (await jetstreamManager(connection)).streams.info(agentStream)).state.messages;
  } finally {
    await connection.close();
  }
}
