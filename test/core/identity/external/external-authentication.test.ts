import t, { type Test } from 'tap';
import type { Principal } from '../../../../src/domain/principal.ts';
import type { Credentials } from '../../../../src/ports/identity/identity-authenticator.ts';
import type { Identity } from '../../../../src/ports/identity/identity-service.ts';
import { given, named, signup } from '../../../kit/identity.ts';
import { NodeLinks } from '../../../kit/links/node-links.ts';
import { startExternalNode, startExternalWorld } from '../../../kit/outside/external-identity.ts';
import { person } from '../../../kit/outside/identity-server.ts';

async function start(t: Test, options: Parameters<typeof startExternalNode>[2] = {}) {
  const world = await startExternalWorld(t);
  return { ...world, ...(await startExternalNode(t, world, options)) };
}

const who = async (identity: Identity, credentials: Credentials): Promise<Principal> =>
  given(await identity.authenticator.authenticate(credentials));

const refusal = async (identity: Identity, credentials: Credentials): Promise<string> =>
  named(await identity.authenticator.authenticate(credentials));

t.test('a person vouched for is a principal of its tenant, and the directory knows it', async (t) => {
  const { identity, issuer } = await start(t);
  const bearer = await issuer.token({ name: 'Ada', role: 'admin', org_name: 'Acme & Söhne' });
  const ada = await who(identity, { bearer });
  t.match(ada, {
    tenant: 'acme',
    id: 'ada',
    kind: 'user',
    role: 'admin',
    displayName: 'Ada',
    superAdmin: false,
    v2Roles: ['pm'],
  });
  t.same(ada.scopes, ['cap:messaging.interrupt', 'cap:messaging.route', 'cap:messaging.observe']);
  const known = given(await identity.directory.principalsOf('acme', ['ada', 'nobody']));
  t.match(known.get('ada'), { kind: 'user', displayName: 'Ada', status: 'active' });
  t.equal(known.has('nobody'), false);
  t.match(await identity.own.me(ada), { principal: { role: 'admin' }, tenant: { name: 'Acme & Söhne' } });
  const agents = given(await identity.administration.agents(ada, 'acme', { limit: 10, after: null }));
  t.match(agents.rows, [{ isDefaultAgent: true, runs: true }], 'a new tenant has its first agent');
});

t.test('a known external token costs no question and no promise', async (t) => {
  const { identity, issuer, service } = await start(t);
  service.tokens.set('opaque', person('u1'));
  for (const bearer of [await issuer.token(), 'opaque']) {
    const first = await who(identity, { bearer });
    const asked = [issuer.requests(), service.requests()];
    t.equal(identity.authenticator.authenticate({ bearer }), first);
    t.equal(identity.authenticator.authenticateCached(bearer), first);
    t.same([issuer.requests(), service.requests()], asked);
  }
});

t.test('tokens, keys and cookies of the identity service count, each in its place', async (t) => {
  const { identity, service } = await start(t);
  service.tokens.set('cookie', person('u1', { entitlements: ['cap:messaging.observe', 'other'] }));
  service.apiKeys.set('key', {
    valid: true,
    keyId: 'k1',
    name: 'CI',
    orgId: 'acme',
    scopes: [],
    creator: null,
  });
  const byCookie = await who(identity, { cookie: 'cookie' });
  t.match(byCookie, { id: 'u1', kind: 'user', role: 'member', scopes: ['cap:messaging.observe'] });
  t.match(await who(identity, { apiKey: 'key' }), {
    id: 'api:k1',
    kind: 'agent',
    tenant: 'acme',
    scopes: [],
  });
  t.match(await who(identity, { bearer: 'key' }), { id: 'api:k1' }, 'where one field is for both');
  t.equal(await refusal(identity, { apiKey: 'other' }), 'unauthenticated/invalid');
  t.equal(await refusal(identity, { bearer: 'other' }), 'unauthenticated/invalid');
  t.match(await who(identity, { bearer: 'other', apiKey: 'none', cookie: 'cookie' }), { id: 'u1' });
});

t.test('a key in the name of a person is an agent, and the person stays one', async (t) => {
  const { identity, service } = await start(t);
  const creator = { id: 'u1', email: 'u1@example.org', entitlements: ['cap:messaging.route'], roles: [] };
  service.apiKeys.set('key', { valid: true, keyId: 'k1', name: 'CI', orgId: 'acme', scopes: [], creator });
  service.tokens.set('token', person('u1'));
  const rowOf = async () => given(await identity.directory.principalsOf('acme', ['u1'])).get('u1');
  t.match(await who(identity, { apiKey: 'key' }), {
    id: 'u1',
    kind: 'agent',
    scopes: ['cap:messaging.route'],
  });
  t.match(await rowOf(), { kind: 'user', displayName: 'u1@example.org' });
  t.match(await who(identity, { bearer: 'token' }), { id: 'u1', kind: 'user', displayName: 'Name of u1' });
  t.match(await who(identity, { apiKey: 'key' }), { kind: 'agent' });
  t.match(await rowOf(), { kind: 'user' });
});

t.test('accounts of our own go on beside it, and nothing of ours is ever shown outside', async (t) => {
  const { identity, service } = await start(t);
  const { tokens, principal } = await signup(identity, 'ada@example.org');
  const ours = await who(identity, { bearer: tokens.accessToken });
  t.equal(ours.id, principal.id);
  const noFields = { principal: null, kind: null, scopes: null, service: null, expiresInSec: null };
  const made = given(
    await identity.administration.createApiKey(ours, ours.tenant, { name: 'k', ...noFields }),
  );
  t.match(await who(identity, { apiKey: made.secret }), { kind: 'service' });
  given((await identity.administration.deleteApiKey(ours, ours.tenant, made.key.id)) ?? true);
  const unknownKey = `pk_${'x'.repeat(43)}`;
  const edited = `${tokens.accessToken.slice(0, -4)}AAAA`;
  for (const secret of [made.secret, unknownKey, tokens.refreshToken, edited, 'inv_abc']) {
    for (const slot of ['bearer', 'apiKey', 'cookie'] as const) {
      t.match(await refusal(identity, { [slot]: secret }), /^unauthenticated/);
    }
  }
  t.same(service.shown, []);
  t.match(await identity.ensureAdministrator('root@example.org', 'a long password'), { superAdmin: true });
});

t.test('a tenant of our own cannot be taken by an external one of the same id', async (t) => {
  const { identity, issuer, service, logged } = await start(t);
  const { principal } = await signup(identity, 'ada@example.org');
  const bearer = await issuer.token({ org_id: principal.tenant, role: 'owner', sub: principal.id });
  t.equal(await refusal(identity, { bearer }), 'forbidden/tenant_taken');
  const upper = await issuer.token({ org_id: principal.tenant.toUpperCase() });
  t.equal(await refusal(identity, { bearer: upper }), 'forbidden/tenant_taken', 'UUIDs compare without case');
  service.tokens.set('token', person('u1', { organizations: [{ id: principal.tenant, role: 'admin' }] }));
  t.equal(await refusal(identity, { bearer: 'token' }), 'forbidden/tenant_taken');
  t.notMatch(logged(), bearer);
});

t.test('whoever has no organization, or one that cannot be named here, is refused', async (t) => {
  const { identity, issuer, service, logged } = await start(t);
  service.tokens.set('alone', person('u1', { organizations: [] }));
  t.equal(await refusal(identity, { bearer: 'alone' }), 'forbidden/no_tenant');
  for (const org of ['a.b', 'a*', '>', 'a b', 'ä', 'a\0b', 'x'.repeat(256)]) {
    const answer = await refusal(identity, { bearer: await issuer.token({ org_id: org }) });
    t.equal(answer, 'forbidden/unusable_id', JSON.stringify(org));
  }
  for (const sub of ['a\0b', 'a\nb', 'x'.repeat(256), '\ud800']) {
    const answer = await refusal(identity, { bearer: await issuer.token({ sub }) });
    t.equal(answer, 'forbidden/unusable_id', JSON.stringify(sub).slice(0, 20));
  }
  t.match(await who(identity, { bearer: await issuer.token({ sub: 'auth0|x:y.z', name: 'a\0b\u2028c' }) }), {
    id: 'auth0|x:y.z',
    displayName: 'abc',
  });
  t.match(logged(), /cannot be named here/);
});

t.test('PARLEY_IDENTITY_TENANT takes in those without an organization', async (t) => {
  const { identity, service } = await start(t, { defaultTenant: 'lobby' });
  service.tokens.set('alone', person('u1', { organizations: [], isSuperAdmin: true }));
  t.match(await who(identity, { bearer: 'alone' }), { tenant: 'lobby', superAdmin: true });
});

t.test('a change outside is effective after the cache time, a suspension here within a second', async (t) => {
  const { identity, service, clock } = await start(t);
  const admin = { organizations: [{ id: 'acme', role: 'admin' }] };
  service.tokens.set('ada', person('ada', admin));
  service.tokens.set('ben', person('ben'));
  const ada = await who(identity, { bearer: 'ada' });
  t.match(await who(identity, { bearer: 'ben' }), { role: 'member' });
  service.tokens.set('ben', person('ben', { ...admin, name: 'Benedict' }));
  t.match(await who(identity, { bearer: 'ben' }), { role: 'member' }, 'the answer counts for 30 s');
  clock.advance(60_001);
  t.match(await who(identity, { bearer: 'ben' }), { role: 'admin', displayName: 'Benedict' });
  const known = given(await identity.directory.principalsOf('acme', ['ben']));
  t.match(known.get('ben'), { displayName: 'Benedict' });
  given(await identity.administration.changeUser(ada, 'acme', 'ben', { status: 'suspended' }));
  t.equal(await refusal(identity, { bearer: 'ben' }), 'suspended');
  given(await identity.administration.changeUser(ada, 'acme', 'ben', { status: 'active' }));
  t.match(await who(identity, { bearer: 'ben' }), { id: 'ben' });
  service.tokens.delete('ben');
  clock.advance(30_001);
  t.equal(await refusal(identity, { bearer: 'ben' }), 'unauthenticated/invalid');
});

t.test('renew() tells a socket what became of it', async (t) => {
  const { identity, service, issuer, clock } = await start(t);
  service.tokens.set('ada', person('ada'));
  const ada = await who(identity, { bearer: 'ada' });
  t.ok((ada.recheckAt ?? 0) > clock.nowMicros());
  clock.advance(30_001);
  const renewed = given(await identity.authenticator.renew(ada));
  t.equal(renewed.sid, ada.sid);
  t.ok((renewed.recheckAt ?? 0) > (ada.recheckAt ?? 0));
  clock.advance(30_001);
  await service.be('silent');
  t.equal(named(await identity.authenticator.renew(ada)), 'unavailable');
  await service.be('well');
  service.tokens.delete('ada');
  t.equal(named(await identity.authenticator.renew(ada)), 'unauthenticated/invalid');
  const byToken = await who(identity, { bearer: await issuer.token() });
  clock.advance(700_000);
  t.equal(named(await identity.authenticator.renew(byToken)), 'unauthenticated/token_expired');
  t.equal(named(await identity.authenticator.renew({ ...ada, sid: 'ext:unknown' })), 'unavailable');
});

t.test('providers that are away are 503 for those who need them, and for nobody else', async (t) => {
  const { identity, service, issuer, clock } = await start(t);
  const { tokens } = await signup(identity, 'ada@example.org');
  service.tokens.set('known', person('ben'));
  const known = await issuer.token();
  await who(identity, { bearer: 'known' });
  await who(identity, { bearer: known });
  await service.be('gone');
  await issuer.be('gone');
  t.match(await who(identity, { bearer: tokens.accessToken }), { displayName: 'ada' });
  t.match(await who(identity, { bearer: 'known' }), { id: 'ben' });
  t.equal(await refusal(identity, { bearer: 'unknown' }), 'unavailable');
  t.equal(await refusal(identity, { apiKey: 'unknown' }), 'unavailable');
  t.equal(await refusal(identity, { cookie: 'unknown' }), 'unavailable');
  t.match(await who(identity, { bearer: 'unknown', cookie: tokens.accessToken }), { displayName: 'ada' });
  t.match(await who(identity, { bearer: await issuer.token({ sub: 'eve' }) }), { id: 'eve' }, 'keys count');
  clock.advance(30_001);
  t.equal(await refusal(identity, { bearer: 'known' }), 'unavailable');
  t.match(await who(identity, { bearer: known }), { id: 'ada' }, 'a signature needs nobody for a while');
});

t.test('two nodes agree, also when somebody is seen by both for the first time at once', async (t) => {
  const world = await startExternalWorld(t);
  const links = new NodeLinks();
  const one = await startExternalNode(t, world, { links, node: 'n1' });
  const two = await startExternalNode(t, world, { links, node: 'n2', url: one.url });
  const ids = Array.from({ length: 20 }, (_, i) => `p${i}`);
  const bearers = await Promise.all(ids.map((sub) => world.issuer.token({ sub, org_id: `org-${sub}` })));
  const seen = await Promise.all(
    bearers.flatMap((bearer) => [one, two].map(({ identity }) => who(identity, { bearer }))),
  );
  t.same(new Set(seen.map(({ tenant }) => tenant)).size, ids.length);
  const [{ count } = { count: 0 }] = await one.sql<{ count: number }[]>`
    select count(*) as count from principals where kind = 'agent' and tenant_id like 'org-p%'`;
  t.equal(Number(count), ids.length, 'one first agent each');
});

t.test('credentials that tell different things of one principal do not chase each other', async (t) => {
  const { identity, service, sql } = await start(t);
  service.tokens.set('a', person('ada', { name: 'A' }));
  service.tokens.set('b', person('ada', { name: 'B' }));
  for (let i = 0; i < 10; i += 1) {
    t.match(await who(identity, { bearer: 'a' }), { displayName: 'A' });
    t.match(await who(identity, { bearer: 'b' }), { displayName: 'B' });
  }
  const changes = await sql<{ id: number }[]>`select id from identity_changes where subject = 'ada'`;
  t.ok(changes.length <= 1, `${changes.length} changes told`);
});
