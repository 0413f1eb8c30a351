/**
 * Wall clocks are set, while nodes run and under load: an hour ahead, an hour back, a day; and two nodes never agree.
 * The monotonic clock goes on, as it does on a real machine. Runs alone: it needs both cores.
 */
import t, { type Test } from 'tap';
import { openIdSource } from '../../../src/adapters/system/id-source.ts';
import { limits } from '../../../src/domain/limits.ts';
import { type Asking, openAsking } from '../../kit/chaos/actors/asking-socket.ts';
import { Load } from '../../kit/chaos/actors/load.ts';
import { type Deployment, openDeployment } from '../../kit/chaos/faults/deployment.ts';
import { type NodeWithClock, openNodeWithClock } from '../../kit/chaos/faults/node-with-clock.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import { unnoticed } from '../../kit/chaos/proofs/pace.ts';
import { type Account, makeAgent, makeService, signUp } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import type { ServerFrame } from '../../kit/clients/native-client.ts';
import { until } from '../../kit/log-entries.ts';

t.setTimeout(900_000);

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

type Clocked = Deployment & { readonly nodes: readonly NodeWithClock[] };

/** Nodes whose clocks are `aheadMs` ahead of this machine's. */
async function openClocked(
  t: Test,
  aheadMs: readonly number[],
  env: Readonly<Record<string, string>> = {},
): Promise<Clocked> {
  const servers = await openDeployment(t, { nodes: 0 });
  const nodes: NodeWithClock[] = [];
  const { broker: nats, postgres: database } = servers;
  const all = { NATS_CREDS: nats.credsFile, ...env };
  for (const ms of aheadMs) nodes.push(await openNodeWithClock({ nats, database, env: all }, t, ms));
  return { ...servers, nodes };
}

/** UUIDv7s of a client whose clock is so far ahead. */
const idsAhead = (aheadMs: number) => openIdSource(() => Date.now() + aheadMs);

/** Posts of every kind of client id, all of them again, each answered with the first event. */
async function repeated(
  t: Test,
  socket: Asking,
  conversation: string,
  what: string,
  aheadMs: readonly number[] = [hourMs, -hourMs, 3 * dayMs, -3 * dayMs],
): Promise<(at?: Asking) => Promise<void>> {
  const now = idsAhead(0).next();
  const clientIds = [now, ...aheadMs.map((ms) => idsAhead(ms).next()), `opaque ${now}`];
  const firsts = new Map<string, ServerFrame>();
  for (const id of clientIds) {
    const reply = await socket.ask('post', { conversation, content: `once ${id}`, client_id: id });
    t.match(reply, { ok: true, duplicate: false }, `${what}: ${id} is new`);
    firsts.set(id, reply);
  }
  return async (at = socket) => {
    for (const [id, { seq, position }] of firsts) {
      const reply = await at.ask('post', { conversation, content: `once ${id}`, client_id: id });
      t.match(reply, { ok: true, duplicate: true, seq, position }, `${what}: ${id} is found again`);
    }
  };
}

t.test('the clock of one node jumps again and again, under load', async (t) => {
  const deployment = await openClocked(t, [0, 0]);
  const [first] = deployment.nodes;
  if (first === undefined) throw new Error('no node');
  const load = await Load.begin(t, deployment);
  await load.more(200);
  const owner = await signUp(first);
  const socket = await openAsking(first.url, owner.token);
  const conversation: string = (await socket.ask('create', { type: 'group' }))['conversation'].id;
  await rounds(async (round) => {
    for (const [name, ms] of [
      ['an hour ahead', hourMs],
      ['an hour back', -hourMs],
      ['a day ahead', dayMs],
      ['right again', 0],
    ] as const) {
      const again = await repeated(t, socket, conversation, `before ${name}`);
      await unnoticed(t, load, `${name}, ${round}`, async () => {
        await first.setClock(ms);
        await load.more(300);
      });
      await again();
      t.match(await socket.ask('list'), { ok: true }, 'the owner is listed its conversations');
    }
  }, 2);
  const page = await socket.ask('history', { conversation, limit: 200 });
  const times: string[] = page['events'].map(({ at }: { at: string }) => at);
  t.same(times, times.toSorted(), 'times never go back');
  t.equal(new Set(times).size, times.length, 'no time comes twice');
  socket.end();
  await load.prove(t);
});

t.test('two nodes whose clocks differ by ten minutes', async (t) => {
  const deployment = await openClocked(t, [0, 10 * minuteMs]);
  const [now, ahead] = deployment.nodes;
  if (now === undefined || ahead === undefined) throw new Error('no nodes');
  const load = await Load.begin(t, deployment);
  await load.more(1_000);
  const owner = await signUp(now);
  await keysWork(t, deployment, owner);
  t.equal((await login(now, owner)).status, 200);
  const late = await login(ahead, owner);
  t.equal(late.status, 200, 'who logs in at the node that is ahead has a token');
  const used = async (node: NodeWithClock, token: string) =>
    (await call(node, 'GET', '/auth/me', { token })).status;
  t.equal(await used(ahead, late.body.access_token), 200, 'which counts there');
  t.equal(await used(now, late.body.access_token), 401, 'and at the other one not before its time');
  t.equal(await used(ahead, owner.token), 200, 'the other way it counts, for ten minutes less');
  await load.prove(t);
});

const login = (node: { readonly url: string }, { email, password }: Account) =>
  call(node, 'POST', '/auth/login', { body: { email, password } });

/** An agent goes on at every node, and what one posts the other one shows. */
async function keysWork(t: Test, { nodes }: Clocked, owner: Account): Promise<void> {
  const [first = { url: '' }, second = { url: '' }] = nodes;
  const agent = await makeAgent(first, owner);
  const [one, two] = [await openAsking(first.url, agent.token), await openAsking(second.url, agent.token)];
  const id: string = (await one.ask('create', { type: 'group' }))['conversation'].id;
  for (let round = 0; round < 10; round += 1)
    for (const socket of [one, two])
      t.match(await socket.ask('post', { conversation: id, content: 'in turn' }), { ok: true });
  const page = await two.ask('history', { conversation: id });
  const at: string[] = page['events'].map((event: { at: string }) => event.at);
  t.same(at, at.toSorted(), 'one order of times, whoever wrote');
  for (const socket of [one, two]) socket.end();
}

t.test('tokens end an hour early, open sockets of people stay, keys go on', async (t) => {
  const deployment = await openClocked(t, [0]);
  const [node] = deployment.nodes;
  if (node === undefined) throw new Error('no node');
  const owner = await signUp(node);
  const agent = await makeAgent(node, owner);
  const [person, robot] = [await openAsking(node.url, owner.token), await openAsking(node.url, agent.token)];
  await node.setClock(hourMs);
  const answer = await call(node, 'GET', '/auth/me', { token: owner.token });
  t.equal(answer.status, 401, 'a token of before has ended');
  const refreshed = await call(node, 'POST', '/auth/refresh', {
    body: { refresh_token: owner.refreshToken },
  });
  t.equal(refreshed.status, 200, 'and is renewed as ever');
  await new Promise((resolve) => setTimeout(resolve, 2 * limits.expiryLookMs));
  for (const socket of [person, robot]) t.match(await socket.ask('ping'), { ok: true }, 'sockets stay open');
  await node.setClock(0);
  const early = await call(node, 'GET', '/auth/me', { token: refreshed.body.access_token });
  t.equal(early.status, 401, 'a token of an hour ahead does not count before its time');
  t.equal((await login(node, owner)).status, 200, 'and whoever logs in has a token that counts');
  for (const socket of [person, robot]) t.match(await socket.ask('ping'), { ok: true });
  for (const socket of [person, robot]) socket.end();
});

t.test('a rate limit neither opens nor locks out', async (t) => {
  const deployment = await openClocked(t, [0], { PARLEY_RATE_LIMIT: 'on' });
  const [node] = deployment.nodes;
  if (node === undefined) throw new Error('no node');
  const owner = await signUp(node);
  const socket = await openAsking(node.url, owner.token);
  const conversation: string = (await socket.ask('create', { type: 'group' }))['conversation'].id;
  const post = (): Promise<ServerFrame> => socket.ask('post', { conversation, content: 'often' });
  /** How many of so many posts at once go through. */
  const accepted = async (count: number): Promise<number> => {
    const replies = await Promise.all(Array.from({ length: count }, post));
    return replies.filter((reply) => reply['ok'] === true).length;
  };
  const burst = 900;
  t.ok((await accepted(burst)) < burst, 'the bucket is empty');
  for (const ms of [hourMs, -hourMs, dayMs, 0]) {
    await node.setClock(ms);
    t.ok((await accepted(burst)) < burst / 2, 'a jump fills nothing');
  }
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  t.ok((await accepted(5)) > 0, 'and takes nothing away');
  socket.end();
});

t.test(
  'a retry is found when the window has turned over, its node was killed, and the clock was set',
  async (t) => {
    const deployment = await openClocked(t, [0]);
    const [node] = deployment.nodes;
    if (node === undefined) throw new Error('no node');
    const owner = await signUp(node);
    let socket = await openAsking(node.url, owner.token);
    const conversation: string = (await socket.ask('create', { type: 'group' }))['conversation'].id;
    const again = await repeated(t, socket, conversation, 'turned over', [-hourMs, -3 * dayMs, 3 * dayMs]);
    const fill = async (): Promise<void> => {
      const count = limits.idempotencyWindowMax + 50;
      for (let sent = 0; sent < count; sent += 200)
        await Promise.all(
          Array.from({ length: 200 }, (_, n) =>
            socket.ask('post', { conversation, content: `${sent + n}` }, 60_000),
          ),
        );
    };
    await fill();
    await again();
    for (const ms of [hourMs, -hourMs, dayMs]) {
      await node.kill();
      await node.start();
      await node.setClock(ms);
      const token = (await login(node, owner)).body.access_token;
      socket = await openAsking(node.url, token);
      await again(socket);
    }
  },
);

t.test('sessions with an end, presence and drafts are what they were when a clock jumps', async (t) => {
  const deployment = await openClocked(t, [0, 0]);
  const [jumping, steady] = deployment.nodes;
  if (jumping === undefined || steady === undefined) throw new Error('no nodes');
  const owner = await signUp(steady);
  // A key goes on at a node whose clock is an hour behind, where tokens are of the future.
  const [agent, service] = [await makeAgent(steady, owner), await makeService(steady, owner)];
  const running = (await call(steady, 'GET', '/auth/agents', { token: owner.token })).body.agents[0].id;
  const lasting = await session(steady, owner, owner.id, running);
  const left = await minutesLeft(steady, owner, lasting);
  const pulses: ServerFrame[] = [];
  const watching = await openAsking(steady.url, owner.token, (frame) => void pulses.push(frame));
  const speaking = await openAsking(jumping.url, agent.token);
  const participants = [{ id: agent.id, kind: 'agent' }];
  const conversation: string = (await watching.ask('create', { type: 'group', participants }))['conversation']
    .id;
  for (const socket of [watching, speaking]) await socket.ask('open', { conversation });
  const draft = { conversation, message_id: idsAhead(0).next(), run: idsAhead(0).next() };
  let said = '';
  const say = async (index: number): Promise<void> => {
    const text = `word ${index} `;
    said += text;
    speaking.socket.send(JSON.stringify({ op: 'delta', ...draft, index, text }));
    await until(() => textOf(pulses, draft.message_id) === said);
  };
  await say(0);
  const jumps = [hourMs, -hourMs, dayMs, 0];
  for (const [round, ms] of jumps.entries()) {
    await jumping.setClock(ms);
    // Longer than a node takes to look what is due, and to sweep what is over.
    await new Promise((resolve) => setTimeout(resolve, 2 * limits.sessionNoticeLookMs));
    await say(round + 1);
    const after = await minutesLeft(steady, owner, lasting);
    t.ok(Math.abs(after - left) <= 1, `${ms} ms: the session has ${after} minutes of ${left}`);
    const found = await call(jumping, 'GET', `/api/messaging/sessions/${lasting}`, { token: service.token });
    t.match(found, { status: 200, body: { sessionId: lasting } }, 'it is found at the node that is wrong');
    const begun = await session(jumping, service, owner.id, running);
    t.ok(
      Math.abs((await minutesLeft(steady, owner, begun)) - left) <= 1,
      'one that begins there ends in time',
    );
  }
  const posted = await speaking.ask('post', { ...draft, content: said, end_run: true });
  t.match(posted, { ok: true }, 'the draft ends in one message');
  await until(() => posts(pulses).length > 0);
  t.same(posts(pulses), [said], 'whole, and once');
  const gone = pulses.filter(({ pulse }) => pulse?.kind === 'presence' && pulse.status === 'offline');
  t.same(gone, [], 'who stays connected is never called gone');
  for (const socket of [watching, speaking]) socket.end();
});

/** Begins a session of a user; its id. */
async function session(
  node: NodeWithClock,
  { token }: Pick<Account, 'token'>,
  userId: string,
  agentId: string,
): Promise<string> {
  const made = await call(node, 'POST', '/api/messaging/sessions', { token, body: { agentId, userId } });
  return made.body.sessionId;
}

async function minutesLeft(node: NodeWithClock, { token }: Account, id: string): Promise<number> {
  const { body } = await call(node, 'GET', `/api/messaging/sessions/${id}`, { token });
  return Math.round((Date.parse(body.expiresAt) - Date.now()) / minuteMs);
}

/** What was streamed of a message. */
const textOf = (frames: readonly ServerFrame[], message: string): string =>
  frames.map(({ delta }) => (delta?.message_id === message ? delta.text : '')).join('');

const posts = (frames: readonly ServerFrame[]): string[] =>
  frames.filter(({ ev }) => ev?.type === 'message.posted').map(({ ev }) => ev.data.content);
