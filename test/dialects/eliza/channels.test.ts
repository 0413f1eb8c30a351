/** Message servers and channels over HTTP, against a whole node. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { makeAgent, makeService, signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call, type HttpAnswer } from '../../kit/clients/http-client.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

t.setTimeout(120_000);

const node = await startNode({ nats: await startNats(t), database: await startPostgres(t) }, t);
const ada = await signUp(node, 'ada');
const ben = await signUpInto(node, ada, 'ben');
const cleo = await signUpInto(node, ada, 'cleo');
const stranger = await signUp(node, 'stranger');
const theirs = await makeService(node, stranger);
const hook = await makeService(node, ada);
const iris = await makeAgent(node, ada, 'iris');
const nil = '00000000-0000-0000-0000-000000000000';

type Caller = { readonly token: string };

function ask(who: Caller, line: string, body?: unknown): Promise<HttpAnswer> {
  const [method = '', path = ''] = line.split(' ');
  return call(node, method, `/api/messaging${path}`, {
    token: who.token,
    ...(body === undefined ? {} : { body }),
  });
}

async function get(who: Caller, path: string) {
  const { status, body } = await ask(who, `GET ${path}`);
  if (status !== 200) throw new Error(`${path}: ${status}`);
  return body.data;
}

async function make(who: Caller, fields: object): Promise<string> {
  const { status, body } = await ask(who, 'POST /channels', { name: 'Harbour', server_id: nil, ...fields });
  if (status !== 201) throw new Error(`not made: ${status} ${JSON.stringify(body)}`);
  return body.data.id;
}

const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

t.test('a channel is made, shown, changed and deleted', async (t) => {
  const participantCentralUserIds = [iris.id, ben.id];
  const body = {
    ...{ name: 'Harbour', type: 'GROUP', message_server_id: nil, participantCentralUserIds },
    metadata: { isDm: false, ship: 'Rose' },
  };
  const made = await ask(hook, 'POST /channels', body);
  const { id, createdAt, updatedAt } = made.body.data;
  const row = {
    ...{ id, messageServerId: nil, name: 'Harbour', type: 'GROUP', createdAt, updatedAt },
    metadata: { isDm: false, ship: 'Rose', participantCentralUserIds },
  };
  // The first person owns it, and came first therefore.
  const shown = { ...row, metadata: { ...row.metadata, participantCentralUserIds: [ben.id, iris.id] } };
  t.strictSame([made.status, made.body], [201, { success: true, data: shown }]);
  for (const path of ['details', 'info']) t.strictSame(await get(ben, `/channels/${id}/${path}`), shown);
  t.strictSame(await get(ben, `/central-channels/${id}/participants`), [ben.id, iris.id]);
  t.strictSame(await get(ben, `/channels/${id}/agents`), { channelId: id, participants: [ben.id, iris.id] });

  const changed = await ask(ben, `PATCH /channels/${id}`, {
    ...{ name: 'Port', metadata: { ship: 'Lily' }, participantCentralUserIds: [ben.id, cleo.id] },
  });
  t.match(changed.body.data, { name: 'Port', type: 'GROUP' });
  t.strictSame(changed.body.data.metadata, { ship: 'Lily', participantCentralUserIds: [ben.id, cleo.id] });
  t.equal((await ask(cleo, `PATCH /channels/${id}`, { name: 'mine' })).status, 403);
  t.equal((await ask(iris, `GET /channels/${id}/details`)).status, 404);

  for (const who of [stranger, theirs, iris]) t.equal((await ask(who, `DELETE /channels/${id}`)).status, 404);
  t.equal((await ask(cleo, `DELETE /channels/${id}`)).status, 403);
  for (const times of ['once', 'again'])
    t.equal((await ask(ben, `DELETE /channels/${id}`)).status, 204, times);
  t.equal((await ask(hook, `DELETE /channels/${id}`)).status, 204);
  t.equal((await ask(hook, `DELETE /channels/${randomUUID()}`)).status, 404);
  t.match(await ask(ben, `GET /channels/${id}/details`), {
    status: 404,
    body: { error: 'Channel not found' },
  });
  t.strictSame(await get(ben, `/channels/${id}/participants`), []);
});

t.test('what channels are made of is checked', async (t) => {
  const badPayload = /^Invalid payload. Required: name, message_server_id/;
  const cases: readonly (readonly [object, number, string | RegExp])[] = [
    [{ name: '' }, 400, badPayload],
    [{ server_id: '0' }, 400, badPayload],
    [{ participantCentralUserIds: ['ben'] }, 400, badPayload],
    [{ participantCentralUserIds: 'ben' }, 400, badPayload],
    [{ name: 'x'.repeat(256) }, 400, /^name must have/],
    [{ metadata: 'x' }, 400, 'metadata must be an object'],
    [{ metadata: { a: 'x'.repeat(17_000) } }, 413, /^metadata must be at most/],
    [{ server_id: '0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b11' }, 404, /does not exist$/],
  ];
  for (const [fields, status, error] of cases) {
    const answer = await ask(ada, 'POST /channels', { name: 'x', server_id: nil, ...fields });
    t.match(
      [answer.status, answer.body],
      [status, { success: false, error }],
      JSON.stringify(fields).slice(0, 60),
    );
  }
  t.match((await ask(ada, 'GET /channels/harbour/details')).body, { error: 'Invalid channelId' });
  t.match((await ask(ada, 'POST /channels/harbour/agents', {})).body, {
    error: 'Invalid channelId or agentId format',
  });
});

t.test('what the official client sends makes a channel of the caller alone', async (t) => {
  const { status, body } = await ask(ada, 'POST /group-channels', { name: 'Mine' });
  t.match([status, body.data], [201, { messageServerId: nil, type: 'GROUP' }]);
  t.strictSame(body.data.metadata, { participantCentralUserIds: [ada.id] });
});

t.test('who acts for itself owns what it makes, whomever it names', async (t) => {
  const id = await make(cleo, { participantCentralUserIds: [ben.id, cleo.id] });
  t.equal((await ask(ben, `PATCH /channels/${id}`, { name: 'mine' })).status, 403);
  t.equal((await ask(cleo, `PATCH /channels/${id}`, { name: 'mine' })).status, 200);
});

t.test('agents come and go; an owner that goes leaves the channel to the next one', async (t) => {
  const id = await make(hook, { participantCentralUserIds: [ben.id] });
  const added = await ask(hook, `POST /channels/${id}/agents`, { agentId: iris.id.toUpperCase() });
  const message = 'Agent added to channel successfully';
  t.strictSame([added.status, added.body.data], [201, { channelId: id, agentId: iris.id, message }]);
  t.equal((await ask(hook, `POST /channels/${id}/agents`, { agentId: iris.id })).status, 201);
  t.equal((await ask(cleo, `POST /channels/${id}/agents`, { agentId: cleo.id })).status, 404);
  t.equal((await ask(hook, `DELETE /channels/${id}/agents/${ben.id}`)).status, 200);
  t.strictSame(await get(hook, `/channels/${id}/participants`), [iris.id]);
  t.match(await ask(hook, `DELETE /channels/${id}/agents/${ben.id}`), {
    ...{ status: 404, body: { error: 'Agent is not a participant in this channel' } },
  });
  t.equal((await ask(hook, `DELETE /channels/${id}/agents/${iris.id}`)).status, 409);
  t.equal((await ask(hook, `PATCH /channels/${id}`, { participantCentralUserIds: [cleo.id] })).status, 200);
  t.strictSame(await get(cleo, `/channels/${id}/participants`), [cleo.id]);
});

t.test('two have one channel, whoever asks and however', async (t) => {
  const path = `/dm-channel?currentUserId=${ben.id}&targetUserId=${iris.id}`;
  const first = await get(ben, path);
  const [user1, user2] = [ben.id, iris.id].sort();
  t.match(first, {
    name: `DM-${user1}-${user2}`,
    type: 'DM',
    messageServerId: nil,
    metadata: { user1, user2 },
  });
  const swapped = `/dm-channel?currentUserId=${iris.id}&targetUserId=${ben.id}&dmServerId=${randomUUID()}`;
  t.equal((await get(hook, swapped)).id, first.id);
  const posted = await ask(ben, `POST /dm/${iris.id}/${ben.id}`);
  t.match([posted.status, posted.body.data.id], [200, first.id]);
  t.equal((await ask(cleo, `GET ${path}`)).status, 403);
  t.match((await ask(ben, `GET /dm-channel?currentUserId=${ben.id}`)).body, {
    error: 'Missing targetUserId or currentUserId',
  });
  const oneself = `/dm-channel?currentUserId=${ben.id}&targetUserId=${ben.id}`;
  t.match((await ask(ben, `GET ${oneself}`)).body, { error: 'Cannot create DM channel with oneself' });
  t.equal((await ask(ben, `DELETE /channels/${first.id}`)).status, 204);
  t.not((await get(ben, path)).id, first.id, 'deleted, they begin anew');
});

t.test('the default server is always there, others are made', async (t) => {
  t.strictSame(await get(ada, '/message-server/current'), { messageServerId: nil });
  const body = { name: 'Guild', sourceType: 'discord', sourceId: 'guild-7', metadata: { a: 1 } };
  t.equal((await ask(ben, 'POST /servers', body)).status, 403);
  t.match((await ask(hook, 'POST /servers', { name: 'x' })).body, {
    error: 'Missing required fields: name, sourceType',
  });
  const made = await ask(hook, 'POST /servers', body);
  t.match([made.status, made.body.data.server], [201, body]);
  const { id } = made.body.data.server;
  t.strictSame(idsOf((await get(ben, '/message-servers')).messageServers), [nil, id]);
  for (const path of ['/central-servers', '/servers/central']) {
    t.strictSame(idsOf((await get(ben, path)).servers), [nil, id]);
  }
  t.strictSame(idsOf((await get(stranger, '/message-servers')).messageServers), [nil]);
  t.strictSame((await get(theirs, `/message-servers/${id}/channels`)).channels, []);
  t.equal((await ask(theirs, `GET /message-servers/${id}/agents`)).status, 404);

  for (const server of [nil, id]) {
    const agent = await ask(hook, `POST /servers/${server}/agents`, { agentId: iris.id });
    const message = 'Agent added to message server successfully';
    t.strictSame(
      [agent.status, agent.body.data],
      [201, { messageServerId: server, agentId: iris.id, message }],
    );
    t.equal((await ask(hook, `POST /message-servers/${server}/agents/${iris.id}`)).status, 201);
    t.strictSame(await get(ben, `/servers/${server}/agents`), { messageServerId: server, agents: [iris.id] });
  }
  t.same((await get(ben, `/agents/${iris.id}/message-servers`)).messageServers, [nil, id]);
  t.strictSame((await get(stranger, `/agents/${iris.id}/message-servers`)).messageServers, []);
  t.equal((await ask(hook, `DELETE /servers/${nil}/agents/${iris.id}`)).status, 200);
  t.equal((await ask(hook, `DELETE /servers/${nil}/agents/${iris.id}`)).status, 200);
  t.same((await get(ben, `/agents/${iris.id}/message-servers`)).messageServers, [id]);

  const channel = await make(hook, {
    server_id: undefined,
    message_server_id: id,
    participantCentralUserIds: [ben.id],
  });
  const auto = randomUUID();
  const message = { author_id: ben.id, content: 'x', metadata: { targetAgentId: iris.id } };
  const first = { ...message, message_server_id: id };
  t.equal((await ask(hook, `POST /channels/${auto}/messages`, first)).status, 201);
  const unknown = { ...message, message_server_id: randomUUID() };
  t.match(await ask(hook, `POST /channels/${randomUUID()}/messages`, unknown), {
    ...{ status: 404, body: { error: /does not exist$/ } },
  });
  for (const path of ['message-servers', 'servers', 'central-servers']) {
    t.same(idsOf((await get(ben, `/${path}/${id}/channels`)).channels).sort(), [channel, auto].sort());
  }
  t.same(idsOf((await get(cleo, `/servers/${id}/channels`)).channels), []);
  t.same(idsOf((await get(hook, `/servers/${id}/channels`)).channels).sort(), [channel, auto].sort());
  const onDefault = await make(ben, { participantCentralUserIds: [ben.id] });
  t.ok(idsOf((await get(ben, `/servers/${nil}/channels`)).channels).includes(onDefault));
  t.notOk(idsOf((await get(ben, `/servers/${nil}/channels`)).channels).includes(channel));
  const [row] = (await get(ben, `/servers/${nil}/channels`)).channels;
  t.strictSame(row, await get(ben, `/channels/${row.id}/details`));

  t.equal((await ask(ben, `DELETE /message-servers/${id}`)).status, 403);
  t.equal((await ask(theirs, `DELETE /message-servers/${id}`)).status, 404);
  t.equal((await ask(hook, `DELETE /message-servers/${nil}`)).status, 403);
  t.equal((await ask(hook, `DELETE /message-servers/${id}`)).status, 204);
  t.equal((await ask(ben, `GET /channels/${channel}/details`)).status, 404);
  t.strictSame(idsOf((await get(ben, '/message-servers')).messageServers), [nil]);
});

t.test('messages are deleted one by one, and all of them', async (t) => {
  const id = await make(hook, { participantCentralUserIds: [ben.id, cleo.id] });
  const post = async (who: Caller & { readonly id: string }, content: string): Promise<string> =>
    (await ask(who, `POST /channels/${id}/messages`, { author_id: who.id, server_id: nil, content })).body
      .userMessage.id;
  const count = async () => (await get(ben, `/channels/${id}/messages?limit=200`)).messages.length;
  const mine = await post(cleo, 'mine');
  const bens = await post(ben, 'of Ben');
  const other = await make(hook, { participantCentralUserIds: [ben.id, cleo.id] });
  t.equal((await ask(cleo, `DELETE /channels/${other}/messages/${mine}`)).status, 404, 'of another channel');
  t.equal((await ask(cleo, `DELETE /channels/${id}/messages/${bens}`)).status, 403);
  t.equal((await ask(stranger, `DELETE /channels/${id}/messages/${bens}`)).status, 404);
  for (const times of ['once', 'again']) {
    t.equal((await ask(cleo, `DELETE /channels/${id}/messages/${mine}`)).status, 204, times);
  }
  t.equal(await count(), 1);
  await Promise.all(Array.from({ length: 120 }, (_, n) => post(n % 2 === 0 ? ben : cleo, `number ${n}`)));
  t.equal(await count(), 121);
  for (const [who, status] of [
    [cleo, 403],
    [stranger, 404],
    [hook, 204],
    [ben, 204],
  ] as const) {
    t.equal((await ask(who, `DELETE /channels/${id}/messages`)).status, status);
  }
  t.equal(await count(), 0);
});

t.test('the messages of one author are deleted at once, and those of nobody else', async (t) => {
  const id = await make(hook, { participantCentralUserIds: [ben.id, cleo.id] });
  const post = (who: Caller & { readonly id: string }, content: string) =>
    ask(who, `POST /channels/${id}/messages`, { author_id: who.id, server_id: nil, content });
  const left = async (): Promise<string[]> =>
    (await get(ben, `/channels/${id}/messages`)).messages.map(({ content }: { content: string }) => content);
  for (const [who, content] of [
    [cleo, 'one of Cleo'],
    [ben, 'of Ben'],
    [cleo, 'another of Cleo'],
  ] as const) {
    await post(who, content);
  }
  const path = `DELETE /channels/${id}/messages/all`;
  for (const query of ['', '?userId=', '?userId=cleo']) {
    const refused = await ask(hook, `${path}${query}`);
    t.match([refused.status, refused.body], [400, { success: false, error: /userId/ }], query);
  }
  const refusals = [
    [cleo, ben.id, 403],
    [stranger, ben.id, 404],
  ] as const;
  for (const [who, whose, status] of refusals) {
    t.equal((await ask(who, `${path}?userId=${whose}`)).status, status);
  }
  t.strictSame(await left(), ['another of Cleo', 'of Ben', 'one of Cleo']);
  const gone = await ask(cleo, `${path}?userId=${cleo.id.toUpperCase()}`);
  t.strictSame([gone.status, gone.body], [200, { success: true, deleted: 2 }]);
  t.strictSame(await left(), ['of Ben']);
  const central = await ask(hook, `${path.replace('/channels/', '/central-channels/')}?userId=${ben.id}`);
  t.strictSame([central.status, central.body], [200, { success: true, deleted: 1 }]);
  t.strictSame(await left(), []);
});

t.test('where nobody manages, a service does what each of the two may do for itself', async (t) => {
  const direct = async (): Promise<string> => {
    const body = { type: 'direct', participant_ids: [cleo.id] };
    const made = await call(node, 'POST', '/v1/chat/conversations', { token: ben.token, body });
    t.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.id;
  };
  const id = await direct();
  const path = `/channels/${id}`;
  const post = async (who: Caller & { readonly id: string }, content: string): Promise<string> =>
    (await ask(who, `POST ${path}/messages`, { author_id: who.id, content })).body.userMessage.id;
  const error = /^Nobody manages this channel/;
  for (const [line, body] of [
    [`PATCH ${path}`, { name: 'Harbour' }],
    [`POST ${path}/agents`, { agentId: iris.id }],
    [`DELETE ${path}/messages`, undefined],
  ] as const) {
    const answer = await ask(hook, line, body);
    t.match([answer.status, answer.body], [403, { success: false, error }], line);
  }
  for (const who of [ben, cleo]) {
    const message = await post(who, 'a word');
    t.equal((await ask(hook, `DELETE ${path}/messages/${message}`)).status, 204);
  }
  t.equal((await ask(hook, `DELETE ${path}/messages/${randomUUID()}`)).status, 404);
  t.strictSame((await get(ben, `${path}/messages`)).messages, []);
  t.equal((await ask(hook, `DELETE ${path}`)).status, 204);
  t.equal((await ask(cleo, `GET ${path}/details`)).status, 404);
});

t.test('messages are found by their words, and make a title', async (t) => {
  const id = await make(hook, { participantCentralUserIds: [ben.id, cleo.id] });
  const path = `POST /channels/${id}`;
  const say = (content: string) =>
    ask(ben, `${path}/messages`, { author_id: ben.id, message_server_id: nil, content });
  for (const text of ['Where is the schooner Rose?', 'two', 'three']) await say(text);
  const few = await ask(ben, `${path}/generate-title`, { agentId: iris.id });
  t.match([few.status, few.body.error], [404, 'Agent not found or not active']);
  const started = await call(node, 'POST', `/api/agents/${iris.id}/start`, { token: ada.token });
  t.equal(started.status, 200);
  t.strictSame((await ask(ben, `${path}/generate-title`, { agentId: iris.id })).body.data, {
    ...{ title: null, channelId: id, reason: 'Not enough messages to generate a title' },
  });
  await say('a schooner at last');
  const titled = await ask(ben, `${path}/generate-title`, { agentId: iris.id });
  t.strictSame(titled.body, { success: true, data: { title: 'Where is the schooner Rose', channelId: id } });
  t.equal((await ask(stranger, `${path}/generate-title`, { agentId: iris.id })).status, 404);
  t.match((await ask(ben, `${path}/generate-title`, {})).body, { error: 'Valid agent ID is required' });

  const found = async (who: Caller, body: object) => {
    const answer = await ask(who, 'POST /messages/search', body);
    return answer.status === 200
      ? answer.body.data.messages.map(({ content }: { content: string }) => content)
      : answer.status;
  };
  const both = ['a schooner at last', 'Where is the schooner Rose?'];
  t.strictSame(await found(ben, { query: 'schooner' }), both);
  t.strictSame(await found(cleo, { query: 'schooner -rose', channelId: id }), both.slice(0, 1));
  t.strictSame(await found(hook, { query: 'schooner', channelId: id }), both);
  t.strictSame(await found(hook, { query: 'schooner', authorId: ben.id }), both);
  t.strictSame(await found(hook, { query: 'schooner' }), both, 'in all channels of its tenant');
  t.strictSame(await found(hook, { query: 'schooner -rose', limit: 1 }), both.slice(0, 1));
  t.strictSame(await found(hook, { query: '-rose' }), [], 'no word must be there');
  t.strictSame(await found(hook, { query: 'schooner', from: '2020-01-01T00:00:00Z' }), both);
  t.strictSame(await found(hook, { query: 'schooner', to: '2020-01-01T00:00:00Z' }), []);
  t.strictSame(await found(theirs, { query: 'schooner' }), []);
  t.strictSame(await found(ben, { query: 'schooner', limit: 1 }), both.slice(0, 1));
  t.strictSame(await found(ben, { query: 'schooner', to: '2020-01-01T00:00:00Z' }), []);
  t.strictSame(await found(stranger, { query: 'schooner' }), []);
  t.equal(await found(stranger, { query: 'schooner', channelId: id }), 404);
  for (const body of [
    {},
    { query: 'x', channelId: 'x' },
    { query: 'x', limit: 0 },
    { query: 'x', from: 'x' },
  ]) {
    t.equal(await found(ben, body), 400, JSON.stringify(body));
  }
});

t.test('a bridge makes the channels that it knows, once', async (t) => {
  const { body } = await ask(hook, 'POST /message-servers', { name: 'Guild', sourceType: 'discord' });
  const path = `/message-servers/${body.data.server.id}`;
  const channels = [
    { name: 'general', type: 'GROUP', sourceId: '7' },
    { name: 'random', sourceId: '8' },
  ];
  for (const times of ['once', 'again']) {
    t.strictSame(
      (await ask(hook, `POST ${path}/sync-channels`, { channels })).body.data,
      { synced: 2 },
      times,
    );
  }
  const listed = (await get(hook, `${path}/channels`)).channels as readonly Record<string, unknown>[];
  t.same(listed.map(({ name, sourceType, sourceId }) => [name, sourceType, sourceId]).sort(), [
    ['general', 'discord', '7'],
    ['random', 'discord', '8'],
  ]);
  for (const wrong of ['x', [{ name: 'x' }], [7]]) {
    t.equal((await ask(hook, `POST ${path}/sync-channels`, { channels: wrong })).status, 400);
  }
  t.equal((await ask(theirs, `POST ${path}/sync-channels`, { channels })).status, 404);
});
