import t from 'tap';
import { limits } from '../../../../src/domain/limits.ts';
import type { Principal } from '../../../../src/domain/principal.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { ManagedAgent } from '../../../../src/ports/agents/agents.ts';
import { given, inviteIn, named, signup, startIdentity, whoIs } from '../../../kit/identity.ts';
import { NodeLinks } from '../../../kit/links/node-links.ts';
import { until } from '../../../kit/log-entries.ts';

const links = new NodeLinks();
const { identity, sql, url } = await startIdentity(t, { links, node: 'n1' });
const { identity: elsewhere } = await startIdentity(t, { links, node: 'n2', url });
const ada = await whoIs(identity, (await signup(identity, 'ada@example.org')).tokens.accessToken);
const ben = await whoIs(identity, (await inviteIn(identity, ada, 'ben@example.org')).tokens.accessToken);
const eve = await whoIs(identity, (await signup(identity, 'eve@example.org')).tokens.accessToken);
const key = { name: 'server', principal: null, kind: null, scopes: null, service: null, expiresInSec: null };
const made = given(await identity.administration.createApiKey(ada, ada.tenant, key));
const server = await whoIs(identity, made.secret);
const { agents } = identity;

const character = {
  name: 'Two',
  bio: ['Second of its kind.', 'Likes evens.'],
  system: 'Be even.',
  settings: { temperature: 0.2, voice: { model: 'x' }, secrets: { A: 'hush' }, OPENAI_API_KEY: 'hush' },
  secrets: { B: 'hush' },
  plugins: ['@elizaos/plugin-sql'],
};
const create = (name: string, by: Principal = server, id: string | null = null) =>
  agents.create(by, { id, character: { ...character, name } });

t.test('an agent gets the id of its name, does not run yet, and is everybody\u2019s to read', async (t) => {
  const agent = given(await create('Two'));
  t.match(agent, {
    ...{ id: '16e018ec-e5a1-03b7-9053-1de58d16b961', name: 'Two', isRunning: false, isDefaultAgent: false },
    bio: 'Second of its kind.\nLikes evens.',
    character: { name: 'Two', system: 'Be even.', settings: { temperature: 0.2, voice: { model: 'x' } } },
  });
  t.same(given(await agents.find(ben, agent.id)), agent);
  t.same(given(await agents.find(ben, agent.id.toUpperCase())), agent);
  const again = given(await agents.create(ada, { id: agent.id, character: { name: 'Other' } }));
  t.same(again, agent, 'one that exists is answered as it is');
  t.equal(named(await agents.find(eve, agent.id)), 'not_found');
  const stored = await sql<{ character: string }[]>`select character::text from agent_characters`;
  t.notMatch(JSON.stringify([agent, stored]), 'hush', 'secrets are nowhere');
});

t.test('owners, admins and services change agents, and nobody else', async (t) => {
  const { id } = given(await create('Changed'));
  const robot = { ...ben, kind: 'agent' as const };
  for (const by of [ben, robot]) {
    const refusals = [
      await create('Refused', by),
      await agents.change(by, id, { system: 'x' }),
      await agents.setRunning(by, id, true),
      await agents.remove(by, id),
    ];
    t.same(refusals.map(named), Array(4).fill('forbidden'));
  }
  for (const by of [ada, server]) {
    t.equal(named(await agents.change(by, id, { system: `by ${by.id}` })), 'ok');
    t.equal(named(await agents.setRunning(by, id, true)), 'ok');
  }
  t.same([await agents.change(eve, id, { system: 'x' }), await agents.remove(eve, id)].map(named), [
    'not_found',
    'not_found',
  ]);
});

t.test('a change is shallow, and settings are changed one by one', async (t) => {
  const { id, updatedAt } = given(await create('Shallow'));
  const changes = {
    ...{ name: 'Deep', bio: 'New.', system: null, topics: ['evens'] },
    settings: { voice: null, model: 'small', MY_TOKEN: 'hush' },
  };
  const changed = given(await agents.change(server, id, changes));
  t.same(changed.character, {
    ...{ name: 'Deep', bio: 'New.', topics: ['evens'], plugins: character.plugins },
    settings: { temperature: 0.2, model: 'small' },
  });
  t.match(changed, { id, name: 'Deep', bio: 'New.' });
  t.ok(changed.updatedAt > updatedAt);
  const known = given(await identity.directory.principalsOf(ada.tenant, [id])).get(id);
  t.match(known, { displayName: 'Deep', bio: 'New.' });
  t.equal(named(await agents.change(server, 'nobody', { name: 'x' })), 'not_found');
  t.same(given(await agents.change(server, id, {})), changed, 'nothing is nothing');
});

t.test('an agent of another API has its name and bio as character, and can be changed', async (t) => {
  const [first] = given(await agents.list(ada)).filter(({ isDefaultAgent }) => isDefaultAgent);
  const found = given(await agents.find(ben, first?.id ?? ''));
  t.match(found, {
    isRunning: true,
    character: { name: 'Assistant', bio: ['Answers questions of this workspace.'] },
  });
  const changed = given(await agents.change(ada, found.id, { adjectives: ['calm'] }));
  t.match(changed.character, { name: 'Assistant', adjectives: ['calm'] });
  t.equal(changed.isDefaultAgent, true);
});

t.test('running ones are listed first, then by name', async (t) => {
  const one = await whoIs(identity, (await signup(identity, 'one@example.org')).tokens.accessToken);
  const ids: Record<string, ManagedAgent> = {};
  for (const name of ['B', 'C', 'A']) ids[name] = given(await create(name, one));
  given(await agents.setRunning(one, ids['C']?.id ?? '', true));
  t.same(
    given(await agents.list(one)).map(({ name, isRunning }) => [name, isRunning]),
    [
      ['Assistant', true],
      ['C', true],
      ['A', false],
      ['B', false],
    ],
  );
});

t.test('what is no character is refused with its fields', async (t) => {
  const refused = async (fields: object) => {
    const problem = await agents.create(server, { id: null, character: { name: 'Wrong', ...fields } });
    return problem instanceof Problem ? [problem.code, problem.fields?.map(({ path }) => path)] : 'ok';
  };
  t.same(await refused({ name: '  ' }), ['invalid_request', ['name']]);
  t.same(await refused({ name: 7 }), ['invalid_request', ['name']]);
  t.same(await refused({ name: 'x'.repeat(limits.displayNamePointsMax + 1) }), ['invalid_request', ['name']]);
  t.same(await refused({ bio: { a: 1 }, topics: 'one', style: [], settings: 'x' }), [
    'invalid_request',
    ['bio', 'topics', 'style', 'settings'],
  ]);
  t.same(await refused({ lore: 'x'.repeat(limits.characterBytesMax) }), ['too_large', ['character']]);
  let deep: object = {};
  for (let level = 0; level < limits.jsonDepthMax; level += 1) deep = { deep };
  t.same(await refused({ deep }), ['invalid_request', undefined]);
  const odd = { lore: 'half \ud800 and \u0000', bio: null };
  t.match(given(await agents.create(server, { id: 'odd', character: { name: 'Odd', ...odd } })), {
    id: 'odd',
    bio: null,
  });
  t.equal(named(await agents.create(server, { id: 'x'.repeat(300), character })), 'invalid_request');
});

t.test('an id of somebody who is no agent is taken', async (t) => {
  t.equal(named(await create('Ada', server, ada.id)), 'conflict/id_taken');
  const both = await Promise.all([create('Twin'), create('Twin')]);
  t.same(both.map(named), ['ok', 'ok']);
});

t.test('starting, stopping and changing reach the other node, and are heard there', async (t) => {
  const { id } = given(await create('Far'));
  const heard: string[] = [];
  const stop = elsewhere.agents.onChanged((tenant, agent) => heard.push(`${tenant} ${agent}`));
  const runsThere = async () => given(await elsewhere.directory.principalsOf(ada.tenant, [id])).get(id)?.runs;
  t.equal(await runsThere(), false);
  t.match(await elsewhere.agents.characterOf(ada.tenant, id), { system: 'Be even.' });
  t.match(await agents.setRunning(server, id, true), { isRunning: true });
  await until(async () => (await runsThere()) === true);
  t.ok(heard.includes(`${ada.tenant} ${id}`));
  given(await agents.change(server, id, { system: 'Be odd.' }));
  await until(async () =>
    JSON.stringify(await elsewhere.agents.characterOf(ada.tenant, id)).includes('Be odd.'),
  );
  stop();
  const { length } = heard;
  t.match(await agents.setRunning(server, id, false), { isRunning: false });
  await until(async () => (await runsThere()) === false);
  t.equal(heard.length, length);
  t.equal(await elsewhere.agents.characterOf(ada.tenant, 'nobody'), null);
});

t.test('a deleted agent leaves no character; the last of a tenant stays', async (t) => {
  const one = await whoIs(identity, (await signup(identity, 'last@example.org')).tokens.accessToken);
  const { id } = given(await create('Short', one));
  const removed: string[] = [];
  const stop = agents.onRemoved((_, agent) => removed.push(agent));
  t.equal(await agents.remove(one, id), null);
  const other = given(await create('Other', one));
  t.equal(await identity.administration.deleteAgent(one, one.tenant, other.id), null);
  stop();
  t.same(removed, [id, other.id], 'whichever API was used');
  t.equal(named(await agents.remove(one, id)), 'not_found');
  t.equal(await agents.characterOf(one.tenant, id), null);
  const [last] = given(await agents.list(one));
  t.equal(named(await agents.remove(one, last?.id ?? '')), 'conflict/last_agent');
});

t.test('the audit tells what was done, without what a character says', async (t) => {
  const { id } = given(await create('Audited'));
  given(await agents.change(server, id, { system: 'quiet words' }));
  given(await agents.setRunning(ada, id, true));
  given(await agents.setRunning(ada, id, true));
  given(await agents.setRunning(ada, id, false));
  given((await agents.remove(ada, id)) ?? {});
  const entries = await sql<{ action: string; detail: object; actor_id: string }[]>`
    select action, detail, actor_id from audit_entries where subject = ${id} order by id`;
  t.same(
    entries.map(({ action, actor_id: actor }) => [action, actor]),
    [
      ['agent.created', server.id],
      ['agent.changed', server.id],
      ['agent.started', ada.id],
      ['agent.stopped', ada.id],
      ['agent.deleted', ada.id],
    ],
  );
  t.match(entries[1]?.detail, { fields: 'system' });
  t.notMatch(JSON.stringify(entries), 'quiet words');
});
