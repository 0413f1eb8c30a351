/** The short form of chaos/nats-cluster: the leader of the log dies under load, and two of three servers go on. */
import t from 'tap';
import { Load } from '../kit/chaos/actors/load.ts';
import { startNatsCluster } from '../kit/servers/nats-cluster.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

t.test('kill -9 of the leader of a log of three replicas: what was acknowledged is there once', async (t) => {
  const cluster = await startNatsCluster(t);
  const postgres = await startPostgres(t);
  const env = { NATS_CREDS: cluster.credsFile, PARLEY_REPLICAS: '3', PARLEY_PARTITIONS: '1' };
  const node = await startNode({ nats: cluster, database: postgres, env }, t);
  const sizes = { senders: 4, natsSenders: 1, observers: 2, conversations: 2 };
  const load = await Load.begin(t, { broker: cluster, postgres, nodes: [node] }, sizes);
  await load.more(100);
  const leader = await cluster.leaderOf('CONV_0');
  await leader.kill();
  const killed = load.ledger.acks.length;
  // What was on its way is decided by the next leader, which followers elect after 4 to 9 s.
  await load.more(200);
  t.not((await cluster.leaderOf('CONV_0')).name, leader.name, 'another server leads');
  const stayedAway = [...load.ledger.refusals.keys()].filter((code) => code !== 'unavailable');
  t.same(stayedAway, [], 'who was refused meanwhile may come again');
  t.ok(load.ledger.acks.length >= killed + 200, 'posts go on at the next one');
  await load.prove(t);
});
