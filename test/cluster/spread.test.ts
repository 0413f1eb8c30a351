/** How the work of a cluster is spread: over partitions, nodes, workers and nats-servers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import t from 'tap';
import { Load } from '../kit/chaos/actors/load.ts';
import { metricsOf, summed } from '../kit/chaos/proofs/metrics.ts';
import { until } from '../kit/log-entries.ts';
import { type ClusterPart, clusterDir, startParleyCluster } from '../kit/processes/parley-cluster.ts';

t.setTimeout(300_000);

const partitions = 4;
const cluster = await startParleyCluster(t, await clusterDir(t), {
  PARLEY_PARTITIONS: `${partitions}`,
  LOG_LEVEL: 'info',
});
const load = await Load.begin(t, cluster, { conversations: 32, senders: 16, restMs: 1 });

/** Counts of a metric by `label`, over everything else. */
async function countsBy(
  label: string,
  name: string,
  nodes: readonly ClusterPart[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    for (const [key, value] of await metricsOf(node)) {
      if (!key.startsWith(`${name}{`)) continue;
      const of = new RegExp(`[{,]${label}="([^"]*)"`).exec(key)?.[1] ?? '';
      counts.set(of, (counts.get(of) ?? 0) + value);
    }
  }
  return counts;
}

t.test('every partition, every node and every worker appends', async (t) => {
  await load.more(2_000);
  const byPartition = await countsBy('partition', 'parley_appends_total', cluster.nodes);
  t.same([...byPartition.keys()].sort(), ['0', '1', '2', '3']);
  for (const [partition, count] of byPartition) t.ok(count > 100, `partition ${partition}: ${count}`);
  for (const node of cluster.nodes) {
    const byWorker = await countsBy('worker', 'parley_appends_total', [node]);
    t.equal(byWorker.size, 2, `both workers of ${node.name} are told of`);
    for (const [worker, count] of byWorker) t.ok(count > 50, `worker ${worker} of ${node.name}: ${count}`);
  }
});

/** How many processes project something now. */
async function projecting(): Promise<number> {
  const projected = (): Promise<Map<string, number>> =>
    countsBy('node', 'parley_projected_events_total', cluster.nodes);
  const before = await projected();
  await load.more(200);
  return [...(await projected())].filter(([node, count]) => count > (before.get(node) ?? 0)).length;
}

t.test('every partition is projected, each by a worker of its own', async (t) => {
  await until(async () => (await projecting()) === 4, 60_000);
  const byPartition = await countsBy('partition', 'parley_projected_events_total', cluster.nodes);
  for (const [partition, count] of byPartition) t.ok(count > 100, `partition ${partition}: ${count}`);
});

t.test('a worker that is killed leaves its share to the others, and its successor gets one', async (t) => {
  const [one] = cluster.nodes;
  const log = await readFile(join(cluster.dataDir, one.name, 'node.log'), 'utf8');
  const [, pid = ''] = /"pid":(\d+),"message":"worker started"/.exec(log) ?? [];
  process.kill(Number(pid), 'SIGKILL');
  await until(async () => {
    const told = await metricsOf(one).catch(() => null); // the connection was with the one that is gone
    return (
      told !== null &&
      summed(told, 'parley_worker_restarts_total') === 1 &&
      summed(told, 'parley_workers_told') === 2
    );
  }, 30_000);
  await until(async () => (await projecting()) === 4, 60_000);
  t.pass('all four project again');
});

/** Stream of the log -> the server that leads it; each server must have a replica of each. */
async function logLeaders(): Promise<Map<string, string>> {
  const leaders = new Map<string, string>();
  for (const { name, monitorUrl } of cluster.servers) {
    const answer = await fetch(`${monitorUrl}/jsz?streams=1`);
    const { account_details: accounts } = (await answer.json()) as {
      account_details: { stream_detail: { name: string; cluster: { leader: string } }[] }[];
    };
    const ours = accounts.flatMap(({ stream_detail }) => stream_detail);
    const log = ours.filter((stream) => stream.name.startsWith('CONV_'));
    if (log.length !== partitions) throw new Error(`${name} has replicas of ${log.length} partitions`);
    for (const stream of log) leaders.set(stream.name, stream.cluster.leader);
  }
  return leaders;
}

t.test('the streams are led by different nats-servers, or one is asked to step down', async (t) => {
  const { url, user, pass } = cluster.broker;
  const connection = await connect({ servers: url.split(','), user, pass });
  t.teardown(() => connection.close());
  // nats-server draws the leaders by lot; once in 27 times one of three has all four.
  const differ = async (): Promise<boolean> => {
    const leaders = await logLeaders();
    if (new Set(leaders.values()).size >= 2) return true;
    await connection.request('$JS.API.STREAM.LEADER.STEPDOWN.CONV_0', '', { timeout: 5_000 });
    return false;
  };
  await until(differ, 30_000);
  t.equal((await logLeaders()).size, partitions);
});

t.test('and what was posted meanwhile is in one order for all', async (t) => {
  await load.prove(t);
});
