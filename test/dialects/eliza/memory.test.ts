/** What agents remember, noted and did, and their rooms, over HTTP against a whole node (eliza.md §2 and §4). */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { openIdSource } from '../../../src/adapters/system/id-source.ts';
import { type Account, makeService, signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call, type HttpAnswer } from '../../kit/clients/http-client.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { clientOf } from './client/official-client.ts';

t.setTimeout(120_000);
const servers = { nats: await startNats(t), database: await startPostgres(t) };
const node = await startNode({ ...servers, env: { ELIZA_SERVER_AUTH_TOKEN: 'the key' } }, t);
const sql = openOwner(t, servers.database.url);
const ids = openIdSource();
const ada = await signUp(node, 'ada');
const member = await signUpInto(node, ada, 'member');
const stranger = await signUp(node, 'stranger');
const hook = await makeService(node, ada);
const nil = '00000000-0000-0000-0000-000000000000';
const nothing = randomUUID();

type Who = { readonly token: string };

function ask(who: Who, method: string, path: string, body?: unknown, headers = {}): Promise<HttpAnswer> {
  const sent = body === undefined ? {} : { body };
  return call(node, method, `/api${path}`, { token: who.token, ...sent, headers });
}

async function runningAgent(who: Who = ada, name: string = randomUUID()): Promise<string> {
  const { body } = await ask(who, 'POST', '/agents', { characterJson: { name } });
  const { status } = await ask(who, 'POST', `/agents/${body.data.id}/start`);
  if (status !== 200) throw new Error(`not started: ${status}`);
  return body.data.id;
}

const roomOf = (channel: string, agent: string): string => ids.ofText(`${channel}:${agent}`);

/** A conversation with the agent: of the member, so that Ada, who owns the tenant, is not in it. */
async function conversationOf(agent: string, who: Who = member): Promise<string> {
  const { body: made } = await ask(who, 'POST', '/conversations', { type: 'group', name: 'harbour' });
  const added = await ask(who, 'POST', `/conversations/${made.id}/participants`, {
    ...{ userId: agent, userType: 'agent' },
  });
  if (added.status >= 300) throw new Error(`not added: ${added.status}`);
  return made.id;
}

/** Milliseconds of the n-th memory. */
const at = (n: number): number => 1_800_000_000_000 + n * 1_000;

async function remember(who: Account, agent: string, channel: string, count: number): Promise<string[]> {
  const made = Array.from({ length: count }, () => randomUUID());
  for (const [n, id] of made.entries()) {
    await sql`
      insert into agent_memories (
        tenant_id, id, agent_id, table_name, room_id, conversation_id, entity_id, content, metadata, created_us
      ) values (
        ${who.tenant}, ${id}, ${agent}, 'messages', ${roomOf(channel, agent)}, ${channel}, ${n % 2 === 0 ? who.id : agent},
        ${sql.json({ text: `memory ${n}` })}, ${sql.json({ type: 'message' })}, ${at(n) * 1000}
      )`;
  }
  return made;
}

const texts = ({ body }: HttpAnswer): string[] =>
  body.data.memories.map(({ content }: { content: { text: string } }) => content.text);
const coded = (code: string, message: string | RegExp = /./) => ({
  success: false,
  error: { code, message },
});

t.test('memories are read newest first, by channel, by room, by who said it', async (t) => {
  const agent = await runningAgent();
  const [channel, other] = [randomUUID(), randomUUID()];
  const [first] = await remember(ada, agent, channel, 3);
  await remember(ada, agent, other, 1);
  const all = await ask(ada, 'GET', `/memory/${agent}/memories`);
  t.same(texts(all), ['memory 2', 'memory 1', 'memory 0', 'memory 0']);
  const byChannel = await ask(hook, 'GET', `/memory/${agent}/memories?channelId=${channel}`);
  t.strictSame(byChannel.body.data.memories[2], {
    ...{ id: first, type: 'messages', createdAt: at(0), content: { text: 'memory 0' }, entityId: ada.id },
    ...{ agentId: agent, roomId: roomOf(channel, agent), unique: true, metadata: { type: 'message' } },
  });
  const room = roomOf(channel, agent);
  t.same((await ask(ada, 'GET', `/memory/${agent}/memories?roomId=${room}`)).body, byChannel.body);
  t.same(texts(await ask(ada, 'GET', `/memory/${agent}/memories?roomId=${channel}`)), [], 'as it is');
  t.same(texts(await ask(ada, 'GET', `/memory/${agent}/memories?tableName=facts`)), []);
  const own = { 'x-entity-id': agent };
  t.same(texts(await ask(ada, 'GET', `/memory/${agent}/memories`, undefined, own)), ['memory 1']);
  for (const base of ['memory', 'agents', 'rooms']) {
    const path =
      base === 'rooms'
        ? `/rooms/${agent}/${channel}/memories`
        : `/${base}/${agent}/rooms/${channel}/memories`;
    t.same(texts(await ask(ada, 'GET', `${path}?limit=2`)), ['memory 2', 'memory 1'], base);
    t.same(texts(await ask(ada, 'GET', `${path}?before=${at(1)}`)), ['memory 0'], 'the bound is not in it');
    t.same(texts(await ask(ada, 'GET', `${path}?before=${new Date(at(1)).toISOString()}`)), ['memory 0']);
  }
  t.equal(texts(await ask(ada, 'GET', `/memory/${agent}/rooms/${room}/memories`)).length, 3, 'by its own id');
});

t.test('a memory is changed and deleted, alone, with its room, or with all', async (t) => {
  const agent = await runningAgent();
  const [channel, other] = [randomUUID(), randomUUID()];
  const [one = '', two = ''] = await remember(ada, agent, channel, 3);
  await remember(ada, agent, other, 2);
  const path = `/memory/${agent}/memories`;
  const changed = await ask(ada, 'PATCH', `${path}/${one}`, {
    content: { text: 'changed' },
    metadata: { a: 1 },
  });
  t.same(changed.body, { success: true, data: { id: one, message: 'Memory updated successfully' } });
  const read = await ask(ada, 'GET', `${path}?channelId=${channel}`);
  t.match(read.body.data.memories[2], { id: one, content: { text: 'changed' }, metadata: { a: 1 } });
  for (const strange of [{ content: [] }, { metadata: 'x' }, { unique: 'x' }]) {
    t.match(await ask(ada, 'PATCH', `${path}/${one}`, strange), { status: 400, body: coded('BAD_REQUEST') });
  }
  t.match(await ask(ada, 'PATCH', `${path}/${one}`, { roomId: 'x' }), {
    status: 400,
    body: coded('INVALID_ID'),
  });
  t.match(await ask(ada, 'PATCH', `${path}/${nothing}`, { content: {} }), {
    ...{ status: 404, body: coded('NOT_FOUND', 'Memory not found') },
  });
  const large = { content: { text: 'x'.repeat(900_000) } };
  t.equal((await ask(ada, 'PATCH', `${path}/${one}`, large)).status, 413);

  const deleted = await ask(ada, 'DELETE', `${path}/${two}`);
  t.same(deleted.body, { success: true, data: { message: 'Memory deleted successfully' } });
  t.equal((await ask(ada, 'DELETE', `${path}/${two}`)).status, 404);
  t.match(await ask(ada, 'DELETE', `${path}/x`), { status: 400, body: coded('INVALID_ID') });

  t.equal((await ask(ada, 'DELETE', `${path}/all/${roomOf(channel, agent)}`)).status, 204);
  t.same(texts(await ask(ada, 'GET', path)).length, 2, 'those of the other room are there');
  t.equal((await ask(ada, 'DELETE', `/memory/${agent}/rooms/${other}`)).status, 204, 'by its channel');
  t.same(texts(await ask(ada, 'GET', path)), []);
  await remember(ada, agent, channel, 4);
  const cleared = await ask(ada, 'DELETE', path);
  t.match(cleared.body, { success: true, data: { deleted: 4, message: String } });
});

t.test('what was said is for those who were there, and those who manage agents', async (t) => {
  const agent = await runningAgent();
  const channel = await conversationOf(agent);
  const [id = ''] = await remember(ada, agent, channel, 1);
  const path = `/memory/${agent}/memories`;
  t.match(await ask(member, 'GET', path), { status: 403, body: coded('FORBIDDEN') });
  t.same(texts(await ask(member, 'GET', `${path}?channelId=${channel}`)), ['memory 0'], 'it takes part');
  const room = roomOf(channel, agent);
  t.same(texts(await ask(member, 'GET', `${path}?roomId=${room}`)), ['memory 0']);
  const other = await conversationOf(agent, ada);
  await remember(ada, agent, other, 1);
  t.equal((await ask(member, 'GET', `${path}?channelId=${other}`)).status, 403);
  t.equal((await ask(member, 'GET', `/memory/${agent}/rooms/${other}/memories`)).status, 403);
  for (const [method, end, body] of [
    ['PATCH', `/${id}`, { content: {} }],
    ['DELETE', `/${id}`],
    ['DELETE', `/all/${room}`],
    ['DELETE', ''],
  ] as const) {
    t.equal((await ask(member, method, path + end, body)).status, 403, `${method} ${end}`);
    t.equal(
      (await ask(stranger, method, path + end, body)).status,
      404,
      `${method} ${end} of another tenant`,
    );
  }
  t.equal((await ask(stranger, 'GET', path)).status, 404);
  for (const end of ['runs', 'logs']) {
    t.equal((await ask(member, 'GET', `/agents/${agent}/${end}`)).status, 403, end);
    t.equal((await ask(stranger, 'GET', `/agents/${agent}/${end}`)).status, 404, end);
  }
  t.same(texts(await ask(ada, 'GET', path)).length, 2, 'nothing was done');
  await ask(ada, 'POST', `/agents/${agent}/stop`);
  t.match(await ask(ada, 'GET', path), { status: 404, body: coded('NOT_FOUND', 'Agent not found') });
  t.match(await ask(ada, 'GET', '/memory/x/memories'), { status: 400, body: coded('INVALID_ID') });
});

t.test('a room is a conversation under an id of the agent’s own', async (t) => {
  const agent = await runningAgent();
  const channel = await conversationOf(agent);
  const id = roomOf(channel, agent);
  const room = {
    ...{ id, name: 'harbour', channelId: channel, agentId: agent, messageServerId: nil, serverId: nil },
    ...{ worldId: roomOf(nil, agent), type: 'GROUP', source: 'client', metadata: {} },
  };
  for (const path of [`/memory/${agent}/rooms`, `/agents/${agent}/rooms`, `/rooms/${agent}`]) {
    for (const who of [ada, member, hook]) {
      t.match(await ask(who, 'GET', path), { status: 200, body: { success: true, data: { rooms: [room] } } });
      t.match(await ask(who, 'GET', `${path}/${id}`), { status: 200, body: { data: room } }, path);
    }
    t.match((await ask(member, 'GET', `${path}/${channel}`)).body.data, room, 'by its channel');
    t.match(await ask(ada, 'GET', `${path}/${nothing}`), {
      status: 404,
      body: coded('NOT_FOUND', 'Room not found'),
    });
    t.match(await ask(ada, 'GET', `${path}/x`), { status: 400, body: coded('INVALID_ID') });
    t.equal((await ask(stranger, 'GET', path)).status, 404);
  }
  const unseen = roomOf(await conversationOf(agent, ada), agent);
  t.equal((await ask(member, 'GET', `/rooms/${agent}/${unseen}`)).status, 404, 'it does not take part');
  t.equal((await ask(member, 'GET', `/rooms/${agent}`)).body.data.rooms.length, 1);
  t.equal((await ask(ada, 'GET', `/rooms/${agent}`)).body.data.rooms.length, 2);
});

t.test('rooms are made, renamed, and left', async (t) => {
  const agent = await runningAgent();
  const world = await ask(ada, 'POST', `/agents/${agent}/worlds`, { name: 'Harbours' });
  const worldId = world.body.data.world.id;
  const asked = { name: 'Quay', type: 'GROUP', source: 'web', worldId, metadata: { topic: 'ships' } };
  const { status, body } = await ask(ada, 'POST', `/memory/${agent}/rooms`, asked);
  t.equal(status, 201);
  const { id, channelId, createdAt } = body.data;
  t.equal(id, roomOf(channelId, agent));
  t.strictSame(body.data, { ...asked, id, channelId, createdAt, agentId: agent, messageServerId: nil });
  t.match((await ask(hook, 'GET', `/rooms/${agent}/${id}`)).body.data, { ...asked, worldName: 'Harbours' });
  const path = `/agents/${agent}/rooms/${id}`;
  t.match(await ask(ada, 'PATCH', path, { name: 'Pier' }), {
    status: 200,
    body: { data: { id, name: 'Pier' } },
  });
  t.equal((await ask(ada, 'GET', path)).body.data.name, 'Pier');
  t.match(await ask(ada, 'PATCH', path, { name: '' }), { status: 400, body: coded('MISSING_PARAM') });
  for (const strange of [{}, { name: 7 }, { name: ' ' }]) {
    const answer = await ask(ada, 'POST', `/rooms/${agent}`, strange);
    t.match(answer, { status: 400, body: coded('MISSING_PARAM', 'Room name is required') });
  }
  t.match(await ask(ada, 'POST', `/rooms/${agent}`, { name: 'x', worldId: nothing }), {
    ...{ status: 404, body: coded('NOT_FOUND', 'World not found') },
  });
  t.match(await ask(ada, 'POST', `/rooms/${agent}`, { name: 'x', type: [] }), { status: 400 });
  t.equal((await ask(ada, 'POST', `/rooms/${agent}`, { name: 'x', messageServerId: nothing })).status, 404);
  t.equal((await ask(member, 'POST', `/rooms/${agent}`, { name: 'x' })).status, 403);
  t.equal((await ask(member, 'PATCH', path, { name: 'x' })).status, 404, 'it does not see it');
  t.equal((await ask(ada, 'GET', `/rooms/${agent}`)).body.data.rooms.length, 1, 'no other was made');
  t.equal((await ask(ada, 'DELETE', path)).status, 204);
  t.equal((await ask(ada, 'DELETE', path)).status, 404);
  t.same((await ask(ada, 'GET', `/rooms/${agent}`)).body.data.rooms, []);

  const shared = await conversationOf(agent);
  t.equal((await ask(member, 'DELETE', `/rooms/${agent}/${shared}`)).status, 403);
  t.equal((await ask(ada, 'DELETE', `/rooms/${agent}/${shared}`)).status, 204);
  t.equal((await ask(member, 'GET', `/conversations/${shared}`)).status, 200, 'others are still in it');
});

t.test('a group is one conversation of several agents', async (t) => {
  const [one, two] = [await runningAgent(), await runningAgent()];
  const server = { name: 'Crew', sourceType: 'test' };
  const group: string = (await ask(ada, 'POST', '/messaging/servers', server)).body.data.server.id;
  const path = `/memory/groups/${group}`;
  const worldId = randomUUID();
  const mixed = await ask(ada, 'POST', path, {
    agentIds: [one, nothing],
    name: 'Crew',
    worldId,
    source: 'web',
  });
  const room = (agent: string) => ({
    ...{ id: roomOf(group, agent), name: 'Crew', source: 'client', worldId, type: 'API', agentId: agent },
  });
  t.strictSame(
    [mixed.status, mixed.body],
    [
      207,
      {
        ...{ success: false, data: [room(one)] },
        errors: [{ agentId: nothing, code: 'NOT_FOUND', message: 'Agent not found' }],
      },
    ],
  );
  const whole = await ask(ada, 'POST', path, { agentIds: [one, two] });
  t.strictSame([whole.status, whole.body], [201, { success: true, data: [room(one), room(two)] }]);
  t.match((await ask(ada, 'GET', `/rooms/${two}`)).body.data.rooms, [{ channelId: group, serverId: group }]);
  await remember(ada, two, group, 2);
  t.equal((await ask(member, 'DELETE', `${path}/memories`)).status, 403);
  t.equal((await ask(ada, 'DELETE', `${path}/memories`)).status, 204);
  t.same(texts(await ask(ada, 'GET', `/memory/${two}/memories`)), []);
  for (const body of [
    {},
    { agentIds: [] },
    { agentIds: 'x' },
    { agentIds: [7] },
    { agentIds: [one], name: 7 },
  ]) {
    t.match(await ask(ada, 'POST', path, body), { status: 400, body: coded('BAD_REQUEST') });
  }
  t.match(await ask(ada, 'POST', path, { agentIds: [nothing] }), { status: 404, body: coded('NOT_FOUND') });
  t.match(await ask(ada, 'POST', '/memory/groups/x', { agentIds: [one] }), { body: coded('INVALID_ID') });
  t.equal((await ask(member, 'POST', path, { agentIds: [one] })).status, 403);
  t.equal(
    (await ask(ada, 'POST', `/memory/groups/${nothing}`, { agentIds: [two] })).status,
    404,
    'no server',
  );
  t.equal((await ask(ada, 'DELETE', `/memory/groups/${nothing}`)).status, 404);
  t.equal((await ask(ada, 'DELETE', `/memory/groups/${await conversationOf(one)}`)).status, 404, 'no group');
  t.equal((await ask(stranger, 'DELETE', path)).status, 404);
  t.equal((await ask(ada, 'DELETE', path)).status, 204);
  t.equal((await ask(ada, 'DELETE', path)).status, 404);
  t.same((await ask(ada, 'GET', `/rooms/${two}`)).body.data.rooms, []);
});

async function noteRun(who: Account, agent: string, fields: { status: string; room: string; n: number }) {
  const run = randomUUID();
  const startedUs = at(fields.n) * 1000;
  await sql`
    insert into agent_runs (
      tenant_id, run_id, agent_id, conversation_id, room_id, message_id, entity_id, status, outcome, started_us,
      ended_us, model_calls, metadata, events
    ) values (
      ${who.tenant}, ${run}, ${agent}, 'c', ${fields.room}, ${nothing}, ${who.id}, ${fields.status}, 'answered',
      ${startedUs}, ${startedUs + 1_500_000}, 1, ${sql.json({ agentName: 'Two' })},
      ${sql.json([{ type: 'RUN_STARTED', at: startedUs, data: { source: 'messages' } }])}
    )`;
  return run;
}

t.test('runs are listed and looked at', async (t) => {
  const agent = await runningAgent();
  const room = randomUUID();
  const runs: string[] = [];
  for (const [n, status] of ['completed', 'error', 'completed'].entries()) {
    runs.push(await noteRun(ada, agent, { status, n, room: n === 2 ? room : nothing }));
  }
  const summary = {
    ...{ runId: runs[2], status: 'completed', startedAt: at(2), endedAt: at(2) + 1_500, durationMs: 1_500 },
    ...{ messageId: nothing, roomId: room, entityId: ada.id, metadata: { agentName: 'Two' } },
    counts: { actions: 0, modelCalls: 1, errors: 0, evaluators: 0 },
  };
  for (const path of [`/agents/${agent}/runs`, `/runs/${agent}`]) {
    const list = async (query: string) => {
      const { data } = (await ask(ada, 'GET', `${path}?${query}`)).body;
      return [data.runs.map(({ runId }: { runId: string }) => runs.indexOf(runId)), data.total, data.hasMore];
    };
    t.strictSame((await ask(ada, 'GET', path)).body.data.runs[0], summary);
    t.same(await list(''), [[2, 1, 0], 3, false]);
    t.same(await list('limit=2'), [[2, 1], 3, true]);
    t.same(await list('limit=x&status=all'), [[2, 1, 0], 3, false]);
    t.same(await list('status=error'), [[1], 1, false]);
    t.same(await list(`roomId=${room}`), [[2], 1, false]);
    t.same(await list(`from=${at(1)}&to=${at(1)}`), [[1], 1, false]);
    t.match(await ask(ada, 'GET', `${path}?roomId=x`), { status: 400, body: coded('INVALID_ID') });
    const others = await ask(ada, 'GET', path, undefined, { 'x-entity-id': nothing });
    t.same(others.body.data.runs, []);
    t.strictSame((await ask(ada, 'GET', `${path}/${runs[2]}?roomId=${room}`)).body.data, {
      ...{ summary, events: [{ type: 'RUN_STARTED', timestamp: at(2), data: { source: 'messages' } }] },
    });
    t.match(await ask(ada, 'GET', `${path}/${nothing}`), {
      status: 404,
      body: coded('NOT_FOUND', 'Run not found'),
    });
    t.equal((await ask(ada, 'GET', `${path}/${runs[0]}?roomId=${room}`)).status, 404, 'not of this room');
  }
});

async function noteLog(who: Account, agent: string, fields: { level: string; type: string; atMs: number }) {
  const id = randomUUID();
  const body = { message: `at ${fields.level}`, agentName: 'Logger', modelType: 'TEXT_LARGE' };
  await sql`
    insert into agent_logs (tenant_id, id, agent_id, at_us, type, level, body, room_id, entity_id)
    values (
      ${who.tenant}, ${id}, ${agent}, ${fields.atMs * 1000}, ${fields.type}, ${fields.level}, ${sql.json(body)},
      ${nothing}, ${who.id}
    )`;
  return id;
}

t.test('log entries are read, of one agent and of the tenant, and deleted', async (t) => {
  const owner = await signUp(node, 'logs');
  const agent = await runningAgent(owner, 'Logger');
  const now = Date.now();
  const old = await noteLog(owner, agent, { level: 'warn', type: 'useModel', atMs: now - 7_200_000 });
  const late = await noteLog(owner, agent, { level: 'info', type: 'run_event', atMs: now - 2_000 });
  await noteLog(owner, agent, { level: 'error', type: 'run_event', atMs: now - 1_000 });
  await noteLog(stranger, agent, { level: 'error', type: 'canary', atMs: now - 1_000 });
  for (const path of [`/agents/${agent}/logs`, `/logs/${agent}`]) {
    const count = async (query: string) => (await ask(owner, 'GET', `${path}?${query}`)).body.data.length;
    const { data } = (await ask(owner, 'GET', path)).body;
    t.match(data[1], {
      id: late,
      entityId: owner.id,
      roomId: nothing,
      type: 'run_event',
      body: { agentName: 'Logger' },
    });
    t.same(
      [await count(''), await count('count=1'), await count('limit=2'), await count('offset=1')],
      [3, 1, 2, 2],
    );
    t.equal(await count('type=run_event'), 2);
    t.equal(await count('excludeTypes=run_event&excludeTypes=evaluator'), 1);
    t.equal(await count('excludeTypes=text_large'), 0, 'by its model');
    t.equal(await count(`roomId=${randomUUID()}`), 0);
    t.match(await ask(owner, 'GET', `${path}?roomId=x`), { status: 400, body: coded('INVALID_ID') });
  }
  for (const path of ['/server/logs', '/logs/system']) {
    for (const method of ['GET', 'POST']) {
      const { status, body } = await ask(
        owner,
        method,
        path,
        method === 'POST' ? [{ level: 'info' }] : undefined,
      );
      t.equal(status, 200, `${method} ${path}`);
      t.match(body, { count: 2, total: 2, requestedLevel: 'all', agentName: 'all', agentId: 'all' });
      t.strictSame(body.logs[0], {
        ...{ time: now - 2_000, level: 30, msg: 'at info', agentId: agent, agentName: 'Logger' },
      });
      t.equal(body.levels.length, 9);
    }
    const count = async (query: string) => (await ask(owner, 'GET', `${path}?${query}`)).body.count;
    t.same([await count('level=error'), await count('level=ERROR'), await count('level=fatal')], [1, 1, 0]);
    t.same(
      [await count('level=nonsense'), await count('limit=1'), await count(`since=${now - 1_500}`)],
      [1, 1, 1],
    );
    t.equal(await count(`since=${now - 9_000_000}`), 3);
    t.same([await count('agentName=Logger'), await count('agentName=Nobody')], [2, 0]);
    t.same([await count(`agentId=${agent}`), await count(`agentId=${nothing}`)], [2, 0]);
    t.match(await ask(member, 'GET', path), { status: 403, body: coded('FORBIDDEN') });
    t.match(await ask(member, 'DELETE', path), { status: 403, body: coded('FORBIDDEN') });
  }
  t.equal((await ask(owner, 'DELETE', `/agents/${agent}/logs/${old}`)).status, 204);
  t.equal(
    (await ask(owner, 'DELETE', `/agents/${agent}/logs/${old}`)).status,
    204,
    'also where there is none',
  );
  t.match(await ask(owner, 'DELETE', `/agents/${agent}/logs/x`), { status: 400, body: coded('INVALID_ID') });
  const cleared = await ask(owner, 'DELETE', '/server/logs');
  t.same(cleared.body, { status: 'success', message: 'Logs cleared successfully' });
  t.same((await ask(owner, 'GET', `/logs/${agent}`)).body.data, []);
  t.equal((await ask(stranger, 'GET', '/server/logs')).body.count, 1, 'those of others are there');
});

t.test('the official client reads and clears memories, rooms, runs and logs', async (t) => {
  const { agents, memory, runs, server, system } = clientOf(node.url, 'the key');
  const { id } = await agents.createAgent<{ id: string }>({ characterJson: { name: 'Recalled' } });
  await agents.startAgent(id);
  const room = await memory.createRoom<{ id: string; channelId: string }>(id, { name: 'Of the client' });
  t.match(await memory.listAgentRooms(id), { rooms: [{ id: room.id, name: 'Of the client' }] });
  t.match(await memory.getRoom(id, room.id), { id: room.id, agentId: id });
  t.match(await memory.getAgentMemories(id, { limit: 5 }), { memories: [] });
  t.match(await memory.getRoomMemories(id, room.channelId), { memories: [] });
  t.match(await memory.getAgentInternalMemories(id, room.id), { memories: [] });
  await t.rejects(memory.updateMemory(id, nothing, { content: {} }), { code: 'NOT_FOUND' });
  await t.rejects(memory.updateAgentInternalMemory(id, nothing, { content: {} }), { code: 'NOT_FOUND' });
  await t.rejects(memory.deleteMemory(id, nothing), { code: 'NOT_FOUND' });
  await t.rejects(memory.deleteAgentInternalMemory(id, nothing), { code: 'NOT_FOUND' });
  t.same(await memory.deleteAllAgentInternalMemories(id, room.id), { success: true });
  t.same(await memory.clearRoomMemories(id, room.id), { success: true });
  t.match(await memory.clearAgentMemories(id), { deleted: 0 });
  await t.rejects(memory.createWorldFromMessageServer(nil, { name: 'x' }), { code: 'BAD_REQUEST' });
  await t.rejects(memory.deleteWorld(nothing), { code: 'NOT_FOUND' });
  await t.rejects(memory.clearWorldMemories(nothing), { code: 'NOT_FOUND' });
  t.match(await runs.listRuns(id, { limit: 5 }), { runs: [], total: 0, hasMore: false });
  await t.rejects(runs.getRun(id, nothing), { code: 'NOT_FOUND', message: 'Run not found' });
  t.same(await agents.getAgentLogs(id, { limit: 5 }), []);
  t.same(await agents.deleteAgentLog(id, nothing), { success: true });
  t.match(await server.submitLogs([{ level: 'info', message: 'x' }]), { logs: Array });
  t.match(await server.clearLogs(), { status: 'success' });
  t.match(await server.getStatus(), { status: 'ok', agentCount: Number });
  t.match(await server.checkHealth(), { status: 'OK' });
  t.match(await server.ping(), { pong: true });
  t.match(await server.hello(), { message: String });
  t.match(await system.getGlobalLogs({ level: 'error' }), { logs: [] });
  t.match(await system.deleteGlobalLogs(), { status: 'success' });
  t.same(await system.getEnvironment(), {});
});
