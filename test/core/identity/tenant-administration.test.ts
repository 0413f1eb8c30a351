import t from 'tap';
import type { NewAgent, NewApiKey } from '../../../src/ports/identity/identity-service.ts';
import { given, inviteIn, named, signup, startIdentity, whoIs } from '../../kit/identity.ts';
import type { Teardown } from '../../kit/temporary.ts';

const all = { limit: 100, after: null };
const key: NewApiKey = {
  name: 'k',
  principal: null,
  kind: null,
  scopes: null,
  service: null,
  expiresInSec: null,
};
const agent: NewAgent = { displayName: 'Iris', id: null, jobTitle: null, bio: null, isDefaultAgent: false };

async function start(t: Teardown) {
  const started = await startIdentity(t);
  const { identity } = started;
  const person = await signup(identity, 'ada@example.org');
  const ada = await whoIs(identity, person.tokens.accessToken);
  return { ...started, administration: identity.administration, ada, tenant: ada.tenant };
}

t.test('only owners and admins administrate, and only their own tenant', async (t) => {
  const { identity, administration, ada, tenant } = await start(t);
  const ben = await whoIs(identity, (await inviteIn(identity, ada, 'ben@example.org')).tokens.accessToken);
  const service = await whoIs(identity, given(await administration.createApiKey(ada, tenant, key)).secret);
  const other = await whoIs(identity, (await signup(identity, 'eve@example.org')).tokens.accessToken);
  const invite = { email: null, role: 'member' as const, v2Role: null, expiresInSec: 60 };
  for (const [by, refusal] of [
    [ben, 'forbidden'],
    [service, 'forbidden'],
    [other, 'not_found'],
  ] as const) {
    const answers = await Promise.all([
      administration.invite(by, tenant, invite),
      administration.users(by, tenant, all),
      administration.changeUser(by, tenant, ben.id, { role: 'admin' }),
      administration.createAgent(by, tenant, agent),
      administration.deleteAgent(by, tenant, 'x'),
      administration.createApiKey(by, tenant, key),
      administration.apiKeys(by, tenant, all),
      administration.deleteApiKey(by, tenant, 'x'),
    ]);
    t.same(answers.map(named), Array(8).fill(refusal));
  }
  t.equal(named(await administration.agents(ben, tenant, all)), 'ok', 'everybody sees the agents');
  t.equal(named(await administration.agents(other, tenant, all)), 'not_found');
  t.equal(
    named(await administration.changeUser(other, other.tenant, ben.id, { role: 'admin' })),
    'not_found',
  );
  const root = { ...other, superAdmin: true };
  t.equal(named(await administration.users(root, tenant, all)), 'ok', 'a super admin acts everywhere');
  t.equal(named(await administration.users(root, "no'uuid", all)), 'not_found');
});

t.test('two owners who demote each other at once leave one', async (t) => {
  const { identity, administration, ada, tenant, sql } = await start(t);
  const person = await inviteIn(identity, ada, 'ben@example.org', 'admin');
  given(await administration.changeUser(ada, tenant, person.principal.id, { role: 'owner' }));
  const ben = await whoIs(identity, person.tokens.accessToken);
  t.equal(ben.role, 'owner');
  const both = await Promise.all([
    administration.changeUser(ada, tenant, ben.id, { role: 'member' }),
    administration.changeUser(ben, tenant, ada.id, { role: 'member' }),
  ]);
  t.same(both.map(named).sort(), ['conflict/last_owner', 'ok']);
  const [row] = await sql`select count(*) as owners from principals where role = 'owner'`;
  t.equal(row?.['owners'], 1);
});

t.test('a key works until it is deleted, and is shown once', async (t) => {
  const { identity, administration, ada, tenant } = await start(t);
  const made = given(
    await administration.createApiKey(ada, tenant, { ...key, name: 'ingest', service: 'billing' }),
  );
  t.match(made.secret, /^pk_[A-Za-z0-9_-]{43}$/);
  t.equal(made.key.prefix, made.secret.slice(0, 11));
  const by = await whoIs(identity, made.secret);
  t.match(by, {
    tenant,
    id: made.key.principal,
    kind: 'service',
    role: 'member',
    displayName: 'ingest',
    service: 'billing',
  });
  t.equal(by.sid, made.key.id);
  t.equal(by.scopes.length, 4);
  const listed = given(await administration.apiKeys(ada, tenant, all));
  t.match(listed.rows, [{ id: made.key.id, name: 'ingest', createdBy: ada.id }]);
  t.notOk(JSON.stringify(listed).includes(made.secret));
  t.equal(await administration.deleteApiKey(ada, tenant, made.key.id), null);
  t.equal(identity.authenticator.authenticateCached(made.secret), null, 'before the answer');
  t.equal(
    named(await identity.authenticator.authenticate({ bearer: made.secret })),
    'unauthenticated/token_revoked',
  );
  t.equal(named(await administration.deleteApiKey(ada, tenant, made.key.id)), 'not_found');
  t.same(given(await administration.apiKeys(ada, tenant, all)).rows, []);
});

t.test('keys are for agents and services, with the scopes of their kind', async (t) => {
  const { identity, administration, ada, tenant, clock } = await start(t);
  const iris = given(await administration.createAgent(ada, tenant, { ...agent, id: 'assistant:iris' }));
  const create = (more: Partial<NewApiKey>) => administration.createApiKey(ada, tenant, { ...key, ...more });
  const forAgent = given(await create({ principal: iris.id }));
  t.match(await whoIs(identity, forAgent.secret), {
    id: 'assistant:iris',
    kind: 'agent',
    v2Roles: ['pm'],
    displayName: 'Iris',
  });
  t.same(forAgent.key.scopes, []);
  const scoped = given(
    await create({ principal: iris.id, scopes: ['cap:messaging.observe', 'cap:messaging.observe'] }),
  );
  t.same(scoped.key.scopes, ['cap:messaging.observe']);
  t.match(given(await create({ kind: 'agent' })).key, { kind: 'agent', scopes: [] });
  t.equal(named(await create({ principal: ada.id })), 'invalid_request', 'not for people');
  t.equal(named(await create({ principal: 'nobody' })), 'invalid_request');
  t.equal(named(await create({ principal: iris.id, kind: 'service' })), 'invalid_request');
  const short = given(await create({ expiresInSec: 60 }));
  await whoIs(identity, short.secret);
  clock.move(61);
  t.equal(identity.authenticator.authenticateCached(short.secret), null);
  t.equal(
    named(await identity.authenticator.authenticate({ apiKey: short.secret })),
    'unauthenticated/token_expired',
  );
});

t.test('an agent takes its keys with it, and its id is free again', async (t) => {
  const { identity, administration, ada, tenant } = await start(t);
  const upper = '0189ABCD-0000-7000-8000-00000000000A';
  const iris = given(await administration.createAgent(ada, tenant, { ...agent, id: upper }));
  t.equal(iris.id, upper.toLowerCase());
  t.equal(named(await administration.createAgent(ada, tenant, { ...agent, id: upper })), 'conflict/id_taken');
  t.equal(
    named(await administration.createAgent(ada, tenant, { ...agent, id: ada.id })),
    'conflict/id_taken',
  );
  const { secret } = given(await administration.createApiKey(ada, tenant, { ...key, principal: upper }));
  await whoIs(identity, secret);
  t.equal(await administration.deleteAgent(ada, tenant, upper), null);
  t.equal(named(await identity.authenticator.authenticate({ bearer: secret })), 'unauthenticated/invalid');
  t.equal(named(await administration.deleteAgent(ada, tenant, upper)), 'not_found');
  t.equal(named(await administration.deleteAgent(ada, tenant, ada.id)), 'not_found', 'a person is no agent');
  given(await administration.createAgent(ada, tenant, { ...agent, id: upper }));
});

t.test('there is always one default agent: the newest that claims it', async (t) => {
  const { administration, ada, tenant } = await start(t);
  const defaults = async () => {
    const { rows } = given(await administration.agents(ada, tenant, all));
    return rows.filter((row) => row.isDefaultAgent).map((row) => row.displayName);
  };
  t.same(await defaults(), ['Assistant']);
  const names = ['A', 'B', 'C', 'D'];
  await Promise.all(
    names.map(async (displayName) =>
      given(
        await administration.createAgent(ada, tenant, {
          ...agent,
          id: displayName,
          displayName,
          isDefaultAgent: true,
        }),
      ),
    ),
  );
  const [now = ''] = await defaults();
  t.ok(names.includes(now));
  t.equal(await administration.deleteAgent(ada, tenant, now), null);
  t.equal((await defaults()).length, 1);
  const { rows } = given(await administration.agents(ada, tenant, all));
  const answers = [];
  for (const { id } of rows) answers.push(await administration.deleteAgent(ada, tenant, id));
  t.same(answers.map(named), ['ok', 'ok', 'ok', 'conflict/last_agent']);
  t.equal((await defaults()).length, 1);
});

t.test('lists are paged without loss, oldest first', async (t) => {
  const { identity, administration, ada, tenant } = await start(t);
  for (const n of [1, 2, 3, 4]) await inviteIn(identity, ada, `p${n}@example.org`);
  const seen: string[] = [];
  let after = null as { createdAt: number; id: string } | null;
  do {
    const page = given(await administration.users(ada, tenant, { limit: 2, after }));
    t.ok(page.rows.length <= 2);
    seen.push(...page.rows.map((row) => row.email ?? ''));
    after = page.next;
  } while (after !== null);
  t.same(
    seen,
    ['ada', 'p1', 'p2', 'p3', 'p4'].map((name) => `${name}@example.org`),
  );
});
