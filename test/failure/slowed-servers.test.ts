/**
 * NATS and PostgreSQL, each a hundred times slower than they are here: a round trip takes 30 ms instead of 0.3, and
 * 200 KB pass in a second, which is room for 200 posts instead of 20,000 (measured.md). Whoever asks for more is told
 * to come back; what is acknowledged is stored; and nothing in the node grows beyond its bound.
 */
import t from 'tap';
import { limits } from '../../src/domain/limits.ts';
import { type Asking, openAsking } from '../kit/chaos/actors/asking-socket.ts';
import { callUntil, comeBack, newLedger } from '../kit/chaos/actors/callers.ts';
import { metricsOf, summed } from '../kit/chaos/proofs/metrics.ts';
import { brokenAcks, brokenNumbers, brokenSenderOrder } from '../kit/chaos/proofs/proof.ts';
import { readStoredLog } from '../kit/chaos/proofs/stored-log.ts';
import { signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { openSlowProxy } from '../kit/links/slow-proxy.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(300_000);
const hundredTimes = { delayMs: 15, bytesPerSec: 200_000 };
const callers = 2_000;
const callersPerSocket = 40;
const conversationsCount = 500;

const broker = await startNats(t);
const { url: databaseUrl } = await startPostgres(t);
const nats = await openSlowProxy(broker.port);
const postgres = await openSlowProxy(Number(new URL(databaseUrl).port));
t.teardown(() => Promise.all([nats.close(), postgres.close()]));
const node = await startNodeProcess(
  {
    nats: { ...broker, url: `nats://127.0.0.1:${nats.port}` },
    database: { url: through(databaseUrl, postgres.port) },
  },
  t,
);
const owner = await signUp(node);
const { token } = owner;
const sockets: Asking[] = [];
for (let count = 0; count < callers / callersPerSocket; count += 1)
  sockets.push(await openAsking(node.url, token));
t.teardown(() => {
  for (const socket of sockets) socket.end();
});
const [first] = sockets as [Asking];
const conversations: string[] = [];
// Some at once: a creation asks PostgreSQL, which others may keep busy.
await Promise.all(sockets.slice(0, 10).map((socket) => createSome(socket)));

async function createSome(socket: Asking): Promise<void> {
  const ledger = newLedger();
  while (conversations.length < conversationsCount) {
    const made = await socket.ask('create', { type: 'group' });
    if (made['ok'] === true) conversations.push(made['conversation'].id);
    else await comeBack(made['problem'], 'setup', ledger);
  }
}

function through(url: string, port: number): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(port);
  return changed.href;
}

/** The largest value of each gauge while `work` runs. */
async function highest(
  names: readonly string[],
  work: Promise<unknown>,
): Promise<ReadonlyMap<string, number>> {
  const most = new Map<string, number>();
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  void work.then(end, end); // whoever gave it to us hears why it failed
  await until(async () => {
    const metrics = await metricsOf(node);
    for (const name of names) most.set(name, Math.max(most.get(name) ?? 0, summed(metrics, name)));
    return isOver;
  }, 70_000);
  return most;
}

t.test(
  'with a slow NATS 2,000 callers are acknowledged, or told to come back, and queues keep their bounds',
  async (t) => {
    const ledger = newLedger();
    const over = new AbortController();
    nats.slow(hundredTimes);
    const posting = Array.from({ length: callers }, (_, index) =>
      callUntil(
        sockets[index % sockets.length] as Asking,
        `caller ${index}`,
        conversations[index % conversationsCount] ?? '',
        ledger,
        over.signal,
      ),
    );
    const path = `/api/conversations/${conversations[0]}/messages`;
    const rest: { readonly status: number; readonly retryAfter: number }[] = [];
    const asking = Array.from({ length: 60 }, async (_, index) => {
      const { status, headers } = await call(node, 'POST', path, {
        token,
        body: { content: `rest ${index}` },
      });
      rest.push({ status, retryAfter: Number(headers.get('retry-after')) });
    });
    const isEnough = until(
      () => (ledger.refusals.get('overloaded') ?? 0) > callers / 2 && ledger.acks.length > callers / 4,
      60_000, // 4 s where nothing else runs; how many are asked in a second is the machine's
    );
    const most = await highest(
      ['parley_commands_waiting', 'parley_nats_outbound_bytes', 'parley_nats_requests_in_flight'],
      isEnough,
    );
    await isEnough;
    over.abort();
    nats.slow(null);
    const healedMs = performance.now();
    await Promise.all([...posting, ...asking]);
    const recoveryMs = performance.now() - healedMs;
    const startedMs = performance.now();
    t.match(await first.ask('post', { conversation: conversations[0], content: 'after' }), { ok: true });
    t.ok(performance.now() - startedMs < 10_000, 'a post is what it was');
    t.comment(
      `${ledger.acks.length} acknowledged, refused ${JSON.stringify([...ledger.refusals])}, slowest answer ${ledger.slowestMs.toFixed(0)} ms, normal after ${recoveryMs.toFixed(0)} ms, ${JSON.stringify([...most])}`,
    );
    t.ok(recoveryMs < 40_000, 'all is well some seconds later');
    t.same(ledger.faults, [], 'each refusal says when to come back');
    const counted = summed(await metricsOf(node), 'parley_overloads_total');
    t.ok(counted >= (ledger.refusals.get('overloaded') ?? 0), `${counted} refusals are counted`);
    t.ok(ledger.slowestMs < 45_000, 'nobody waits for ever');
    for (const { status, retryAfter } of rest)
      t.ok(status === 201 || ([429, 503].includes(status) && retryAfter >= 1), `${status}, ${retryAfter}`);
    t.ok((most.get('parley_commands_waiting') ?? 0) <= limits.commandsQueuedPerNodeMax);
    t.ok((most.get('parley_nats_requests_in_flight') ?? 0) <= limits.natsRequestsPendingMax);
    const outbound = most.get('parley_nats_outbound_bytes') ?? 0;
    t.ok(outbound > 0 && outbound <= limits.natsWindowBytesMax, `${outbound} bytes on their way`);
    const log = await readStoredLog(broker, owner.tenant);
    t.same([...brokenNumbers(log), ...brokenAcks(log, ledger.acks), ...brokenSenderOrder(log)], []);
  },
);

t.test(
  'with a slow PostgreSQL posts go on, lists are told to come back, and the projection catches up',
  async (t) => {
    const heard = new Set<string>();
    const reader = await openAsking(node.url, token, ({ ev }) => void heard.add(ev?.data?.content));
    for (const conversation of conversations.slice(0, 20)) await reader.ask('open', { conversation });
    const rate = async (round: string): Promise<number> => {
      const ledger = newLedger();
      const over = new AbortController();
      const posting = sockets
        .slice(0, 20)
        .map((socket, index) =>
          callUntil(socket, `${round} ${index}`, conversations[index] ?? '', ledger, over.signal),
        );
      await new Promise((resolve) => setTimeout(resolve, 700));
      over.abort();
      await Promise.all(posting);
      t.same([ledger.faults, ledger.refusals.size], [[], 0]);
      await until(() => ledger.acks.every(({ sender, number }) => heard.has(`${sender} ${number}`)));
      return ledger.acks.length;
    };
    // The machine may be busy with others: what is compared is the better of two, and of more while it is too little.
    const before = Math.max(await rate('before'), await rate('again before'));
    postgres.slow(hundredTimes);
    let slow = 0;
    for (let tries = 0; tries < 2 || (slow <= before / 2 && tries < 12); tries += 1)
      slow = Math.max(slow, await rate(`slow ${tries}`));
    t.comment(`${before} posts in 0.7 s before, ${slow} with a slow PostgreSQL`);
    t.ok(slow > before / 2, 'no post asks PostgreSQL anything');

    postgres.slow(null);
    const ledger = newLedger();
    let [listed, slowestMs] = [0, 0];
    // Of somebody with few conversations: what is slow is the way to PostgreSQL, not its work.
    const bob = await signUpInto(node, owner);
    const askers = await Promise.all(
      Array.from({ length: callers / callersPerSocket }, () => openAsking(node.url, bob.token)),
    );
    await askers[0]?.ask('create', { type: 'group' });
    postgres.slow(hundredTimes);
    const listing = Array.from({ length: callers }, async (_, index) => {
      const beganMs = performance.now();
      const reply = await (askers[index % askers.length] as Asking).ask('list', { limit: 5 }, 45_000);
      slowestMs = Math.max(slowestMs, performance.now() - beganMs);
      if (reply['ok'] === true) listed += 1;
      else await comeBack(reply['problem'], `list ${index}`, ledger);
    });
    const answered = Promise.all(listing);
    const most = await highest(
      ['parley_sql_waiting', 'parley_sql_connections_in_use'],
      until(() => ledger.refusals.size > 0, 30_000),
    );
    t.match(await first.ask('post', { conversation: conversations[0], content: 'meanwhile' }), { ok: true });
    postgres.slow(null);
    await answered;
    t.comment(
      `${listed} lists, refused ${JSON.stringify([...ledger.refusals])}, slowest ${slowestMs.toFixed(0)} ms, ${JSON.stringify([...most])}`,
    );
    t.same(ledger.faults, []);
    t.ok(listed > 0, 'some are answered');
    t.ok(
      [...ledger.refusals.values()].reduce((sum, count) => sum + count, 0) > 0,
      'that is more than it can do',
    );
    t.ok(slowestMs < 2 * (limits.sqlStatementMsMax + limits.sqlGraceMs) + 20_000, 'nobody waits for ever');
    const waiting = most.get('parley_sql_waiting') ?? 0;
    t.ok(waiting > 0 && waiting <= limits.sqlWaitingMax * 4, `${waiting} statements wait`);
    await until(async () => summed(await metricsOf(node), 'parley_projection_lag_events') === 0, 30_000);
    await until(async () => (await call(node, 'GET', '/readyz')).status === 200);
    t.match(await first.ask('list', { limit: 50 }), { ok: true });
    for (const socket of askers) socket.end();
    reader.end();
  },
);
