import t, { type Test } from 'tap';
import { openIdentityProvider } from '../../../src/adapters/identity-provider/identity-provider.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Vouching } from '../../../src/ports/identity/external-identity.ts';
import { named, silentLog } from '../../kit/identity.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';
import { person, startIdentityServer } from '../../kit/outside/identity-server.ts';
import { openMoodyRequests } from '../../kit/outside/moody-requests.ts';
import { badMoods } from '../../kit/outside/moody-server.ts';

async function start(t: Test) {
  const server = await startIdentityServer(t);
  const clock = MovedClock.still();
  const http = openMoodyRequests(t, server);
  const provider = openIdentityProvider({ url: server.url, http, clock, log: silentLog, cacheSec: 30 });
  return { server, clock, provider };
}

const word = (vouching: Vouching): string =>
  typeof vouching === 'string' ? vouching : 'id' in vouching ? `is ${vouching.id}` : named(vouching);

t.test('people, agents and keys are mapped as Symbia tells them', async (t) => {
  const { server, provider } = await start(t);
  const capabilities = ['cap:messaging.interrupt', 'cap:messaging.fly', 7];
  const admin = [{ id: 'acme', name: 'Acme', role: 'admin' }, { id: 'other' }];
  server.tokens.set('ann', person('u1', { organizations: admin, entitlements: ['cap:messaging.route'] }));
  server.tokens.set('root', person('u2', { isSuperAdmin: true, organizations: [], name: undefined }));
  server.tokens.set(
    'viewer',
    person('u3', { organizations: [{ id: 'acme', role: 'viewer' }], exp: 4102444800 }),
  );
  server.tokens.set('robot', {
    ...{ active: true, type: 'agent', sub: 'x', agentId: 'assistant:r2', name: 'R2', orgId: 'acme' },
    ...{ capabilities, entitlements: ['cap:messaging.observe'], isSuperAdmin: true },
  });
  t.match(await provider.introspect('ann'), {
    ...{ tenant: 'acme', tenantName: 'Acme', id: 'u1', kind: 'user', displayName: 'Name of u1' },
    ...{ role: 'admin', scopes: ['cap:messaging.route'], superAdmin: false, expiresAt: null },
  });
  t.match(await provider.introspect('root'), {
    tenant: null,
    superAdmin: true,
    displayName: 'u2@example.org',
  });
  t.match(await provider.introspect('viewer'), { role: 'member', expiresAt: 4102444800 * 1_000_000 });
  t.match(await provider.introspect('robot'), {
    ...{ tenant: 'acme', id: 'assistant:r2', kind: 'agent', displayName: 'R2', role: 'member' },
    ...{ scopes: ['cap:messaging.interrupt'], superAdmin: false },
  });
});

t.test('a key is an agent with the id and the entitlements of its creator, if it has one', async (t) => {
  const { server, provider } = await start(t);
  const scopes = ['cap:messaging.observe'];
  const creator = { id: 'u1', email: 'u1@example.org', entitlements: ['cap:messaging.route'], roles: [] };
  const key = { valid: true, keyId: 'k1', name: 'CI', orgId: 'acme', scopes };
  server.apiKeys.set('alone', { ...key, creator: null });
  server.apiKeys.set('made', { ...key, creator: { ...creator, isSuperAdmin: true } });
  server.apiKeys.set('ruling', { ...key, creator: { ...creator, entitlements: ['messaging:admin'] } });
  server.apiKeys.set('nobody', { valid: true, orgId: 'acme' });
  const alone = {
    id: 'api:k1',
    kind: 'agent',
    tenant: 'acme',
    scopes,
    displayName: 'CI',
    isInNameOfPerson: false,
  };
  t.match(await provider.verifyApiKey('alone'), { ...alone, role: 'member' });
  t.match(await provider.verifyApiKey('made'), {
    ...{ id: 'u1', kind: 'agent', scopes: ['cap:messaging.route'], isInNameOfPerson: true },
    ...{ role: 'member', superAdmin: false },
  });
  t.match(await provider.verifyApiKey('ruling'), { role: 'admin', superAdmin: false });
  t.equal(await provider.verifyApiKey('nobody'), 'invalid');
  t.equal(await provider.verifyApiKey('ann'), 'invalid', 'a token is no key');
  t.equal(await provider.introspect('alone'), 'invalid', 'a key is no token');
});

t.test('answers count for the cache time, refusals for seconds, nothing beyond its expiry', async (t) => {
  const { server, provider, clock } = await start(t);
  server.tokens.set('ann', person('u1'));
  const exp = Math.floor(clock.nowMicros() / 1_000_000) + 10;
  server.tokens.set('short', person('u2', { exp }));
  const ask = async (token: string) => word(await provider.introspect(token));
  t.same(
    [await ask('ann'), await ask('ann'), await ask('bad'), await ask('bad')],
    ['is u1', 'is u1', 'invalid', 'invalid'],
  );
  t.equal(server.requests(), 2);
  const short = await provider.introspect('short');
  t.match(short, { expiresAt: exp * 1_000_000, recheckAt: exp * 1_000_000 });
  server.tokens.set('bad', person('u3'));
  server.tokens.delete('ann');
  clock.advance(limits.externalRefusalMs + 1);
  t.equal(await ask('bad'), 'is u3', 'a refusal is soon forgotten');
  t.equal(await ask('ann'), 'is u1');
  clock.advance(10_000);
  t.equal(await ask('short'), 'expired');
  clock.advance(20_000);
  t.equal(await ask('ann'), 'invalid', 'revoked outside');
});

t.test('those who ask at once ask once', async (t) => {
  const { server, provider } = await start(t);
  server.tokens.set('ann', person('u1'));
  const all = await Promise.all(Array.from({ length: 500 }, () => provider.introspect('ann')));
  t.ok(all.every((one) => word(one) === 'is u1'));
  t.equal(server.requests(), 1);
});

for (const mood of badMoods) {
  t.test(`a provider that is ${mood} is unavailable, never a refusal and never a yes`, async (t) => {
    const { server, provider, clock } = await start(t);
    server.tokens.set('ann', person('u1'));
    server.tokens.set('ben', person('u2'));
    t.equal(word(await provider.introspect('ann')), 'is u1');
    await server.be(mood);
    const refusal = await provider.introspect('ben');
    t.match(refusal, { code: 'unavailable', retryAfterMs: Number });
    t.equal(word(await provider.verifyApiKey('key')), 'unavailable');
    t.equal(word(await provider.introspect('ann')), 'is u1', 'what was told before counts');
    clock.advance(30_001);
    t.equal(word(await provider.introspect('ann')), 'unavailable', 'until its time is over');
    await server.be('well');
    t.equal(word(await provider.introspect('ben')), 'is u2', 'and it comes back');
  });
}

t.test('a provider that fails again and again is left alone, then tried by one', async (t) => {
  const { server, provider, clock } = await start(t);
  server.tokens.set('ann', person('u1'));
  await server.be('status 500');
  for (let i = 0; i < limits.breakerFailures; i += 1) await provider.introspect(`t${i}`);
  const before = server.requests();
  const refused = await Promise.all(Array.from({ length: 100 }, (_, i) => provider.introspect(`u${i}`)));
  t.ok(refused.every((one) => word(one) === 'unavailable'));
  t.equal(server.requests(), before, 'nobody asked');
  clock.advance(limits.breakerOpenMsMin);
  await Promise.all(Array.from({ length: 100 }, (_, i) => provider.introspect(`v${i}`)));
  t.equal(server.requests(), before + 1, 'one tried');
  await server.be('well');
  clock.advance(limits.breakerOpenMsMin);
  t.equal(word(await provider.introspect('ann')), 'unavailable', 'it waits twice as long now');
  clock.advance(limits.breakerOpenMsMin);
  t.equal(word(await provider.introspect('ann')), 'is u1');
  t.equal(word(await provider.introspect('nobody')), 'invalid', 'closed again');
});

t.test('a caller cannot make the provider look away', async (t) => {
  const { server, provider } = await start(t);
  server.tokens.set('ann', person('u1'));
  server.tokens.set('nameless', { active: true, type: 'user' });
  for (let i = 0; i < limits.breakerFailures * 2; i += 1) {
    t.equal(word(await provider.introspect(`garbage-${i}`)), 'invalid');
    t.equal(word(await provider.introspect('nameless')), 'invalid');
  }
  t.equal(word(await provider.introspect('line\r\nbreak')), 'invalid');
  t.equal(word(await provider.introspect('ünïcode')), 'invalid');
  t.equal(word(await provider.introspect('ann')), 'is u1');
});

t.test('a cookie that is no token belongs to whom /api/users/me says', async (t) => {
  const { server, provider } = await start(t);
  const organizations = [{ id: 'acme', name: 'Acme', role: 'admin' }];
  server.cookies.set('bare', { id: 'u1', name: 'Ann', organizations });
  server.cookies.set('wrapped', { user: { id: 'u2', isSuperAdmin: true }, organizations });
  server.cookies.set('nobody', { user: null });
  server.cookies.set('list', []);
  t.match(await provider.ownerOfCookie('bare'), { id: 'u1', kind: 'user', tenant: 'acme', role: 'admin' });
  t.match(await provider.ownerOfCookie('wrapped'), { id: 'u2', tenant: 'acme', superAdmin: true });
  t.equal(await provider.ownerOfCookie('nobody'), 'invalid');
  t.equal(word(await provider.ownerOfCookie('list')), 'unavailable', 'no answer of that shape');
  t.equal(await provider.ownerOfCookie('unknown'), 'invalid');
  const asked = server.requests();
  for (const value of ['a;b', 'a b', 'a"b', 'ü', '']) t.equal(await provider.ownerOfCookie(value), 'invalid');
  t.equal(server.requests(), asked, 'what no cookie can be is not shown to anybody');
});

t.test(
  'a service without /api/users/me knows nobody by a cookie, one that is away cannot tell',
  async (t) => {
    const { server, provider } = await start(t);
    for (const mood of ['status 404', 'redirect'] as const) {
      await server.be(mood);
      for (let n = 0; n <= limits.breakerFailures; n += 1)
        t.equal(await provider.ownerOfCookie(`${mood.replace(' ', '-')}-${n}`), 'invalid', mood);
    }
    await server.be('status 500');
    t.equal(word(await provider.ownerOfCookie('x')), 'unavailable');
  },
);
