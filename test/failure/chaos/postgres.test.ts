/**
 * PostgreSQL is killed, stopped and restarted under load. What is loaded goes on as if nothing were: no hot path asks it
 * anything. The rest says so within bounded time. Runs alone: it needs both cores.
 */
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { openAsking } from '../../kit/chaos/actors/asking-socket.ts';
import { Load } from '../../kit/chaos/actors/load.ts';
import { type Deployment, openDeployment } from '../../kit/chaos/faults/deployment.ts';
import { stopTree, treeOf } from '../../kit/chaos/faults/process-tree.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import { backToLevel, heldBytes } from '../../kit/chaos/proofs/memory.ts';
import { unnoticed } from '../../kit/chaos/proofs/pace.ts';
import { type KeyHolder, makeAgent, signUp } from '../../kit/clients/accounts.ts';
import { handshakeStatus } from '../../kit/clients/handshake.ts';
import { call } from '../../kit/clients/http-client.ts';
import type { ServerFrame } from '../../kit/clients/native-client.ts';
import { connectAs } from '../../kit/clients/nats-client.ts';
import { until } from '../../kit/log-entries.ts';
import { runSql } from '../../kit/servers/postgres.ts';

t.setTimeout(1_200_000);

/** ELIZA_SERVER_AUTH_TOKEN of the nodes. */
const elizaKey = 'a key of the environment';
/**
 * A statement is given up after 6 s; who waits for a connection meanwhile does so for 6 s, and a request may need two
 * of them, one to find out who asks.
 */
const answerMsMax = 14_000;

/** What PostgreSQL is asked for, in the words of every API. */
const asked: readonly (readonly [string, string, object?])[] = [
  ['GET', '/api/conversations'],
  ['GET', '/api/admin/conversations'],
  ['GET', '/auth/users'],
  ['GET', '/auth/api-keys'],
  ['GET', '/v1/chat/conversations'],
  ['GET', '/v1/chat/messages/search?q=chaos'],
  ['GET', '/conversations'],
  ['GET', '/api/v2/conversations'],
  ['GET', '/api/agents'],
  ['POST', '/auth/login', { email: 'somebody@example.org', password: 'a password of somebody' }],
  ['POST', '/api/auth/login', { email: 'somebody@example.org', password: 'a password of somebody' }],
  ['POST', '/api/v2/auth/login', { email: 'somebody@example.org', password: 'a password of somebody' }],
];

async function opened(t: Test): Promise<{ readonly deployment: Deployment; readonly load: Load }> {
  const deployment = await openDeployment(t, { env: { ELIZA_SERVER_AUTH_TOKEN: elizaKey } });
  const load = await Load.begin(t, deployment);
  await load.more(200);
  return { deployment, load };
}

/** Until every node says that all is well again. */
async function ready({ nodes }: Deployment): Promise<void> {
  for (const node of nodes)
    await until(async () => (await call(node, 'GET', '/readyz')).status === 200, 60_000);
}

/** Everybody is told at once to come back: 503, with a time, within `answerMsMax`. */
async function refusedEverywhere(t: Test, { nodes }: Deployment, token: string): Promise<void> {
  const [node = { url: '' }] = nodes;
  await Promise.all(
    asked.map(async ([method, path, body]) => {
      const beganMs = performance.now();
      const key = path === '/api/agents' ? elizaKey : token;
      const answer = await call(node, method, path, { token: key, ...(body === undefined ? {} : { body }) });
      const tookMs = performance.now() - beganMs;
      t.equal(answer.status, 503, `${method} ${path}: ${JSON.stringify(answer.body).slice(0, 200)}`);
      t.ok(Number(answer.headers.get('retry-after')) >= 1, `${method} ${path} has Retry-After`);
      t.ok(tookMs < answerMsMax, `${method} ${path} took ${Math.round(tookMs)} ms`);
    }),
  );
}

t.test('kill -9 of one backend, then of all of it, again and again', async (t) => {
  const { deployment, load } = await opened(t);
  const { postgres } = deployment;
  await rounds(async (round) => {
    await unnoticed(t, load, `one backend is killed, ${round}`, async () => {
      // The newest process is a connection of a node. PostgreSQL ends all others, and recovers.
      const victim = treeOf(postgres.pid()).at(-1) ?? 0;
      process.kill(victim, 'SIGKILL');
      await load.more(300);
      await ready(deployment);
    });
    await unnoticed(t, load, `the server is killed, ${round}`, async () => {
      await postgres.kill();
      await refusedEverywhere(t, deployment, load.cast.ownerToken);
      await load.more(300);
      await postgres.restart();
      await load.more(300);
      await ready(deployment);
    });
    await unnoticed(t, load, `the server is restarted in order, ${round}`, async () => {
      await postgres.restart();
      await load.more(100);
      await ready(deployment);
    });
  });
  await load.prove(t);
});

t.test('it is stopped for 3 s and for 20 s: connections stay open, nothing answers', async (t) => {
  const { deployment, load } = await opened(t);
  await rounds(async (round) => {
    await unnoticed(t, load, `stopped for 3 s, ${round}`, async () => {
      const run = stopTree(deployment.postgres.pid());
      await delay(3_000);
      run();
      await load.more(100);
      await ready(deployment);
    });
    await unnoticed(t, load, `stopped for 20 s, ${round}`, async () => {
      const run = stopTree(deployment.postgres.pid());
      const over = delay(20_000);
      await refusedEverywhere(t, deployment, load.cast.ownerToken);
      await over;
      run();
      await load.more(100);
      await ready(deployment);
    });
  }, 2);
  await load.prove(t);
});

t.test('away for 75 s: no cache expires, what is known goes on, what is unknown is refused', async (t) => {
  const { deployment, load } = await opened(t);
  const { postgres, nodes, broker } = deployment;
  const [first = { url: '' }, second = { url: '' }] = nodes;
  const [loaded = ''] = load.conversations;
  const owner = await signUp(first);
  const known = await makeAgent(first, owner, 'known');
  const unknown = await makeAgent(first, owner, 'unknown');
  const knownSocket = await openAsking(first.url, known.token);
  knownSocket.end();
  // Made at the first node, and nobody at the second one has asked for it.
  const ours = await openAsking(first.url, owner.token);
  const unloaded: string = (await ours.ask('create', { type: 'group' }))['conversation'].id;
  await ours.ask('post', { conversation: unloaded, content: 'before' });
  const elsewhere = await openAsking(second.url, owner.token);
  // Whose inbox it is has to be known to the node that answers, whichever of the two that is.
  const onNats = await connectAs(t, broker, load.cast.service);
  for (let count = 0; count < 20; count += 1) await onNats.ask('list');
  const commit = 'begin; set local synchronous_commit = on; update tenants set name = name; commit';
  await runSql(postgres.url, commit);

  let made: string | null = null;
  await unnoticed(t, load, 'away for 75 s', async () => {
    await postgres.kill();
    const untilMs = performance.now() + 75_000;
    await refusedEverywhere(t, deployment, load.cast.ownerToken);
    const back = await openAsking(first.url, known.token);
    t.match(await back.ask('ping'), { ok: true }, 'who is known to the node comes in');
    back.end();
    t.equal(await handshakeStatus(first, bearer(unknown)), 503, 'who is not is told to come back');
    const opening = await elsewhere.ask('open', { conversation: unloaded });
    t.match(opening, { refused: [{ id: unloaded, code: 'unavailable' }] }, 'not loaded: to come back');
    t.match(await elsewhere.ask('post', { conversation: unloaded, content: 'away' }), away);
    t.match(await elsewhere.ask('list'), away);
    t.match(await onNats.ask('list'), away, 'the same on NATS');
    t.match(await ours.ask('post', { conversation: unloaded, content: 'loaded here' }), { ok: true });
    const creation = await ours.ask('create', { type: 'group', name: 'meanwhile' });
    t.comment(`a creation is answered ${JSON.stringify(creation).slice(0, 200)}`);
    if (creation['ok'] === true) {
      made = creation['conversation'].id;
      t.match(await ours.ask('post', { conversation: made, content: 'first' }), { ok: true });
    } else t.match(creation, away);
    const reader = await openAsking(first.url, load.cast.agents[0]?.token ?? '');
    while (performance.now() < untilMs) {
      const beganMs = performance.now();
      const page = await reader.ask('history', { conversation: loaded, limit: 50 });
      t.match(page, { ok: true, events: { length: 50 } }, 'recent history is read');
      t.ok(performance.now() - beganMs < 2_000, 'at once');
      await delay(5_000);
    }
    reader.end();
    t.match(await ours.ask('ping'), { ok: true }, 'a socket stays open, whoever it is');
  });
  await postgres.restart();
  await ready(deployment);
  await load.more(300);
  t.match(await elsewhere.ask('open', { conversation: unloaded, after: 0 }), { refused: [] });
  t.match(await openAsking(first.url, unknown.token).then((one) => one.ask('ping')), { ok: true });
  const wanted = ['before', 'loaded here'];
  const page = await elsewhere.ask('history', { conversation: unloaded });
  t.same(contents(page), wanted, 'not loaded before, and now as it is');
  if (made !== null) {
    // A list is as far as the projection, which has a minute of load to catch up with.
    const isListed = async (): Promise<boolean> => {
      const { conversations = [] } = await elsewhere.ask('list');
      return conversations.some(({ id }: { id: string }) => id === made);
    };
    await until(isListed, 60_000);
  }
  for (const one of [ours, elsewhere]) one.end();
  const levels = await Promise.all(nodes.map(heldBytes));
  await load.more(1_000);
  await load.prove(t);
  for (const [index, node] of nodes.entries()) await backToLevel(t, node, levels[index] ?? 0);
});

const away = { ok: false, problem: { code: 'unavailable', retry_after_ms: Number } };
const bearer = ({ token }: KeyHolder) => ({ authorization: `Bearer ${token}` });

function contents({ events }: ServerFrame): readonly string[] {
  return events
    .filter(({ type }: { type: string }) => type === 'message.posted')
    .map(({ data }: { data: { content: string } }) => data.content);
}
