/** `parley/client` over a node that is killed and comes back: nothing is lost, nothing is doubled. */
import t from 'tap';
import {
  connect,
  type Event,
  type Feed,
  type KeptSession,
  type ParleyClient,
  ParleyProblem,
  resumeSession,
  signIn,
  signUp as signUpHere,
} from '../../src/client/node.ts';
import { makeAgent, signUp } from '../kit/clients/accounts.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { quietPort } from '../kit/temporary.ts';

t.setTimeout(120_000);

const servers = { nats: await startNats(t), database: await startPostgres(t) };
const env = { PORT: String(await quietPort()) };
const start = () => startNodeProcess({ ...servers, env }, t);
let node = await start();

async function opened(token: string): Promise<ParleyClient> {
  const client = await connect({ url: node.url, token });
  t.teardown(() => client.close());
  return client;
}

/** Keeps what a feed tells, as `position` of events and the names of all else. */
function kept(feed: Feed): {
  readonly items: Event[];
  readonly ended: Promise<void>;
} {
  const items: Event[] = [];
  const ended = (async () => {
    for await (const item of feed) items.push(item as Event);
  })();
  return { items, ended };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

t.test('a node is killed under a client that follows and posts', async (t) => {
  const ada = await signUp(node, 'ada');
  const robot = await makeAgent(node, ada);
  const client = await opened(ada.token);
  t.equal(client.principal.id, ada.id);
  const conversation = await client.conversations.create({
    type: 'group',
    name: 'harbour',
    participants: [{ id: robot.id, kind: 'agent' }],
  });
  const agent = await opened(robot.token);
  const all = agent.follow();
  await all.ready;
  const one = conversation.events({ after: 0 });
  const [followed, read] = [kept(all), kept(one)];
  for (let n = 0; n < 3; n += 1) await conversation.post(`before ${n}`);
  await until(() => read.items.length === 4 && followed.items.length === 3);

  await node.kill();
  const whileAway = upTo(5).map((n) => conversation.post(`while away ${n}`));
  await until(() => client.state === 'waiting' || client.state === 'connecting');
  node = await start();
  const posted = await Promise.all(whileAway);
  t.same(
    posted.map(({ position }) => position),
    [5, 6, 7, 8, 9],
    'they were stored in the order in which they were posted',
  );
  const other = await (await opened(ada.token)).conversations.create({
    type: 'group',
    participants: [{ id: robot.id, kind: 'agent' }],
  });
  await until(() => read.items.length === 9 && followed.items.length === 9);
  t.same(
    read.items.map(({ position }) => position),
    upTo(9),
  );
  t.same(
    followed.items.filter((item) => item.conversation === conversation.id).map(({ position }) => position),
    [2, 3, 4, 5, 6, 7, 8, 9],
  );
  const ofOther = followed.items.filter((item) => item.conversation === other.id);
  t.equal(ofOther.length, 1, 'one that was made meanwhile is followed');

  client.close();
  await read.ended;
  t.equal(client.state, 'closed');
  await t.rejects(conversation.post('late'), { code: 'closed' });
});

t.test('an agent streams over a node that is killed, and stops when it is preempted', async (t) => {
  const ada = await signUp(node, 'ada');
  const robot = await makeAgent(node, ada);
  const [client, agent] = [await opened(ada.token), await opened(robot.token)];
  const conversation = await client.conversations.create({
    type: 'group',
    participants: [{ id: robot.id, kind: 'agent' }],
  });
  const feed = conversation.events({ deltas: true });
  await feed.ready;
  const texts = new Map<string, string>();
  const posted: Event[] = [];
  const reading = (async () => {
    for await (const item of feed) {
      if (item.type === 'delta') {
        const known = texts.get(item.message_id) ?? '';
        texts.set(item.message_id, known + item.text);
      } else if (item.type === 'message.posted') posted.push(item);
    }
  })();

  const stream = agent.conversation(conversation.id).stream();
  await stream.write('The ship ');
  await until(() => texts.get(stream.messageId) === 'The ship ');
  await node.kill();
  await stream.write('is in ');
  node = await start();
  await until(() => texts.get(stream.messageId) === 'The ship is in ');
  await stream.write('the harbour.');
  await until(() => texts.get(stream.messageId) === 'The ship is in the harbour.');
  await stream.end();
  await until(() => posted.length === 1);
  t.match(posted[0], { run: stream.run, data: { content: 'The ship is in the harbour.', end_run: true } });
  t.equal(texts.get(stream.messageId), 'The ship is in the harbour.', 'each piece was told once, in order');

  const second = agent.conversation(conversation.id).stream();
  await second.write('I will go on for');
  await until(() => texts.get(second.messageId) === 'I will go on for');
  await conversation.preempt({ target: robot.id, reason: 'enough' });
  await until(() => second.signal.aborted);
  t.match(second.problem, { code: 'run_preempted', message: 'enough' });
  await t.rejects(second.write(' ever'), { code: 'run_preempted' });
  await until(() => posted.length === 2);
  t.match(posted[1], { data: { content: 'I will go on for', interrupted: true } });

  await conversation.pause();
  const third = agent.conversation(conversation.id).stream();
  await third.write('Nobody hears this.');
  await until(() => third.signal.aborted);
  t.match(third.problem, { code: 'conversation_paused' });
  client.close();
  await reading;
});

t.test('a session is renewed for the client, goes on after a reload and ends', async (t) => {
  const email = `eve-${Date.now()}@example.org`;
  const password = 'eve has a long password';
  const { user } = await signUpHere({ url: node.url, email, password, display_name: 'Eve' });
  const kept: KeptSession[] = [];
  const session = await signIn({ url: node.url, email, password, onRefreshed: (one) => kept.push(one) });
  t.equal(session.user?.id, user?.id);
  const first = await session.token({ isRefused: false });
  t.equal(await session.token({ isRefused: false }), first, 'it is good for a while');
  const [second, same] = await Promise.all([
    session.token({ isRefused: true }),
    session.token({ isRefused: true }),
  ]);
  t.not(second, first);
  t.equal(second, same, 'renewed once for all who ask at the same time');
  t.equal(kept.length, 1);
  t.equal(session.expiresInSec, 900);

  const resumed = resumeSession(kept[0] ?? session.kept, { url: node.url });
  const client = await connect({ url: node.url, token: resumed.token });
  t.teardown(() => client.close());
  t.equal(client.principal.id, user?.id);
  await resumed.signOut();
  await until(() => client.state === 'closed');
  t.match(client.problem, { code: 'unauthenticated' });
  await t.rejects(signIn({ url: node.url, email, password: 'wrong' }), { code: 'unauthenticated' });
});

t.test('who follows all reads one conversation from its beginning, also a quiet one, at once', async (t) => {
  const ada = await signUp(node, 'ada');
  const { id } = await (await opened(ada.token)).conversations.create({ type: 'group', name: 'quiet' });
  const client = await opened(ada.token);
  kept(client.follow());
  const conversation = client.conversation(id);
  const { epoch } = await conversation.state();
  const { items } = kept(conversation.events({ after: `${epoch}:0` }));
  await until(() => items.length === 1);
  t.match(items, [{ type: 'conversation.created', position: 1 }]);
});

t.test('a replay tells what is there, over several pages, and ends', async (t) => {
  const client = await opened((await signUp(node, 'ada')).token);
  const conversation = await client.conversations.create({ type: 'group', name: 'long' });
  await Promise.all(upTo(401).map((n) => conversation.post(`message ${n}`)));
  const positions = async (bounds?: { readonly after?: number; readonly to?: number }): Promise<number[]> => {
    const told: number[] = [];
    for await (const event of conversation.replay(bounds)) told.push(event.position);
    return told;
  };
  t.same(await positions(), upTo(402));
  t.same(await positions({ after: 200, to: 401 }), upTo(401).slice(200));
  t.same(await positions({ after: 402 }), []);
  await t.rejects(
    async () => {
      for await (const _ of client.conversation(crypto.randomUUID()).replay()) t.fail('there is nothing');
    },
    { code: 'not_found' },
  );
});

t.test('a wrong token is refused, as a problem', async (t) => {
  await t.rejects(connect({ url: node.url, token: 'nonsense' }), { code: 'unauthenticated' });
  const error = await connect({ url: 'http://127.0.0.1:9', connectTimeoutMs: 300 }).catch((e) => e);
  t.type(error, ParleyProblem);
  t.equal(error.code, 'unreachable');
});
