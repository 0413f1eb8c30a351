/** Agents over HTTP, against a whole node (eliza.md §2). */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { makeService, signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call, type HttpAnswer } from '../../kit/clients/http-client.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { clientOf, type OfficialClient } from './client/official-client.ts';

t.setTimeout(120_000);
const servers = { nats: await startNats(t), database: await startPostgres(t) };
const node = await startNode({ ...servers, env: { ELIZA_SERVER_AUTH_TOKEN: 'the key' } }, t);
const ada = await signUp(node, 'ada');
const member = await signUpInto(node, ada, 'member');
const stranger = await signUp(node, 'stranger');
const hook = await makeService(node, ada);
const ofTwo = '16e018ec-e5a1-03b7-9053-1de58d16b961';

type Who = { readonly token: string };

function ask(who: Who, method: string, path: string, body?: unknown): Promise<HttpAnswer> {
  return call(node, method, `/api/agents${path}`, {
    token: who.token,
    ...(body === undefined ? {} : { body }),
  });
}

async function made(who: Who, name: string = randomUUID(), more = {}): Promise<string> {
  const { status, body } = await ask(who, 'POST', '', { characterJson: { name, ...more } });
  if (status !== 201) throw new Error(`not made: ${status} ${JSON.stringify(body)}`);
  return body.data.id;
}

const coded = (code: string, message: string | RegExp = /./) => ({
  success: false,
  error: { code, message },
});
const nothing = randomUUID();

t.test('a character makes an agent, whose id follows from its name, once', async (t) => {
  const character = { name: 'Two', bio: ['Knows every ship.', 'And its captain.'], topics: ['ships'] };
  const first = await ask(ada, 'POST', '', { characterJson: character });
  t.equal(first.status, 201);
  t.same(first.body, { success: true, data: { id: ofTwo, character: { ...character, id: ofTwo } } });
  const again = await ask(hook, 'POST', '', { agent: { name: 'Two', bio: ['other'] } });
  t.match(again, { status: 201, body: { data: { id: ofTwo, character: { bio: character.bio } } } });
  const bare = await ask(ada, 'POST', '', { name: 'Bare', settings: { API_KEY: 'canary', MAX: 1 } });
  t.match(bare.body.data.character, { name: 'Bare' });
  t.notMatch(JSON.stringify(bare.body), /canary/, 'secrets are not kept');
  const id = randomUUID();
  t.equal((await ask(ada, 'POST', '', { characterJson: { id, name: 'Chosen' } })).body.data.id, id);
});

t.test('what is no character makes none', async (t) => {
  const before = (await ask(ada, 'GET', '')).body.data.agents.length;
  const strange: unknown[] = [
    {},
    { characterJson: 'Two' },
    { characterJson: {} },
    { characterJson: { name: ' ' } },
  ];
  strange.push({ characterPath: '/etc/passwd' }, { characterPath: 'x', agent: { name: 'x' } }, { agent: [] });
  strange.push({ characterJson: { name: 'Three', topics: 'ships' } }, { name: 7 });
  for (const body of strange) {
    t.match(
      await ask(ada, 'POST', '', body),
      { status: 400, body: coded('CREATE_ERROR') },
      JSON.stringify(body),
    );
  }
  t.match(await ask(ada, 'POST', '', []), { status: 400 });
  const large = { characterJson: { name: 'Large', system: 'x'.repeat(200_000) } };
  t.match(await ask(ada, 'POST', '', large), { status: 413, body: coded('PAYLOAD_TOO_LARGE') });
  t.match(await ask(member, 'POST', '', { name: 'Mine' }), { status: 403, body: coded('FORBIDDEN') });
  t.equal((await ask(ada, 'GET', '')).body.data.agents.length, before);
});

t.test('an agent is read as a row with its character, by everybody of its tenant alone', async (t) => {
  const id = await made(ada, 'Read', { bio: 'One line', username: 'reader', own: { kept: true } });
  const { status, body } = await ask(member, 'GET', `/${id}`);
  t.equal(status, 200);
  const { createdAt, updatedAt, ...row } = body.data;
  t.ok(createdAt > 1_700_000_000_000 && updatedAt >= createdAt);
  t.strictSame(row, {
    ...{ id, enabled: true, server_id: null, name: 'Read', username: 'reader', system: null },
    ...{
      bio: ['One line'],
      messageExamples: [],
      postExamples: [],
      topics: [],
      adjectives: [],
      knowledge: [],
    },
    ...{ plugins: [], settings: {}, style: {}, own: { kept: true }, status: 'inactive' },
  });
  t.same((await ask(member, 'GET', `/${id.toUpperCase()}`)).body, body, 'in whatever case');
  for (const path of [`/${id}`, `/${id}/worlds`, `/${id}/panels`]) {
    t.match(await ask(stranger, 'GET', path), { status: 404, body: coded('NOT_FOUND', 'Agent not found') });
  }
  for (const [method, path, body] of [
    ['DELETE', `/${id}`],
    ['PATCH', `/${id}`, { name: 'x' }],
    ['POST', `/${id}/start`],
    ['POST', `/${id}/worlds`, { name: 'x' }],
  ] as const) {
    t.equal((await ask(stranger, method, path, body)).status, 404, `${method} ${path}`);
  }
  t.match(await ask(ada, 'GET', '/no-uuid'), {
    status: 400,
    body: coded('INVALID_ID', 'Invalid agent ID format'),
  });
});

t.test('agents that run come first, then by name; a default one of another API is among them', async (t) => {
  const owner = await signUp(node, 'lister');
  const [b, a, z] = [await made(owner, 'Bert'), await made(owner, 'Anna'), await made(owner, 'Zoe')];
  const started = await ask(owner, 'POST', `/${z}/start`);
  t.same(started.body, { success: true, data: { id: z, name: 'Zoe', status: 'active' } });
  t.same((await ask(owner, 'POST', `/${z}/start`)).body, started.body, 'again changes nothing');
  const { body } = await ask(owner, 'GET', '');
  const listed = body.data.agents as { id: string; name: string; status: string }[];
  t.same(
    listed.map(({ name, status }) => [name, status]),
    [
      ['Assistant', 'active'],
      ['Zoe', 'active'],
      ['Anna', 'inactive'],
      ['Bert', 'inactive'],
    ],
  );
  t.strictSame(listed[2], { id: a, name: 'Anna', characterName: 'Anna', bio: '', status: 'inactive' });
  const stopped = await ask(owner, 'POST', `/${z}/stop`);
  t.same(stopped.body, { success: true, data: { message: 'Agent stopped' } });
  for (const path of [`/${z}/stop`, `/${b}/stop`, `/${nothing}/stop`]) {
    t.match(await ask(owner, 'POST', path), { status: 404, body: coded('NOT_FOUND') });
  }
  t.match(await ask(owner, 'POST', `/${nothing}/start`), { status: 404, body: coded('NOT_FOUND') });
  t.same((await ask(owner, 'GET', `/${listed[0]?.id}/panels`)).body, { success: true, data: [] });
  t.equal((await ask(owner, 'GET', `/${z}/panels`)).status, 404, 'of one that runs');
});

t.test('a change is laid over the character; what is no character is refused', async (t) => {
  const id = await made(ada, 'Changed', { topics: ['ships'], settings: { A: 1, B: 2 } });
  const read = (await ask(ada, 'GET', `/${id}`)).body.data;
  const { status, body } = await ask(ada, 'PATCH', `/${id}`, {
    ...{ ...read, name: 'Renamed', topics: null, settings: { B: 3 }, status: 'active', enabled: false },
  });
  t.equal(status, 200);
  t.match(body.data, { id, name: 'Renamed', topics: [], settings: { A: 1, B: 3 }, status: 'inactive' });
  t.equal(body.data.createdAt, read.createdAt);
  for (const strange of [{ name: '' }, { topics: 'x' }, { settings: [] }]) {
    t.match(await ask(ada, 'PATCH', `/${id}`, strange), { status: 400, body: coded('UPDATE_ERROR') });
  }
  t.equal((await ask(ada, 'GET', `/${id}`)).body.data.name, 'Renamed');
  t.equal((await ask(member, 'PATCH', `/${id}`, { name: 'Mine' })).status, 403);
  t.match(await ask(ada, 'PATCH', `/${nothing}`, { name: 'x' }), { status: 404, body: coded('NOT_FOUND') });
});

t.test('a deleted agent is gone, and a tenant keeps one', async (t) => {
  const id = await made(ada);
  t.equal((await ask(member, 'DELETE', `/${id}`)).status, 403);
  const { status, body } = await ask(ada, 'DELETE', `/${id}`);
  t.same([status, body], [204, null]);
  t.equal((await ask(ada, 'GET', `/${id}`)).status, 404);
  t.match(await ask(ada, 'DELETE', `/${id}`), { status: 404, body: coded('NOT_FOUND') });
  const [only] = (await ask(stranger, 'GET', '')).body.data.agents;
  t.match(await ask(stranger, 'DELETE', `/${only.id}`), { status: 409, body: coded('DELETE_ERROR') });
});

t.test('worlds are made, listed, changed and shared', async (t) => {
  const owner = await signUp(node, 'worlds');
  const [one, two] = [await made(owner, 'One'), await made(owner, 'Other')];
  const guild = { name: 'Guild', sourceType: 'test' };
  const server: string = (
    await call(node, 'POST', '/api/messaging/servers', { token: owner.token, body: guild })
  ).body.data.server.id;
  const asked = { name: 'Harbours', messageServerId: server, metadata: { region: 'north', depth: 9 } };
  const { status, body } = await ask(owner, 'POST', `/${one}/worlds`, asked);
  t.equal(status, 201);
  const { world } = body.data;
  t.strictSame(world, { ...asked, id: world.id, agentId: one, createdAt: world.createdAt });
  const shared = await ask(owner, 'POST', `/${two}/worlds`, { worldId: world.id });
  t.match(shared, {
    status: 201,
    body: { data: { world: { id: world.id, agentId: two, name: 'Harbours' } } },
  });
  const all = (await ask(owner, 'GET', '/worlds')).body.data.worlds;
  t.same(
    all.map(({ agentId }: { agentId: string }) => agentId),
    [one, two],
  );
  const changed = await ask(owner, 'PATCH', `/${one}/worlds/${world.id}`, {
    ...{ name: 'Ports', metadata: { depth: 10 }, settings: { language: 'en' } },
  });
  const metadata = { region: 'north', depth: 10, settings: { language: 'en' } };
  t.same(changed.body.data, {
    ...{ world: { ...world, name: 'Ports', metadata }, worldId: world.id, settings: { language: 'en' } },
  });
  t.same((await ask(owner, 'GET', `/${one}/worlds`)).body.data.worlds, [changed.body.data.world]);
  t.equal((await ask(owner, 'GET', `/${two}/worlds`)).body.data.worlds[0].name, 'Harbours', 'each its own');
  t.same((await ask(stranger, 'GET', '/worlds')).body.data.worlds, []);
  await ask(owner, 'DELETE', `/${one}`);
  t.equal((await ask(owner, 'GET', '/worlds')).body.data.worlds.length, 1, 'they go with their agent');
});

t.test('what is no world is refused', async (t) => {
  const id = await made(ada);
  const path = `/${id}/worlds`;
  const strange = [{}, { name: '' }, { name: 7 }, { name: 'x', metadata: [] }, { name: 'x'.repeat(256) }];
  for (const body of strange) {
    t.match(await ask(ada, 'POST', path, body), { status: 400, body: coded('BAD_REQUEST') });
  }
  for (const body of [{ worldId: 'x' }, { name: 'x', messageServerId: 7 }]) {
    t.match(await ask(ada, 'POST', path, body), { status: 400, body: coded('INVALID_ID') });
  }
  t.equal((await ask(ada, 'POST', path, { name: 'x', messageServerId: nothing })).status, 404);
  t.match(await ask(ada, 'POST', path, { worldId: nothing }), {
    ...{ status: 404, body: coded('NOT_FOUND', 'World not found') },
  });
  const large = { name: 'x', metadata: { text: 'x'.repeat(20_000) } };
  t.equal((await ask(ada, 'POST', path, large)).status, 413);
  t.equal((await ask(member, 'POST', path, { name: 'x' })).status, 403);
  t.same((await ask(member, 'GET', path)).body.data.worlds, []);
  const { world } = (await ask(ada, 'POST', path, { name: 'x', metadata: { text: 'x'.repeat(9_000) } })).body
    .data;
  t.equal(
    (await ask(ada, 'PATCH', `${path}/${world.id}`, { metadata: { more: 'x'.repeat(9_000) } })).status,
    413,
  );
  t.equal((await ask(member, 'PATCH', `${path}/${world.id}`, { name: 'y' })).status, 403);
  t.match(await ask(ada, 'PATCH', `${path}/x`, { name: 'y' }), { status: 400, body: coded('INVALID_ID') });
  t.match(await ask(ada, 'PATCH', `${path}/${nothing}`, { name: 'y' }), { status: 404 });
});

t.test('the official client makes, changes, starts, stops and deletes an agent', async (t) => {
  const { agents }: OfficialClient = clientOf(node.url, 'the key');
  const { id } = await agents.createAgent<{ id: string }>({ characterJson: { name: 'Client' } });
  t.match(await agents.startAgent(id), { id, status: 'active' });
  t.match(await agents.updateAgent(id, { bio: 'Two lines' }), { id, bio: ['Two lines'], status: 'active' });
  t.match(await agents.getAgent(id), { id, name: 'Client' });
  t.same(await agents.getAgentPanels(id), { panels: [] });
  const noWorld = { code: 'NOT_FOUND', message: 'World not found' };
  await t.rejects(agents.addAgentToWorld(id, nothing), noWorld);
  const own = await call(node, 'POST', `/api/agents/${id}/worlds`, {
    ...{ headers: { 'x-api-key': 'the key' }, body: { name: 'Of the client' } },
  });
  const worldId = own.body.data.world.id;
  t.match(await agents.getWorlds(), { worlds: [{ id: worldId, name: 'Of the client' }] });
  t.match(await agents.updateAgentWorldSettings(id, worldId, { a: 1 }), { worldId, settings: { a: 1 } });
  t.match(await agents.addAgentToWorld(id, worldId), { world: { id: worldId } });
  t.same(await agents.stopAgent(id), { message: 'Agent stopped' });
  t.same(await agents.deleteAgent(id), { success: true });
  await t.rejects(agents.getAgent(id), { code: 'NOT_FOUND', message: 'Agent not found', status: 404 });
});
