import t from 'tap';
import {
  type ConnectOptions,
  connect,
  type ParleyClient,
  ParleyProblem,
  type StateChange,
} from '../../../src/client/index.ts';
import { type Answer, ScriptedNode } from '../../kit/clients/scripted-node.ts';
import { until } from '../../kit/log-entries.ts';

async function opened(
  t: { teardown(end: () => void): void },
  node: ScriptedNode,
  options: ConnectOptions = {},
): Promise<ParleyClient> {
  const given = { url: 'http://localhost', token: 'secret', WebSocket: node.WebSocket, ...options };
  const client = await connect(given);
  t.teardown(() => client.close());
  return client;
}

t.test('the token goes in the first frame, not into the handshake', async (t) => {
  const node = new ScriptedNode();
  await opened(t, node);
  t.same(node.last.protocols, ['parley.v1']);
  t.match(node.last.sent[0], { op: 'hello', token: 'secret' });
});

t.test('a post is sent again over the next connection, as the same post, and in order', async (t) => {
  const node = new ScriptedNode();
  const client = await opened(t, node);
  const conversation = client.conversation('c1');
  const posts = [conversation.post('one'), conversation.post('two')];
  await until(() => node.last.named('post').length === 2);
  const first = node.last;
  node.answers = { post: ({ content }) => ({ id: content, seq: 1, position: 1 }) };
  first.end(1006);
  t.same(
    (await Promise.all(posts)).map(({ id }) => id),
    ['one', 'two'],
  );
  t.not(node.last, first);
  t.same(
    node.last.named('post').map(({ content, client_id }) => [content, client_id]),
    first.named('post').map(({ content, client_id }) => [content, client_id]),
  );
  t.match(first.named('post')[0]?.['client_id'], /^[0-9a-f]{8}-[0-9a-f]{4}-7/, 'a UUIDv7');
});

t.test('what may not be done twice is not sent twice', async (t) => {
  const node = new ScriptedNode();
  const client = await opened(t, node);
  const reacted = client.conversation('c1').react('m1', '+');
  await until(() => node.last.named('react').length === 1);
  node.last.end(1006);
  await t.rejects(reacted, { code: 'disconnected', isOutcomeUnknown: true });
  await until(() => client.state === 'open');
  t.equal(node.last.named('react').length, 0);

  node.isDown = true;
  node.last.end(1012);
  const unsent = client.conversation('c1').react('m1', '-');
  node.isDown = false;
  node.answers = { react: () => ({ action: 'added', position: 2 }) };
  t.match(await unsent, { action: 'added' }, 'what was never sent waits for the next connection');
});

t.test('a refusal that passes is tried again after the time that it names', async (t) => {
  const refusals = [
    { code: 'rate_limited', message: 'slowly', retry_after_ms: 1 },
    { code: 'unavailable', message: 'away', retry_after_ms: 1 },
  ];
  const post: Answer = () => {
    const problem = refusals.shift();
    return problem === undefined ? { id: 'm', seq: 1, position: 1 } : { problem };
  };
  const node = new ScriptedNode({ post });
  const client = await opened(t, node);
  t.match(await client.conversation('c1').post('hello'), { id: 'm' });
  const sent = node.last.named('post');
  t.equal(sent.length, 3);
  t.equal(new Set(sent.map(({ client_id }) => client_id)).size, 1);
  node.answers = { post: () => ({ problem: { code: 'conversation_paused', message: 'quiet' } }) };
  await t.rejects(client.conversation('c1').post('hello'), { code: 'conversation_paused', message: 'quiet' });
});

t.test('whoever posts may say for how long refusals that pass are tried again', async (t) => {
  const problem = { code: 'unavailable', message: 'away', retry_after_ms: 60_000 };
  const node = new ScriptedNode({ post: () => ({ problem }) });
  const client = await opened(t, node);
  const refused = client.conversation('c1').post('hello', { retryMs: 1_000 });
  await t.rejects(refused, { code: 'unavailable', message: 'away', retryAfterMs: 60_000 });
  t.equal(node.last.named('post').length, 1);
});

t.test(
  'what is refused for the moment is asked again in its order, and what comes later waits',
  async (t) => {
    let refusals = 4;
    const stored: string[] = [];
    const post: Answer = ({ content }) => {
      refusals -= 1;
      if (refusals >= 0) return { problem: { code: 'rate_limited', message: 'slowly', retry_after_ms: 50 } };
      stored.push(content);
      return { id: content, seq: 1, position: 1 };
    };
    const client = await opened(t, new ScriptedNode({ post }));
    const [one, other] = [client.conversation('c1'), client.conversation('c2')];
    const ending = new AbortController();
    const first = ['1', '2', '3'].map((content) => one.post(content));
    const given = one.post('given up', { signal: ending.signal });
    const refused = t.rejects(given, { message: 'enough' });
    await until(() => refusals <= 0);
    ending.abort(new Error('enough'));
    const later = [one.post('4'), one.post('5'), other.post('of another one')];
    await Promise.all([...first, ...later, refused]);
    t.same(
      stored.filter((content) => /^\d$/.test(content)),
      ['1', '2', '3', '4', '5'],
    );
    t.equal(stored.length, new Set(stored).size);
    t.same((await one.post('6')).id, '6', 'nobody is in line any more');
  },
);

t.test('a signal gives up waiting', async (t) => {
  const node = new ScriptedNode();
  const client = await opened(t, node);
  const ending = new AbortController();
  const posted = client.conversation('c1').post('hello', { signal: ending.signal });
  ending.abort(new Error('enough'));
  await t.rejects(posted, { message: 'enough' });
});

t.test('a token that is refused is asked for again, a fixed one is not', async (t) => {
  const asked: boolean[] = [];
  const hello: Answer = ({ token }, socket) => {
    if (token === 'fresh') return { principal: { id: 'ada', kind: 'user' }, node: 'n', limits: {} };
    queueMicrotask(() => socket.end(4401));
    return { problem: { code: 'unauthenticated', message: 'no' } };
  };
  const node = new ScriptedNode({ hello });
  const token: ConnectOptions['token'] = ({ isRefused }) => {
    asked.push(isRefused);
    return isRefused ? 'fresh' : 'stale';
  };
  const client = await opened(t, node, { token });
  t.same(asked, [false, true]);
  node.last.end(4401);
  await until(() => asked.length === 3 && client.state === 'open');
  t.same(asked, [false, true, true]);

  await t.rejects(opened(t, node, { token: 'stale' }), { code: 'unauthenticated' });
  const never: ConnectOptions['token'] = () => 'stale';
  await t.rejects(opened(t, node, { token: never }), { code: 'unauthenticated' }, 'nor for ever');
});

t.test('who says nothing of itself is told that, and not of a token that it never had', async (t) => {
  const node = new ScriptedNode();
  const connecting = connect({ url: 'http://localhost', WebSocket: node.WebSocket });
  await until(() => node.sockets.length === 1);
  node.last.end(4401);
  await t.rejects(connecting, { code: 'unauthenticated', message: /given no token and no apiKey/ });
});

t.test('a session that is over ends the client at once', async (t) => {
  const node = new ScriptedNode();
  let asked = 0;
  const token: ConnectOptions['token'] = () => {
    asked += 1;
    throw new ParleyProblem('unauthenticated', 'The session is over.');
  };
  await t.rejects(opened(t, node, { token }), { code: 'unauthenticated', message: 'The session is over.' });
  t.equal(asked, 1);
});

t.test('a token is renewed on the open socket before it expires', async (t) => {
  const claims = Buffer.from(JSON.stringify({ iat: 0, exp: 31 })).toString('base64url');
  const tokens = [`a.${claims}.c`, 'an.opaque-one'];
  const node = new ScriptedNode();
  await opened(t, node, { token: () => tokens.shift() ?? 'none' });
  await until(() => node.last.named('hello').length === 2);
  t.match(node.last.named('hello')[1], { token: 'an.opaque-one' });
  t.equal(node.sockets.length, 1);
});

t.test('the server says when to come back, and when not to', async (t) => {
  const node = new ScriptedNode();
  const client = await opened(t, node);
  const changes: StateChange[] = [];
  client.onState((change) => changes.push(change));
  node.last.push({ bye: { code: 1012, retry_after_ms: 20 } });
  node.last.end(1012);
  await until(() => changes.length === 3);
  t.same(
    changes.map(({ state }) => state),
    ['waiting', 'connecting', 'open'],
  );
  t.equal(changes[0]?.retryInMs, 20);

  const feed = client.conversation('c1').events();
  const waiting = client.conversation('c1').post('hello');
  waiting.catch(() => undefined);
  node.last.end(4403);
  await until(() => client.state === 'closed');
  t.match(client.problem, { code: 'suspended' });
  await t.rejects(waiting, { code: 'suspended' });
  await t.rejects(feed.next(), { code: 'suspended' });
  await t.rejects(client.ping(), { code: 'suspended' });
});

t.test('who is impatient is told at once that nobody is there, and why', async (t) => {
  const node = new ScriptedNode();
  node.isDown = true;
  const cause = { code: 'disconnected', cause: node.fault };
  await t.rejects(opened(t, node, { isImpatient: true }), { code: 'unreachable', cause });
  t.equal(node.sockets.length, 1);

  node.isDown = false;
  const problems = [{ code: 'overloaded', message: 'too many', retry_after_ms: 1 }];
  node.answers = {
    hello: () => {
      const problem = problems.shift();
      return problem === undefined ? { principal: { id: 'ada' }, node: 'n', limits: {} } : { problem };
    },
  };
  const client = await opened(t, node, { isImpatient: true });
  t.equal(node.sockets.length, 3, 'a node that refuses for the moment is there');
  node.last.end(1006);
  await until(() => node.sockets.length === 4 && client.state === 'open');
});

t.test('a connection that gives no sign of life is given up', async (t) => {
  const node = new ScriptedNode();
  const client = await opened(t, node, { heartbeatMs: 100 });
  await until(() => node.last.named('ping').length > 0);
  t.equal(node.sockets.length, 1, 'pings that are answered keep it');
  node.answers = { ping: () => undefined };
  await until(() => node.sockets.length === 2);
  node.answers = {};
  await until(() => client.state === 'open');
});

t.test('who was held up itself asks before it gives a connection up', async (t) => {
  const node = new ScriptedNode();
  const client = await opened(t, node, { heartbeatMs: 100 });
  const since = performance.now();
  while (performance.now() - since < 400); // as a machine that slept, or a page whose timers a browser holds back
  await until(() => node.last.named('ping').length > 0);
  t.equal(node.sockets.length, 1);
  t.equal(client.state, 'open');
});

t.test('a cookie of somebody else does not count before the token', async (t) => {
  const hello: Answer = () => ({ problem: { code: 'forbidden', message: 'another principal' } });
  const node = new ScriptedNode({ hello });
  const { WebSocket } = node;
  const greeted = class extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      const id = protocols?.includes('bearer.secret') === true ? 'ada' : 'eve';
      const greet = { hello: { principal: { id, kind: 'user' }, node: 'n', limits: {} } };
      queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(greet) } as never));
    }
  };
  const client = await opened(t, node, { WebSocket: greeted });
  t.equal(client.principal.id, 'ada');
  t.same(node.last.protocols, ['parley.v1', 'bearer.secret']);
});

t.test('frames that the server would end the connection for are refused here', async (t) => {
  const node = new ScriptedNode();
  const client = await opened(t, node);
  await t.rejects(client.conversation('c1').post('x'.repeat(600_000)), { code: 'too_large' });
  t.equal(client.state, 'open');
});

t.test('a client that was closed ends whatever is asked of it, then and later', async (t) => {
  const node = new ScriptedNode();
  const client = await opened(t, node);
  const conversation = client.conversation('c1');
  const [posted, stream, feed] = [conversation.post('hello'), conversation.stream(), conversation.events()];
  const next = feed.next();
  await until(() => node.last.named('post').length === 1);
  client.close();
  await t.rejects(posted, { code: 'closed', isOutcomeUnknown: true });
  await t.rejects(stream.write('x'), { code: 'closed' });
  t.same(await next, { value: undefined, done: true });

  const closed = { code: 'closed' };
  await t.rejects(conversation.post('again'), closed);
  await t.rejects(conversation.stream().write('x'), closed);
  await t.rejects(conversation.state(), closed);
  for (const late of [conversation.events(), conversation.events({ after: 0 }), client.follow()]) {
    await t.rejects(late.ready, closed);
    t.same(await late.next(), { value: undefined, done: true });
  }
});

t.test('a client that was shut out says why to whoever comes later', async (t) => {
  const node = new ScriptedNode();
  const client = await opened(t, node);
  const posted = client.conversation('c1').post('hello');
  await until(() => node.last.named('post').length === 1);
  node.last.end(4403);
  await t.rejects(posted, { code: 'suspended' });
  await t.rejects(client.follow().next(), { code: 'suspended' });
  await t.rejects(client.conversation('c1').stream().write('x'), { code: 'suspended' });
});

t.test('no more requests wait than the server takes', async (t) => {
  const node = new ScriptedNode();
  const client = await opened(t, node);
  for (let n = 0; n < 1_000; n += 1) client.ping().catch(() => undefined);
  node.answers = { post: () => undefined };
  const posts = Array.from({ length: 1_001 }, () => client.conversation('c1').post('x'));
  const outcomes = Promise.allSettled(posts);
  await t.rejects(Promise.all(posts), { code: 'overloaded' });
  client.close();
  t.equal((await outcomes).filter(({ status }) => status === 'rejected').length, 1_001);
});

t.test('options that cannot be are refused', async (t) => {
  await t.rejects(connect({ url: 'nonsense', token: 'x' }), { code: 'invalid_request' });
  await t.rejects(connect({ url: 'ftp://x', token: 'x' }), { code: 'invalid_request' });
});
