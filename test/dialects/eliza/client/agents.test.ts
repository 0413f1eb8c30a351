/** The official client, every method of its `agents`. */
import t from 'tap';
import { clientOf, eliza, openOfficialClient } from './official-client.ts';

t.setTimeout(120_000);

const { client, url, uncalled } = await openOfficialClient(t);
const { agents, messaging } = client;
/** `stringToUuid('Two')`. */
const two = '16e018ec-e5a1-03b7-9053-1de58d16b961';

type Listed = { readonly agents: readonly { readonly id: string; readonly status: string }[] };
type World = { readonly world: { readonly id: string } };

t.test('an agent is made, found, changed and deleted', async (t) => {
  const characterJson = { name: 'Two', bio: ['the first line', 'the second'], system: 'Answer shortly.' };
  t.match(await agents.createAgent({ characterJson }), { id: two, character: { name: 'Two' } });
  t.match(await agents.createAgent({ characterJson: { name: 'Two', bio: 'another' } }), { id: two });
  t.match(await agents.listAgents(), {
    agents: [
      { id: eliza, name: 'Eliza', status: 'active' },
      { id: two, name: 'Two', characterName: 'Two', bio: 'the first line', status: 'inactive' },
    ],
  });
  t.match(await agents.getAgent(two), {
    ...{ id: two, name: 'Two', status: 'inactive', system: 'Answer shortly.' },
    ...{ bio: ['the first line', 'the second'], createdAt: Number, updatedAt: Number },
  });
  t.match(await agents.updateAgent(two, { bio: 'a new life' }), { id: two, status: 'inactive' });
  t.match(await agents.getAgent(two), { name: 'Two', system: 'Answer shortly.', bio: /new life/ });
  t.same(await agents.deleteAgent(two), { success: true });
  await t.rejects(agents.getAgent(two), { code: 'NOT_FOUND', status: 404 });
  const { agents: left } = await agents.listAgents<Listed>();
  t.notOk(left.some(({ id }) => id === two));
});

t.test('an agent starts and stops', async (t) => {
  await agents.createAgent({ agent: { name: 'Two', bio: ['stops soon'] } });
  for (let time = 0; time < 2; time += 1) {
    t.match(await agents.startAgent(two), { id: two, name: 'Two', status: 'active' });
  }
  t.match(await agents.getAgent(two), { status: 'active' });
  t.same(await agents.getAgentPanels(two), { panels: [] });
  t.same(await agents.stopAgent(two), { message: 'Agent stopped' });
  await t.rejects(agents.getAgentPanels(two), { code: 'NOT_FOUND', status: 404 });
  t.match(await agents.getAgent(two), { status: 'inactive' });
});

t.test('an agent has worlds, with settings', async (t) => {
  const made = await fetch(`${url}/api/agents/${eliza}/worlds`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'a server key' },
    body: JSON.stringify({ name: 'harbour', metadata: { kept: 1 } }),
  });
  const { data } = (await made.json()) as { data: World };
  const { id } = data.world;
  t.match(await agents.addAgentToWorld(eliza, id), { world: { id, name: 'harbour' } });
  t.match(await agents.updateAgentWorldSettings(eliza, id, { language: 'en' }), {
    world: { id, metadata: { kept: 1 } },
  });
  const { worlds } = await agents.getWorlds<{ worlds: readonly World['world'][] }>();
  t.ok(worlds.some((world) => world.id === id));
});

t.test('logs of an agent are a list', async (t) => {
  t.ok(Array.isArray(await agents.getAgentLogs(eliza, { limit: 5 })));
  t.same(await agents.deleteAgentLog(eliza, '00000000-0000-4000-8000-000000000001'), { success: true });
});

t.test('an agent is of message servers', async (t) => {
  const { messageServerId } = await messaging.getCurrentMessageServer<{ messageServerId: string }>();
  await agents.createAgent({ characterJson: { name: 'Two', bio: 'again' } });
  t.match(await agents.addAgentToMessageServer(messageServerId, two), { messageServerId, agentId: two });
  const of = async (): Promise<readonly string[]> =>
    (await agents.getAgentsForMessageServer<{ agents: readonly string[] }>(messageServerId)).agents;
  t.ok((await of()).includes(two));
  t.match(await agents.getMessageServersForAgent(two), {
    agentId: two,
    messageServers: [messageServerId],
  });
  t.match(await agents.removeAgentFromMessageServer(messageServerId, two), { messageServerId, agentId: two });
  t.notOk((await of()).includes(two));
});

t.test('what is refused tells why', async (t) => {
  await t.rejects(agents.getAgent('no-uuid'), { code: 'INVALID_ID', status: 400 });
  const nobody = '00000000-0000-4000-8000-00000000dead';
  await t.rejects(agents.startAgent(nobody), { code: 'NOT_FOUND', status: 404 });
  await t.rejects(agents.createAgent({ characterJson: {} }), { code: 'CREATE_ERROR', status: 400 });
  await t.rejects(clientOf(url).agents.listAgents(), { name: 'ApiError', status: 401 });
});

t.test('every method was called', async (t) => {
  t.same(uncalled('agents'), []);
});
