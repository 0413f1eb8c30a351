/** Sessions of ElizaOS over HTTP, against a whole node: by hand, and by the official client. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call, type HttpAnswer } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { clientOf, eliza, key, person } from './client/official-client.ts';

t.setTimeout(180_000);

const database = await startPostgres(t);
const env = { ELIZA_SERVER_AUTH_TOKEN: key, SESSION_DEFAULT_TIMEOUT_MINUTES: '45' };
const node = await startNode({ nats: await startNats(t), database, env }, t);
const sql = openOwner(t, database.url);
const client = clientOf(node.url, key);
const user = person(1);
const path = '/api/messaging/sessions';
/** The clock of a node and Date.now() may lie so far apart. */
const clockDriftMs = 3;

function ask(method: string, at: string, body?: unknown, token: string = key): Promise<HttpAnswer> {
  return call(node, method, path + at, { token, ...(body === undefined ? {} : { body }) });
}

async function begin(fields: object = {}, token?: string) {
  const { status, body } = await ask('POST', '', { agentId: eliza, userId: user, ...fields }, token);
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body as { sessionId: string; channelId: string; expiresAt: string; createdAt: string };
}

/** As if so much time had passed for it. */
const age = async (session: string, minutes: number) => {
  const us = minutes * 60_000_000;
  await sql`
    update timed_sessions set created_us = created_us - ${us}, used_us = used_us - ${us}, expires_us = expires_us - ${us}
    where id = ${session}`;
  await sql`
    update session_notices set due_us = due_us - ${us}, expires_us = expires_us - ${us} where session_id = ${session}`;
};

/** What was told in its channel. */
const told = async (channel: string): Promise<{ event: string; metadata: Record<string, unknown> }[]> => {
  const rows = await sql<{ data: { event: string; metadata: Record<string, unknown> } }[]>`
    select data from messages where conversation_id = ${channel} and kind = 'control' order by seq`;
  return rows.map(({ data }) => data);
};

t.test('a session begins in a channel of its own, with the timeouts that were asked for', async (t) => {
  const metadata = { plan: 'free' };
  const { status, body } = await ask('POST', '', {
    ...{ agentId: eliza.toUpperCase(), userId: user, metadata },
    timeoutConfig: { timeoutMinutes: 1, maxDurationMinutes: '90', warningThresholdMinutes: 'soon' },
  });
  t.equal(status, 201);
  const { sessionId, channelId, createdAt, expiresAt } = body;
  const timeoutConfig = {
    ...{ timeoutMinutes: 5, autoRenew: true, maxDurationMinutes: 90, warningThresholdMinutes: 5 },
  };
  t.strictSame(body, {
    ...{ sessionId, channelId, agentId: eliza, userId: user, createdAt, metadata, expiresAt, timeoutConfig },
  });
  t.equal(Date.parse(expiresAt) - Date.parse(createdAt), 300_000);
  const [row] = await sql<{ name: string; metadata: object }[]>`
    select name, metadata from conversations where conversation_id = ${channelId}`;
  t.match(row, {
    name: `session-${sessionId}`,
    metadata: { sessionId, agentId: eliza, timeoutConfig, plan: 'free' },
  });
  const got = await ask('GET', `/${sessionId}`);
  t.match(got.body, { ...body, lastActivity: createdAt, renewalCount: 0, isNearExpiration: true });
  t.ok(got.body.timeRemaining > 290_000 && got.body.timeRemaining <= 300_000);
  const plain = await ask('POST', '', { agentId: eliza, userId: user });
  t.match(plain.body, { metadata: {}, timeoutConfig: { timeoutMinutes: 45, maxDurationMinutes: 720 } });
});

t.test(
  'an agent that does not run has no sessions, and one that does is set to timeouts of its own',
  async (t) => {
    const { id } = await client.agents.createAgent<{ id: string }>({
      agent: {
        name: 'Harbour master',
        settings: {
          SESSION_TIMEOUT_MINUTES: '50',
          SESSION_AUTO_RENEW: 'false',
          SESSION_MAX_DURATION_MINUTES: 100,
        },
      },
    });
    const refused = await ask('POST', '', { agentId: id, userId: user });
    t.match(
      [refused.status, refused.body.error],
      [404, { code: 'AGENT_NOT_FOUND', details: { agentId: id } }],
    );
    await client.agents.startAgent(id);
    const { body } = await ask('POST', '', {
      agentId: id,
      userId: user,
      timeoutConfig: { timeoutMinutes: 20 },
    });
    t.strictSame(body.timeoutConfig, {
      ...{ timeoutMinutes: 20, autoRenew: false, maxDurationMinutes: 100, warningThresholdMinutes: 5 },
    });
    const changed = await ask('PATCH', `/${body.sessionId}/timeout`, { autoRenew: true });
    t.match(
      changed.body.timeoutConfig,
      { timeoutMinutes: 50, autoRenew: true },
      'not what the session had before',
    );
  },
);

t.test('what is wrong with a new session is told in order, and leaves nothing behind', async (t) => {
  const [before] = await sql`select count(*) from timed_sessions`;
  const good = { agentId: eliza, userId: user };
  const cases: readonly (readonly [object, number, string, object])[] = [
    [{}, 400, 'VALIDATION_ERROR', { missingFields: ['agentId', 'userId'] }],
    [{ agentId: 'x' }, 400, 'VALIDATION_ERROR', { missingFields: ['userId'] }],
    [{ ...good, agentId: 'x' }, 400, 'VALIDATION_ERROR', { providedValue: 'x', expectedFormat: 'UUID v4' }],
    [{ ...good, userId: '7' }, 400, 'VALIDATION_ERROR', { providedValue: '7' }],
    [{ ...good, agentId: randomUUID(), metadata: [] }, 404, 'AGENT_NOT_FOUND', {}],
    [
      { ...good, metadata: { a: 'x'.repeat(11_000) } },
      400,
      'VALIDATION_ERROR',
      { reason: /maximum size of 10240/ },
    ],
    [{ ...good, timeoutConfig: 'long' }, 400, 'VALIDATION_ERROR', { reason: /timeout/ }],
  ];
  for (const [body, status, code, details] of cases) {
    const answer = await ask('POST', '', body);
    t.match(
      [answer.status, answer.body],
      [status, { error: { code, message: String, timestamp: /Z$/, details } }],
    );
    t.notMatch(JSON.stringify(answer.body), /stack|success/);
  }
  const { status, body } = await call(node, 'POST', path, { body: good });
  t.match([status, body], [401, { error: 'API key required' }]);
  t.match((await ask('POST', '', [])).body, { error: { code: 'VALIDATION_ERROR' } });
  t.same([...(await sql`select count(*) from timed_sessions`)], [before]);
});

t.test('what is said in a session renews it, and the agent answers in its history', async (t) => {
  const session = await begin({ metadata: { plan: 'free' } });
  const sent = await ask('POST', `/${session.sessionId}/messages`, {
    ...{
      content: 'Hello there',
      metadata: { mood: 'good' },
      attachments: [{ url: 'https://a.example/b.png' }],
    },
  });
  t.equal(sent.status, 201);
  const { userMessage, sessionStatus, data } = sent.body;
  t.match(sent.body, { success: true });
  t.strictSame(
    data,
    { success: true, userMessage, sessionStatus },
    'the same again, for the official client',
  );
  t.match(userMessage, {
    ...{ channel_id: session.channelId, author_id: user, content: 'Hello there', source_type: 'user' },
    raw_message: { content: 'Hello there', attachments: [{ url: 'https://a.example/b.png' }] },
    metadata: { sessionId: session.sessionId, agentId: eliza, plan: 'free', mood: 'good' },
  });
  t.match(sessionStatus, { renewalCount: 1, wasRenewed: true, isNearExpiration: false });
  t.ok(sessionStatus.expiresAt > session.expiresAt);
  const history = () => ask('GET', `/${session.sessionId}/messages`);
  await until(async () => (await history()).body.messages.length === 2, 60_000);
  const { messages, hasMore, cursors } = (await history()).body;
  t.match(messages, [
    { isAgent: true, authorId: eliza },
    { id: userMessage.id, isAgent: false, authorId: user, metadata: { mood: 'good', attachments: [{}] } },
  ]);
  t.strictSame(
    [hasMore, cursors],
    [false, { before: Date.parse(messages[1].createdAt), after: Date.parse(messages[0].createdAt) }],
  );
  await until(async () => (await told(session.channelId)).length === 1);
  t.match(await told(session.channelId), [
    {
      event: 'session.renewed',
      metadata: { session_id: session.sessionId, expires_at: sessionStatus.expiresAt },
    },
  ]);
});

t.test('what is wrong with a message is told in order, and does not renew', async (t) => {
  const { sessionId } = await begin();
  const gone = randomUUID();
  const cases: readonly (readonly [string, object, number, string])[] = [
    [gone, { transport: 'pigeon' }, 400, 'VALIDATION_ERROR'],
    [gone, { content: 7 }, 400, 'VALIDATION_ERROR'],
    [gone, { content: '' }, 404, 'SESSION_NOT_FOUND'],
    ['no uuid', { content: 'x' }, 404, 'SESSION_NOT_FOUND'],
    [sessionId, { content: '', metadata: 7 }, 400, 'VALIDATION_ERROR'],
    [sessionId, { content: 'x'.repeat(4_001) }, 400, 'VALIDATION_ERROR'],
    [sessionId, { content: 'x', metadata: { a: 'y'.repeat(11_000) } }, 400, 'VALIDATION_ERROR'],
    [sessionId, { content: 'x', attachments: ['y'.repeat(20_000)] }, 413, 'PAYLOAD_TOO_LARGE'],
    [sessionId, { content: 'x', messageId: 'no uuid' }, 400, 'VALIDATION_ERROR'],
  ];
  for (const [session, body, status, code] of cases) {
    const answer = await ask('POST', `/${encodeURIComponent(session)}/messages`, body);
    t.match([answer.status, answer.body.error?.code], [status, code], JSON.stringify(body).slice(0, 60));
  }
  t.match((await ask('GET', `/${sessionId}`)).body, { renewalCount: 0 });
  t.strictSame((await ask('GET', `/${sessionId}/messages`)).body, { messages: [], hasMore: false });
  const messageId = randomUUID();
  const [one, two] = [
    await ask('POST', `/${sessionId}/messages`, { content: 'x', messageId }),
    await ask('POST', `/${sessionId}/messages`, { content: 'x', messageId }),
  ];
  t.equal(one.body.userMessage.id, messageId);
  t.strictSame(two.body.userMessage, one.body.userMessage);
});

t.test('a history has pages in both directions, newest first', async (t) => {
  const { channelId, sessionId } = await begin();
  const at = `/api/messaging/channels/${channelId}/messages`;
  for (let n = 0; n < 12; n += 1) {
    const body = { author_id: eliza, content: `number ${n}` };
    const { created_at: atMs } = (await call(node, 'POST', at, { token: key, body })).body.userMessage;
    // Pages hold whole milliseconds: each message has one of its own.
    await until(() => Date.now() > atMs + clockDriftMs);
  }
  const page = async (query: string) => {
    const { status, body } = await ask('GET', `/${sessionId}/messages${query}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body as {
      messages: { content: string; createdAt: string }[];
      hasMore: boolean;
      cursors: { before: number; after: number };
    };
  };
  const numbers = ({ messages }: { messages: { content: string }[] }) =>
    messages.map(({ content }) => Number(content.split(' ')[1]));
  const all = await page('');
  t.strictSame(numbers(all), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  const times = all.messages.map(({ createdAt }) => Date.parse(createdAt)).reverse();
  const first = await page('?limit=5');
  t.strictSame([numbers(first), first.hasMore], [[11, 10, 9, 8, 7], true]);
  const next = await page(`?limit=5&before=${first.cursors.before}`);
  t.strictSame(numbers(next), [6, 5, 4, 3, 2]);
  const last = await page(`?limit=5&before=${next.cursors.before}`);
  t.strictSame([numbers(last), last.hasMore], [[1, 0], false]);
  t.strictSame(numbers(await page(`?limit=3&after=${times[2]}`)), [5, 4, 3], 'the oldest that follow');
  t.strictSame(numbers(await page(`?limit=3&after=${times[2]}&before=${times[9]}`)), [8, 7, 6]);
  t.equal((await page('?limit=0')).messages.length, 1);
  t.equal((await page('?limit=junk')).messages.length, 12);
  t.equal((await page('?limit=5000')).messages.length, 12);
  const junk = await ask('GET', `/${sessionId}/messages?before=yesterday`);
  t.match(
    [junk.status, junk.body.error],
    [400, { code: 'VALIDATION_ERROR', details: { parameter: 'before', value: 'yesterday', reason: String } }],
  );
});

t.test('renewals, heartbeats and other timeouts move the end', async (t) => {
  const { sessionId, channelId } = await begin({ timeoutConfig: { timeoutMinutes: 30, autoRenew: false } });
  await age(sessionId, 10);
  const beaten = await ask('POST', `/${sessionId}/heartbeat`);
  t.match(beaten, { status: 200, body: { renewalCount: 0 } });
  t.ok(beaten.body.timeRemaining <= 1_200_000, 'a use does not renew it');
  t.ok(Date.parse(beaten.body.lastActivity) > Date.now() - 60_000);
  const renewed = await ask('POST', `/${sessionId}/renew`);
  t.match(renewed, { status: 200, body: { renewalCount: 1 } });
  t.ok(renewed.body.timeRemaining > 1_700_000);
  const patched = await ask('PATCH', `/${sessionId}/timeout`, {
    timeoutMinutes: '60',
    warningThresholdMinutes: 7,
  });
  t.match(patched, {
    status: 200,
    body: {
      renewalCount: 1,
      timeoutConfig: {
        ...{ timeoutMinutes: 60, autoRenew: true, maxDurationMinutes: 720, warningThresholdMinutes: 7 },
      },
    },
  });
  t.match((await ask('PATCH', `/${sessionId}/timeout`, { timeoutMinutes: 'x' })).body.timeoutConfig, {
    timeoutMinutes: 45,
  });
  for (const body of [
    { timeoutMinutes: 4 },
    { timeoutMinutes: 1_441 },
    { autoRenew: 'yes' },
    { maxDurationMinutes: {} },
  ]) {
    const { status, body: answer } = await ask('PATCH', `/${sessionId}/timeout`, body);
    t.match([status, answer.error.code], [400, 'VALIDATION_ERROR'], JSON.stringify(body));
  }
  const automatic = await ask('POST', `/${sessionId}/heartbeat`);
  t.match(automatic.body, { renewalCount: 2 });
  await until(async () => (await told(channelId)).length === 2);
});

t.test('a session warns, expires, is said to have expired once, and then is gone', async (t) => {
  const { sessionId, channelId } = await begin({ timeoutConfig: { timeoutMinutes: 10 } });
  await age(sessionId, 6);
  await until(async () => (await told(channelId)).length === 1);
  t.match(await told(channelId), [
    { event: 'session.expiring', metadata: { session_id: sessionId, minutes_remaining: 4 } },
  ]);
  t.match((await ask('GET', `/${sessionId}`)).body, { isNearExpiration: true });
  t.ok((await ask('GET', '/health')).body.expiringSoon >= 1);
  await age(sessionId, 4);
  await until(async () => (await told(channelId)).length === 2);
  t.match((await told(channelId))[1], { event: 'session.expired', metadata: { session_id: sessionId } });
  const [first, second] = [
    await ask('POST', `/${sessionId}/messages`, { content: 'still there?' }),
    await ask('GET', `/${sessionId}`),
  ];
  t.match([first.status, first.body.error], [410, { code: 'SESSION_EXPIRED', details: { sessionId } }]);
  t.match([second.status, second.body.error], [404, { code: 'SESSION_NOT_FOUND', details: { sessionId } }]);
  for (const [method, at] of [
    ['POST', '/renew'],
    ['POST', '/heartbeat'],
    ['GET', '/messages'],
    ['DELETE', ''],
  ] as const)
    t.equal((await ask(method, `/${sessionId}${at}`)).status, 404, at);
  const channel = await call(node, 'GET', `/api/messaging/channels/${channelId}/messages`, { token: key });
  t.strictSame(channel.body, { success: true, data: { messages: [] } }, 'what was told is no message');
});

t.test('its user, services and administrators see a session, nobody else', async (t) => {
  const [ada, stranger] = [await signUp(node, 'ada'), await signUp(node, 'stranger')];
  const [ben, cleo] = [await signUpInto(node, ada, 'ben'), await signUpInto(node, ada, 'cleo')];
  const [agent] = await sql<{ id: string }[]>`
    select id from principals where tenant_id = ${ada.tenant} and kind = 'agent'`;
  const bens = await begin({ agentId: agent?.id, userId: ben.id }, ben.token);
  const foreign = await ask('POST', '', { agentId: agent?.id, userId: cleo.id }, ben.token);
  t.match([foreign.status, foreign.body.error.code], [403, 'FORBIDDEN']);
  t.match((await ask('POST', '', { agentId: eliza, userId: ben.id }, ben.token)).body, {
    error: { code: 'AGENT_NOT_FOUND' },
  });
  for (const [who, status] of [
    ...([
      [ben.token, 200],
      [ada.token, 200],
      [cleo.token, 404],
      [stranger.token, 404],
      [key, 404],
    ] as const),
  ] as const) {
    for (const at of ['', '/messages'])
      t.equal((await ask('GET', `/${bens.sessionId}${at}`, undefined, who)).status, status);
  }
  for (const who of [cleo.token, stranger.token, key]) {
    t.equal((await ask('DELETE', `/${bens.sessionId}`, undefined, who)).status, 404);
    t.equal((await ask('POST', `/${bens.sessionId}/renew`, undefined, who)).status, 404);
    const { body } = await ask('GET', '', undefined, who);
    t.notOk(body.sessions.some((one: { sessionId: string }) => one.sessionId === bens.sessionId));
  }
  const said = await ask('POST', `/${bens.sessionId}/messages`, { content: 'as Ben' }, ada.token);
  t.equal(said.status, 403, 'an administrator sees it, but does not speak for Ben');
  const listed = await ask('GET', '?limit=1', undefined, ada.token);
  t.match(listed.body, {
    ...{ sessions: [{ sessionId: bens.sessionId }], total: 1 },
    stats: { totalSessions: 1, activeSessions: 1, expiredSessions: 0 },
  });
  t.strictSame((await ask('GET', '', undefined, cleo.token)).body.sessions, []);
});

t.test('the official client calls all of it', async (t) => {
  const { sessions } = client;
  t.match(await sessions.checkHealth(), { status: 'healthy', activeSessions: Number, uptime: Number });
  const session = await sessions.createSession<{ sessionId: string }>({ agentId: eliza, userId: user });
  t.match(await sessions.getSession(session.sessionId), { sessionId: session.sessionId, renewalCount: 0 });
  const sent = await sessions.sendMessage(session.sessionId, { content: 'Hello' });
  t.match(sent, { success: true, userMessage: { content: 'Hello' }, sessionStatus: { wasRenewed: true } });
  const page = await sessions.getMessages<{ messages: unknown[] }>(session.sessionId, { limit: 10 });
  t.ok(page.messages.length >= 1);
  t.match(await sessions.listSessions(), { sessions: [{ sessionId: session.sessionId }] });
  t.match(await sessions.deleteSession(session.sessionId), { success: true });
  await t.rejects(sessions.getSession(session.sessionId), { code: 'SESSION_NOT_FOUND', status: 404 });
});
