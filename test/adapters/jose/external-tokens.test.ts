import t, { type Test } from 'tap';
import { openExternalTokens } from '../../../src/adapters/jose/external-tokens.ts';
import { defaultClaims } from '../../../src/config/claim-mapping.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { ClaimMapping, Vouching } from '../../../src/ports/identity/external-identity.ts';
import { tamperedTokens } from '../../kit/hostile/tampered-tokens.ts';
import { named, silentLog } from '../../kit/identity.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';
import { openMoodyRequests } from '../../kit/outside/moody-requests.ts';
import { badMoods } from '../../kit/outside/moody-server.ts';
import { audienceName, issuerName, startTokenIssuer } from '../../kit/outside/token-issuer.ts';

async function start(t: Test, mapping: Partial<ClaimMapping> = {}) {
  const issuer = await startTokenIssuer(t);
  const clock = new MovedClock();
  const http = openMoodyRequests(t, issuer);
  const options = {
    url: issuer.url,
    issuer: issuerName,
    audience: audienceName,
    http,
    clock,
    log: silentLog,
  };
  const open = (more: Partial<ClaimMapping> = mapping) =>
    openExternalTokens({ ...options, mapping: { ...defaultClaims, ...more } });
  const openAny = () =>
    openExternalTokens({ ...options, issuer: null, audience: null, mapping: defaultClaims });
  return { issuer, clock, open, openAny, tokens: open() };
}

const word = (vouching: Vouching): string =>
  typeof vouching === 'string' ? vouching : 'id' in vouching ? `is ${vouching.id}` : named(vouching);

t.test('a token of the issuer says who it is, by the usual claims', async (t) => {
  const { issuer, tokens } = await start(t);
  const found = await tokens.verify(await issuer.token({ name: 'Ada', org_name: 'Acme', role: 'admin' }));
  t.match(found, {
    ...{ tenant: 'acme', tenantName: 'Acme', id: 'ada', kind: 'user', displayName: 'Ada', role: 'admin' },
    ...{ scopes: [], superAdmin: false, service: null, expiresAt: Number, recheckAt: Number },
  });
  t.equal(tokens.isFor(await issuer.token()), true);
  t.equal(tokens.isFor(await issuer.token({ iss: 'other' })), false);
  t.equal(tokens.isFor('opaque'), false);
});

t.test('claims are mapped, in any of their spellings', async (t) => {
  const { issuer, open } = await start(t);
  const verify = async (claims: object, mapping: Partial<ClaimMapping> = {}) =>
    open(mapping).verify(await issuer.token({ org_id: undefined, ...claims }));
  const scopes = ['cap:messaging.interrupt', 'cap:messaging.route'];
  t.match(await verify({ tenant_id: 'a', org_id: 'b' }), { tenant: 'a' });
  t.match(await verify({ orgId: 'c' }), { tenant: 'c' });
  t.match(await verify({}), { tenant: null });
  t.match(await verify({ org_id: 5 }), { tenant: null });
  t.match(await verify({ scope: `openid ${scopes.join(' ')} cap:fly` }), { scopes });
  t.match(await verify({ scope: 'openid', scopes: [...scopes, 7, 'cap:fly'] }), { scopes });
  t.match(await verify({ type: 'agent', role: 'admin' }), { kind: 'agent', role: 'member' });
  t.match(await verify({ kind: 'service' }), { kind: 'service' });
  t.match(await verify({ type: 'anything' }), { kind: 'user' });
  t.match(await verify({ role: 'owner' }), { role: 'owner' });
  t.match(await verify({ app: { org: 'deep' } }, { tenant: ['app.org'] }), { tenant: 'deep' });
  t.match(await verify({ 'https://a.b/org': 'url' }, { tenant: ['https://a.b/org'] }), { tenant: 'url' });
  t.match(await verify({ a: { roles: ['admin'] } }, { role: ['a.roles'] }), { role: 'admin' });
  t.match(await verify({ uid: 'u7' }, { id: ['uid'] }), { id: 'u7' });
  t.match(await verify({ app: 'billing', kind: 'service' }, { service: ['app'] }), { service: 'billing' });
  t.equal(await verify({}, { id: ['uid'] }), 'invalid', 'it names nobody');
  t.equal(await verify({}, { id: ['constructor.name'] }), 'invalid', 'nothing inherited counts');
});

t.test('nobody is a super admin but by a claim that the mapping names', async (t) => {
  const { issuer, open } = await start(t);
  const claims = { super_admin: true, superAdmin: true, isSuperAdmin: true, role: 'super_admin', root: true };
  const mapping = { super_admin: ['root'] };
  t.match(await open().verify(await issuer.token(claims)), { superAdmin: false, role: 'member' });
  t.match(await open(mapping).verify(await issuer.token(claims)), { superAdmin: true });
  t.match(await open(mapping).verify(await issuer.token({ root: 'true' })), { superAdmin: false });
  t.match(await open(mapping).verify(await issuer.token({ root: true, kind: 'agent' })), {
    superAdmin: false,
  });
});

t.test('asymmetric algorithms are accepted, each by a key of its own', async (t) => {
  const { issuer, tokens } = await start(t);
  const algorithms = ['EdDSA', 'ES384', 'RS256', 'PS256'];
  const keys = await Promise.all(algorithms.map((alg) => issuer.addKey(alg, `of ${alg}`)));
  for (const [i, alg] of algorithms.entries()) {
    const token = await issuer.token({}, { alg, kid: `of ${alg}` }, keys[i]);
    t.equal(word(await tokens.verify(token)), 'is ada', alg);
    const other = algorithms[(i + 1) % algorithms.length];
    const wrong = await issuer.token({}, { alg, kid: `of ${other}` }, keys[i]);
    t.equal(await tokens.verify(wrong), 'invalid', `${alg} with the kid of ${other}`);
  }
});

t.test('tokens of this issuer that are not for access do not count', async (t) => {
  const { issuer, tokens } = await start(t);
  for (const claims of [{ typ: 'Refresh' }, { typ: 'ID' }, { token_use: 'id' }, { typ: 7 }]) {
    t.equal(await tokens.verify(await issuer.token(claims)), 'invalid', JSON.stringify(claims));
  }
  for (const typ of ['refresh+jwt', 'logout+jwt', 'dpop+jwt']) {
    t.equal(await tokens.verify(await issuer.token({}, { typ })), 'invalid', typ);
  }
  for (const typ of ['JWT', 'at+jwt', 'application/at+jwt']) {
    t.equal(word(await tokens.verify(await issuer.token({}, { typ }))), 'is ada', typ);
  }
  t.equal(word(await tokens.verify(await issuer.token({ typ: 'Bearer', token_use: 'access' }))), 'is ada');
});

t.test('without an issuer or audience named, any of this key set count', async (t) => {
  const { issuer, openAny } = await start(t);
  const tokens = openAny();
  const token = await issuer.token({ iss: 'anybody', aud: undefined });
  t.equal(tokens.isFor(token), true);
  t.equal(word(await tokens.verify(token)), 'is ada');
});

t.test('a tampered token counts nowhere', async (t) => {
  const { issuer, tokens } = await start(t);
  const now = Math.floor(Date.now() / 1000);
  const table = await tamperedTokens({
    token: await issuer.token(),
    signed: async (header, claims) => issuer.signRaw(header, claims),
    publicJwk: issuer.published[0] ?? {},
    required: ['iss', 'aud', 'sub', 'exp'],
    signedWrongs: {
      'another audience': { aud: 'somebody' },
      'another issuer': { iss: `${issuerName}/` },
      expired: { exp: now - 6 },
      'not yet': { nbf: now + 60 },
      'of the future': { iat: now + 60 },
      'a text as nbf': { nbf: 'soon' },
    },
  });
  t.ok(Object.keys(table).length > 80, `${Object.keys(table).length} tricks`);
  for (const [trick, token] of Object.entries(table)) {
    t.match(await tokens.verify(token), trick === 'expired' ? 'expired' : 'invalid', trick);
  }
  t.equal(word(await tokens.verify(await issuer.token())), 'is ada', 'a good one still does');
});

t.test('keys are fetched once, and again for a strange kid, but once in a cooldown', async (t) => {
  const { issuer, tokens, clock } = await start(t);
  const good = await issuer.token();
  await Promise.all(Array.from({ length: 50 }, () => tokens.verify(good)));
  t.equal(issuer.requests(), 1);
  for (let i = 0; i < 20; i += 1) await tokens.verify(await issuer.token({}, { kid: `k${i}` }));
  t.equal(issuer.requests(), 1, 'just fetched');
  clock.advance(limits.keySetCooldownMs);
  for (let i = 0; i < 20; i += 1) {
    t.equal(await tokens.verify(await issuer.token({}, { kid: `k${i}` })), 'invalid');
  }
  t.equal(issuer.requests(), 2);
});

t.test(
  'a rotation at the issuer is followed: new keys after the cooldown, old ones until the set is fetched',
  async (t) => {
    const { issuer, tokens, clock } = await start(t);
    const old = await issuer.token();
    t.equal(word(await tokens.verify(old)), 'is ada');
    await issuer.rotate();
    t.equal(word(await tokens.verify(old)), 'is ada', 'the set counts still');
    clock.advance(limits.keySetCooldownMs);
    t.equal(word(await tokens.verify(await issuer.token())), 'is ada');
    t.equal(await tokens.verify(old), 'invalid');
  },
);

t.test('a token is to be checked again when the keys are too old', async (t) => {
  const { issuer, tokens, clock } = await start(t);
  const long = await issuer.token({ exp: Math.floor(Date.now() / 1000) + 86_400 });
  const found = await tokens.verify(long);
  if (typeof found === 'string' || !('id' in found)) throw new Error('refused');
  t.ok(Math.abs(found.recheckAt - clock.nowMicros() - limits.keySetAgeMsMax * 1000) < 60_000_000);
  await issuer.rotate();
  clock.advance(limits.keySetAgeMsMax);
  t.equal(await tokens.verify(long), 'invalid', 'its key was taken back');
});

for (const mood of badMoods) {
  t.test(
    `keys that cannot be fetched (${mood}) make it unavailable, never a refusal and never a yes`,
    async (t) => {
      const { issuer, tokens, clock } = await start(t);
      const token = await issuer.token({ exp: Math.floor(Date.now() / 1000) + 86_400 });
      await issuer.be(mood);
      t.match(await tokens.verify(token), { code: 'unavailable', retryAfterMs: Number });
      const asked = issuer.requests();
      for (let i = 0; i < 20; i += 1) t.equal(word(await tokens.verify(token)), 'unavailable');
      t.ok(issuer.requests() <= asked + 1, 'nor is the issuer asked each time');
      await issuer.be('well');
      clock.advance(limits.keySetRetryMs);
      t.equal(word(await tokens.verify(token)), 'is ada', 'it comes back');
      await issuer.be(mood);
      t.equal(word(await tokens.verify(token)), 'is ada', 'the keys count for a while');
      clock.advance(limits.keySetCooldownMs);
      t.equal(
        word(await tokens.verify(await issuer.token({}, { kid: 'new' }))),
        'unavailable',
        'perhaps a new key',
      );
      clock.advance(limits.keySetAgeMsMax);
      t.equal(word(await tokens.verify(token)), 'unavailable', 'until they are too old');
    },
  );
}
