/**
 * As many webhooks as a deployment may have (`PARLEY_CHAOS_WEBHOOKS=n`: fewer), with streams of three replicas and two
 * nodes: what they cost while nothing happens, how soon and how fast their events arrive, how they are spread, and that
 * nothing is lost when a node that delivers is killed. It prints its figures.
 */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { cpuMs, residentBytes } from '../../../bench/kit/references/process-usage.ts';
import { limits } from '../../../src/domain/limits.ts';
import { metricsOf } from '../../kit/chaos/proofs/metrics.ts';
import { type Account, signUp } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import { startWebhookReceiver } from '../../kit/outside/webhook-receiver.ts';
import { startNatsCluster } from '../../kit/servers/nats-cluster.ts';
import { startNodeProcess } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

t.setTimeout(1_500_000);

const count = Number(process.env['PARLEY_CHAOS_WEBHOOKS'] ?? limits.webhooksMax);
const tenants = Math.ceil(count / limits.webhooksPerTenantMax);
const [rounds, idleMs] = [10, 20_000];
/** A killed node has what was in hand for the silence of its deliveries, and its pins. */
const [arriveMsMax, handOverMsMax] = [300_000, 180_000];
const [postTriesMax, postAgainMs] = [20, 1_000];

const [nats, database] = [await startNatsCluster(t), await startPostgres(t)];
const env = {
  ...{ PARLEY_WEBHOOK_PRIVATE: 'on', PARLEY_MASTER_KEY: 'ef'.repeat(32) },
  ...{ PARLEY_PARTITIONS: '4', PARLEY_REPLICAS: '3' },
};
const servers = { nats, database, env };
const nodes = [await startNodeProcess(servers, t), await startNodeProcess(servers, t)] as const;
const receiver = await startWebhookReceiver(t);
const lines: string[] = [];

interface Tenant extends Account {
  readonly conversation: string;
}
const all: Tenant[] = [];

/** One line of figures, and `true` for tap to show. */
function tell(line: string): string {
  lines.push(line);
  console.log(`  ${line}`);
  return line;
}

const processes = (): readonly (readonly [string, number])[] => [
  ...nodes.map(({ pid }, at) => [`node ${at + 1}`, pid] as const),
  ...nats.servers.map((server) => [server.name, server.pid()] as const),
];

/** Processor time that each of them took meanwhile, as milliseconds for one of `by`, and what it holds. */
async function costOf(work: () => Promise<void>, by: number): Promise<string> {
  const before = processes().map(([name, pid]) => [name, pid, cpuMs(pid)] as const);
  const begunMs = performance.now();
  await work();
  const seconds = (performance.now() - begunMs) / 1_000;
  const each = before.map(([name, pid, start]) => {
    const took = (cpuMs(pid) ?? 0) - (start ?? 0);
    const memory = Math.round((residentBytes(pid) ?? 0) / 1_048_576);
    return `${name} ${(took / by).toFixed(2)} (${memory} MB)`;
  });
  return `${seconds.toFixed(1)} s; processor ms for each: ${each.join(', ')}`;
}

let [refused, refusal] = [0, ''];

/** One in each conversation, asked again where the node says that it is too busy; none is stored twice. */
async function post(text: string, at: (typeof nodes)[number]): Promise<void> {
  await Promise.all(
    all.map(async ({ token, conversation }) => {
      const path = `/api/conversations/${conversation}/messages`;
      const request = {
        token,
        body: { content: text },
        headers: { 'idempotency-key': text.replaceAll(' ', '-') },
      };
      for (let tries = 1; ; tries += 1) {
        const { status, body } = await call(at, 'POST', path, request);
        if (status < 300) return;
        if (status !== 503 || tries === postTriesMax) throw new Error(`a post was answered ${status}`);
        refused += 1;
        refusal = JSON.stringify(body);
        await delay(postAgainMs);
      }
    }),
  );
}

/** Of how many endpoints each text has arrived. */
const arrived = new Map<string, Set<string>>();
let seen = 0;
function arrivedOf(text: string): number {
  for (; seen < receiver.received.length; seen += 1) {
    const { path, json } = receiver.received[seen]!;
    const content = json.data.data.content as string;
    arrived.set(content, (arrived.get(content) ?? new Set()).add(path));
  }
  return arrived.get(text)?.size ?? 0;
}

/** Until all endpoints have it; tells after how many milliseconds since `begunMs` how many had it, also when not all have. */
async function untilAllHave(text: string, begunMs: number, withinMs: number): Promise<void> {
  try {
    await until(() => arrivedOf(text) === count, withinMs);
  } finally {
    const first = new Map<string, number>();
    for (const { path, json, atMs } of receiver.received)
      if (json.data.data.content === text && !first.has(path)) first.set(path, atMs - begunMs);
    const times = [...first.values()].sort((one, other) => one - other);
    const at = [0.01, 0.5, 0.9, 0.99].map((part) => Math.round(times[Math.floor(times.length * part)] ?? -1));
    tell(
      `'${text}' at ${times.length} of ${count}: 1 % after ${at[0]} ms, half ${at[1]}, 90 % ${at[2]}, 99 % ${at[3]}, all ${Math.round(times.at(-1) ?? -1)}`,
    );
    if (refused > 0)
      tell(`posts that were refused and asked again so far: ${refused}, the last with ${refusal}`);
  }
}

t.test(`${count} webhooks are made`, async (t) => {
  for (let from = 0; from < tenants; from += 8) {
    const some = Array.from({ length: Math.min(8, tenants - from) }, async () => {
      const account = await signUp(nodes[1]);
      const body = { type: 'group', name: 'told' };
      const made = await call(nodes[1], 'POST', '/api/conversations', { token: account.token, body });
      return { ...account, conversation: made.body.id as string };
    });
    all.push(...(await Promise.all(some)));
  }
  const idle = await costOf(() => delay(idleMs), idleMs / 1_000);
  tell(`idle, no webhook, a second: ${idle}`);
  let made = 0;
  const making = await costOf(async () => {
    for (const { token } of all) {
      const share = Math.min(limits.webhooksPerTenantMax, count - made);
      for (let number = 0; number < share; number += 1) {
        const body = { url: `${receiver.url}/${made}`, types: ['message.posted'] };
        const answer = await call(nodes[made % 2]!, 'POST', '/v1/webhooks', { token, body });
        if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
        made += 1;
      }
    }
  }, count);
  t.equal(made, count, tell(`made ${count}, each: ${making}`));
});

t.test('what they cost while nothing happens', async (t) => {
  await delay(idleMs / 2);
  const idle = await costOf(() => delay(idleMs), idleMs / 1_000);
  t.ok(idle, tell(`idle, ${count} webhooks, a second: ${idle}`));
});

t.test('one event for each of them, and then many', async (t) => {
  const begunMs = performance.now();
  await post('first', nodes[0]);
  await untilAllHave('first', begunMs, arriveMsMax);
  const texts = Array.from({ length: rounds }, (_, at) => `round ${at}`);
  const cost = await costOf(async () => {
    for (const text of texts) await post(text, nodes[1]);
    await until(() => texts.every((text) => arrivedOf(text) === count), arriveMsMax);
  }, count * rounds);
  t.ok(cost, tell(`${count * rounds} deliveries, each: ${cost}`));
  const delivered = await Promise.all(
    nodes.map(async (node) => {
      const outcomes = [...(await metricsOf(node))].filter(([key]) =>
        /^parley_webhook_deliveries_total\{.*outcome="delivered"/.test(key),
      );
      return outcomes.reduce((sum, [, value]) => sum + value, 0);
    }),
  );
  const least = Math.min(...delivered) / (count * (rounds + 1));
  t.ok(least > 0.3, tell(`delivered by each node: ${delivered.join(', ')}`));
});

t.test('a node that is killed takes none with it', async (t) => {
  const posting = post('before the end', nodes[1]);
  await until(() => arrivedOf('before the end') > 0, arriveMsMax);
  const killedMs = performance.now();
  await nodes[0].kill();
  await posting;
  await post('after the end', nodes[1]);
  for (const text of ['before the end', 'after the end']) await untilAllHave(text, killedMs, handOverMsMax);
  t.ok(lines);
  // Thousands of files: longer than a test file has for its end.
  await nodes[1].kill();
  await Promise.all(nats.servers.map((server) => server.stop()));
});
