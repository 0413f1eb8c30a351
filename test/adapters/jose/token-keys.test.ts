import { createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import { rotateKeys } from '../../../src/adapters/jose/rotate-keys.ts';
import { openTokenKeys } from '../../../src/adapters/jose/token-keys.ts';
import { openSigningKeyStore } from '../../../src/adapters/postgres/identity/signing-key-store.ts';
import type { TokenClaims } from '../../../src/ports/identity/token-signer.ts';
import { openTestPools } from '../../kit/identity.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';

const access = { audience: 'vero-api', type: 'access' };
const messaging = { audience: 'msgsrv', type: 'messaging' };

async function start(t: Test) {
  const { identity } = await openTestPools(t);
  const clock = MovedClock.still();
  const store = openSigningKeyStore(identity);
  const keys = await openTokenKeys({ store, clock, issuer: 'parley' });
  const nowSec = Math.floor(clock.nowMicros() / 1_000_000);
  const claims: TokenClaims = {
    tenant: '01890000-0000-7000-8000-000000000001',
    subject: 'ada',
    sid: '01890000-0000-7000-8000-000000000002',
    id: 'j1',
    issuedAtSec: nowSec,
    expiresAtSec: nowSec + 900,
  };
  return { clock, store, keys, claims, token: await keys.signer.sign(claims, access) };
}

const parts = (token: string) => token.split('.') as [string, string, string];
const decode = (part: string) =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

t.test('a token says what was signed', async (t) => {
  const { keys, claims, token } = await start(t);
  t.same(await keys.verifier.verify(token, access), claims);
  const [header, body] = parts(token);
  t.match(decode(header), { alg: 'EdDSA', kid: String });
  t.match(decode(body), {
    iss: 'parley',
    aud: 'vero-api',
    sub: 'ada',
    typ: 'access',
    jti: 'j1',
    sid: claims.sid,
  });
});

t.test('a token without signature, or signed by anybody else, is invalid', async (t) => {
  const { keys, token } = await start(t);
  const [header, body, signature] = parts(token);
  const { kid } = decode(header);
  const { keys: published } = await keys.jwks();
  const [jwk] = published as { x: string }[];
  const foreign = generateKeyPairSync('ed25519');
  const foreignJwk = foreign.publicKey.export({ format: 'jwk' });
  const forged = (fields: object) => {
    const head = encode(fields);
    return `${head}.${body}.${signBytes(null, Buffer.from(`${head}.${body}`), foreign.privateKey).toString('base64url')}`;
  };
  // Algorithm confusion: the public key used as an HMAC secret.
  const hmacHead = encode({ alg: 'HS256', kid });
  const secret = Buffer.from(jwk?.x ?? '', 'base64url');
  const hmac = createHmac('sha256', secret).update(`${hmacHead}.${body}`).digest('base64url');
  const bad: Record<string, string> = {
    'alg none': `${encode({ alg: 'none', kid })}.${body}.`,
    'alg None': `${encode({ alg: 'None', kid })}.${body}.${signature}`,
    'no signature': `${header}.${body}.`,
    hmac: `${hmacHead}.${body}.${hmac}`,
    'foreign key': forged({ alg: 'EdDSA', kid }),
    'foreign kid': forged({ alg: 'EdDSA', kid: 'mine' }),
    'no kid': forged({ alg: 'EdDSA' }),
    'own jwk': forged({ alg: 'EdDSA', jwk: foreignJwk }),
    'own jwk and kid': forged({
      alg: 'EdDSA',
      kid,
      jwk: foreignJwk,
      jku: 'http://127.0.0.1:1/',
      x5u: 'http://127.0.0.1:1/',
    }),
    critical: `${encode({ ...decode(header), crit: ['x'], x: 1 })}.${body}.${signature}`,
    'edited claims': `${header}.${encode({ ...decode(body), sub: 'mallory' })}.${signature}`,
    'other header': `${encode({ ...decode(header), typ: 'at+jwt' })}.${body}.${signature}`,
    'cut off': token.slice(0, -10),
    empty: '',
    dots: '..',
    text: 'hello',
    long: `${token}${'A'.repeat(5000)}`,
  };
  for (const [name, forgery] of Object.entries(bad)) {
    t.equal(await keys.verifier.verify(forgery, access), 'invalid', name);
  }
});

t.test('a token counts for its purpose only', async (t) => {
  const { keys, claims, token } = await start(t);
  t.equal(await keys.verifier.verify(token, messaging), 'invalid');
  const other = await keys.signer.sign(claims, messaging);
  t.equal(await keys.verifier.verify(other, access), 'invalid');
  const sameAudience = await keys.signer.sign(claims, { audience: 'vero-api', type: 'refresh' });
  t.equal(await keys.verifier.verify(sameAudience, access), 'invalid');
});

t.test('a token ends with its time, five seconds of skew aside, and does not begin before it', async (t) => {
  const { keys, claims, token, clock } = await start(t);
  const ahead = { ...claims, issuedAtSec: claims.issuedAtSec + 60, expiresAtSec: claims.expiresAtSec + 60 };
  t.equal(await keys.verifier.verify(await keys.signer.sign(ahead, access), access), 'invalid');
  clock.advance(902_000);
  t.same(await keys.verifier.verify(token, access), claims);
  clock.advance(5_000);
  t.equal(await keys.verifier.verify(token, access), 'expired');
});

t.test('another issuer of the same keys is none of ours', async (t) => {
  const { keys, claims, store, clock } = await start(t);
  const other = await openTokenKeys({ store, clock, issuer: 'somebody' });
  t.equal(await keys.verifier.verify(await other.signer.sign(claims, access), access), 'invalid');
});

t.test(
  'after a rotation old tokens verify until they expire, on every node, and new ones at once',
  async (t) => {
    const { keys, claims, token, store, clock } = await start(t);
    const otherNode = await openTokenKeys({ store, clock, issuer: 'parley' });
    clock.advance(2_000);
    const entry = { tenant: null, actor: null, action: 'x', subject: null, detail: {}, address: null };
    await rotateKeys({ store, clock, wrap: null }, false, () => entry);
    await keys.reload();
    const fresh = await keys.signer.sign(claims, access);
    t.not(decode(parts(fresh)[0])['kid'], decode(parts(token)[0])['kid']);
    await otherNode.reload();
    t.same(await otherNode.verifier.verify(fresh, access), claims);
    t.same(await otherNode.verifier.verify(token, access), claims);
    t.equal((await otherNode.jwks()).keys.length, 2);
    clock.advance(906_000);
    t.equal(await keys.verifier.verify(token, access), 'invalid');
    t.equal((await keys.jwks()).keys.length, 1);
  },
);

t.test('the published keys hold nothing private', async (t) => {
  const { keys } = await start(t);
  const { keys: published } = await keys.jwks();
  t.match(published, [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: String, x: String }]);
  t.notMatch(JSON.stringify(published), /"d"/);
});

t.test('nodes that start at once agree on one first key', async (t) => {
  const { identity } = await openTestPools(t);
  const clock = MovedClock.still();
  const open = () => openTokenKeys({ store: openSigningKeyStore(identity), clock, issuer: 'parley' });
  const nodes = await Promise.all([open(), open(), open()]);
  const sets = await Promise.all(nodes.map((node) => node.jwks()));
  t.equal(sets[0]?.keys.length, 1);
  t.same(sets[1], sets[0]);
  t.same(sets[2], sets[0]);
});
