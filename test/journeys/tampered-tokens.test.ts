/**
 * Tokens and keys that were tampered with, ours and those of an external issuer, at every door of a whole node:
 * 401 in the words of each dialect, and nothing of them in the logs.
 */
import { createPrivateKey, type JsonWebKey, sign as signBytes } from 'node:crypto';
import postgres from 'postgres';
import t, { type Test } from 'tap';
import { type WebSocket as Socket, WebSocket } from 'ws';
import { makeAgent, signUp } from '../kit/clients/accounts.ts';
import { call, type HttpCall } from '../kit/clients/http-client.ts';
import { connectAs } from '../kit/clients/nats-client.ts';
import { tamperedTokens, unprintableTokens } from '../kit/hostile/tampered-tokens.ts';
import { until } from '../kit/log-entries.ts';
import { capturingLogger } from '../kit/memory/capturing-logger.ts';
import { externalEnvironment, startExternalWorld } from '../kit/outside/external-identity.ts';
import { issuerName } from '../kit/outside/token-issuer.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(240_000);

const world = await startExternalWorld(t);
const logger = capturingLogger();
const database = await startPostgres(t);
const nats = await startNats(t);
const env = { ...externalEnvironment(world), NATS_CREDS: nats.credsFile };
const node = await startNode({ nats, database, env, logger }, t);
/** The same without anybody outside: what is not ours is nobody's. */
const alone = await startNode({ nats, database, logger }, t);
const owner = await signUp(node, 'owner');
const sql = postgres(database.url, { max: 1 });
t.teardown(() => sql.end());

/** A route of each dialect, and how its refusal looks. */
const doors: Readonly<Record<string, object>> = {
  '/api/conversations': { error: 'Authentication required', message: 'Authentication required' },
  '/auth/me': { error: { code: 'unauthorized', message: String }, request_id: String },
  '/api/admin/audit': { error: String, message: String },
};

/** Refused at every REST door of both nodes, in that dialect's words. */
async function refusedByRest(t: Test, trick: string, shown: HttpCall, codes = /./): Promise<void> {
  for (const at of [node, alone]) {
    for (const [path, body] of Object.entries(doors)) {
      const answer = await call(at, 'GET', path, shown);
      const isRight = answer.status === 401 && answer.headers.get('www-authenticate')?.startsWith('Bearer');
      if (!isRight) t.fail(`${trick} at ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      if (path !== '/auth/me') t.match(answer.body, body, `${trick} at ${path}`);
      else t.match(answer.body.error?.code, codes, `${trick} at ${path}`);
    }
  }
}

const socketUrl = `${node.url.replace(/^http/, 'ws')}/v1/socket`;

/** The status of a handshake with the token in its header. */
function handshake(token: string): Promise<number> {
  const socket = new WebSocket(socketUrl, 'parley.v1', { headers: { authorization: `Bearer ${token}` } });
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
    socket.on('error', () => undefined);
  });
}

/** How a socket ends whose first frame is a hello with this token, and whether it was ever let in. */
function hello(token: string): Promise<{ code: number; isIn: boolean }> {
  const socket: Socket = new WebSocket(socketUrl, 'parley.v1');
  let isIn = false;
  return new Promise((resolve) => {
    socket.on('open', () => socket.send(JSON.stringify({ op: 'hello', id: 'h', token })));
    socket.on('message', (bytes) => {
      const frame = JSON.parse(String(bytes)) as { ok?: boolean };
      isIn ||= frame.ok === true;
      // A frame that is refused before its token is looked at leaves the socket waiting for a better one.
      if (frame.ok === true || /invalid_request/.test(String(bytes))) socket.terminate();
    });
    socket.on('close', (code) => resolve({ code, isIn }));
  });
}

/** Whether nats-server lets in who shows this token. */
async function entersNats(t: Test, token: string): Promise<boolean> {
  const client = await connectAs(t, nats, { tenant: owner.tenant, id: owner.id, token }).catch(() => null);
  await client?.connection.close();
  return client !== null;
}

/** Our own key, as only the database has it. */
async function ownVictim() {
  const [row] = await sql<{ kid: string; private_jwk: JsonWebKey; public_jwk: Record<string, unknown> }[]>`
    select kid, private_jwk, public_jwk from signing_keys where retired_us is null`;
  if (row === undefined) throw new Error('no signing key');
  const key = createPrivateKey({ key: row.private_jwk, format: 'jwk' });
  const signed = (header: object, claims: object): string => {
    const start = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${start}.${signBytes(null, Buffer.from(start), key).toString('base64url')}`;
  };
  const now = Math.floor(Date.now() / 1000);
  const stranger = await signUp(node, 'stranger');
  return {
    token: owner.token,
    signed,
    publicJwk: row.public_jwk,
    required: ['iss', 'aud', 'sub', 'exp', 'iat', 'jti', 'sid', 'tenant_id', 'typ'],
    signedWrongs: {
      'for the messaging socket': { aud: 'msgsrv', typ: 'messaging' },
      'another audience': { aud: 'somebody' },
      'another issuer': { iss: 'somebody' },
      "the external issuer's name": { iss: issuerName },
      'a refresh token': { typ: 'refresh' },
      'a cookie': { typ: 'cookie' },
      expired: { exp: now - 6 },
      'of the future': { iat: now + 60 },
      'not yet': { nbf: now + 60 },
      'an unknown session': { sid: '01890000-0000-7000-8000-000000000000' },
      'a session that is SQL': { sid: "' or true; --" },
      "another person's id": { sub: stranger.id },
      "another tenant's id": { tenant_id: stranger.tenant },
      'a tenant that is SQL': { tenant_id: "' or true; --" },
      'a tenant with U+0000': { tenant_id: 'a\0b' },
      'a subject with U+0000': { sub: 'a\0b' },
    },
  };
}

async function externalVictim() {
  const { issuer } = world;
  const now = Math.floor(Date.now() / 1000);
  return {
    token: await issuer.token(),
    signed: (header: object, claims: object) => issuer.signRaw(header, claims),
    publicJwk: issuer.published[0] ?? {},
    required: ['iss', 'aud', 'sub', 'exp'],
    signedWrongs: {
      'another audience': { aud: 'vero-api' },
      'another issuer': { iss: `${issuerName}/` },
      'our name as issuer': { iss: 'parley', tenant_id: owner.tenant, sub: owner.id },
      'a refresh token': { typ: 'Refresh' },
      'an identity token': { token_use: 'id' },
      expired: { exp: now - 6 },
      'of the future': { iat: now + 60 },
      'not yet': { nbf: now + 60 },
    },
  };
}

for (const [whose, victimOf] of Object.entries({ ours: ownVictim, 'the external one': externalVictim })) {
  t.test(`a token like ${whose} that was tampered with is 401 at every door`, async (t) => {
    const victim = await victimOf();
    t.equal((await call(node, 'GET', '/auth/me', { token: victim.token })).status, 200, 'the good one');
    t.equal(await handshake(victim.token), 101);
    t.equal(await entersNats(t, victim.token), true);
    const resigned = await victim.signed(headerOf(victim.token), claimsOf(victim.token));
    t.equal(
      (await call(node, 'GET', '/auth/me', { token: resigned })).status,
      200,
      'the true key signs well',
    );
    const tricks = await tamperedTokens(victim);
    const sendable = Object.entries(tricks).filter(([, token]) => isHeader(token));
    t.ok(sendable.length > 100, `${sendable.length} tricks`);
    for (const [trick, token] of sendable) {
      await refusedByRest(t, trick, { token }, /^(unauthorized|token_expired|token_revoked)$/);
      t.equal(await handshake(token), 401, `${trick} in a handshake`);
      for (const name of ['x-api-key', 'cookie']) {
        const headers = { [name]: name === 'cookie' ? `token=${token}` : token };
        t.equal((await call(node, 'GET', '/auth/me', { headers })).status, 401, `${trick} as ${name}`);
      }
    }
    const spoken = { ...tricks, ...unprintableTokens(victim.token) };
    for (const [trick, token] of Object.entries(spoken)) {
      t.equal((await hello(token)).isIn, false, `${trick} in a hello`);
      t.equal(await entersNats(t, token), false, `${trick} on NATS`);
    }
    t.equal(
      (await call(node, 'GET', '/auth/me', { token: victim.token })).status,
      200,
      'the good one still is',
    );
    t.equal(await entersNats(t, victim.token), true, 'on NATS, too');
  });
}

t.test('a key that was tampered with is 401 at every door', async (t) => {
  const agent = await makeAgent(node, owner);
  const body = { name: 'short', principal_id: agent.id, expires_in_sec: 1 };
  const short = (await call(node, 'POST', '/auth/api-keys', { token: owner.token, body })).body;
  const revoked = (await call(node, 'POST', '/auth/api-keys', { token: owner.token, body: { name: 'r' } }))
    .body;
  const path = `/auth/api-keys/${revoked.id}`;
  t.equal((await call(node, 'DELETE', path, { token: owner.token })).status, 204);
  const me = (key: string) => call(node, 'GET', '/auth/agents', { headers: { 'x-api-key': key } });
  await until(async () => (await me(short.key)).status === 401);
  const key = agent.token;
  t.equal((await me(key)).status, 200, 'the good one');
  const last = key.endsWith('A') ? 'B' : 'A';
  const tricks: Record<string, string> = {
    truncated: key.slice(0, -1),
    'its first half': key.slice(0, 24),
    'its prefix': key.slice(0, 11),
    'the beginning of all keys': 'pk_',
    'upper case': key.toUpperCase(),
    'lower case': key.toLowerCase(),
    'another case of its beginning': `PK_${key.slice(3)}`,
    'without its beginning': key.slice(3),
    'another end': key.slice(0, -1) + last,
    'a letter more': `${key}A`,
    twice: key + key,
    'with padding': `${key}=`,
    oversized: key + 'A'.repeat(8000),
    'a like pattern': `${key.slice(0, 20)}%`,
    SQL: "pk_' or true; --",
    revoked: revoked.key,
    expired: short.key,
    'a refresh token': owner.refreshToken,
  };
  for (const [trick, secret] of Object.entries(tricks)) {
    await refusedByRest(t, trick, { headers: { 'x-api-key': secret } });
    await refusedByRest(t, `${trick} as a bearer`, { token: secret });
    t.equal(await handshake(secret), 401, `${trick} in a handshake`);
    t.equal((await hello(secret)).isIn, false, `${trick} in a hello`);
    t.equal(await entersNats(t, secret), false, `${trick} on NATS`);
  }
  t.equal(await entersNats(t, key), true, 'the good one on NATS');
  t.equal((await me(key)).status, 200, 'the good one still is');
});

t.test('nothing of a token or key was logged, and no secret of ours was shown outside', async (t) => {
  t.notMatch(logger.text(), /eyJ[A-Za-z0-9_-]{10}/, 'no token');
  t.notMatch(logger.text(), /pk_[A-Za-z0-9_-]{20}/, 'no key');
  t.notMatch(logger.text(), /rt_[0-9a-f-]{36}/, 'no refresh token');
  t.notMatch(logger.text(), /A credential could not be looked up/, 'nothing went wrong inside');
  const secrets = [owner.token, owner.refreshToken];
  t.same(
    world.service.shown.filter((shown) => secrets.includes(shown)),
    [],
  );
});

const decoded = (part: string | undefined): object =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as object;
const headerOf = (token: string): object => decoded(token.split('.')[0]);
const claimsOf = (token: string): object => decoded(token.split('.')[1]);

/** What fetch() would send as it is. */
function isHeader(text: string): boolean {
  return text !== '' && /^[\x21-\x7e]+$/.test(text) && text.length < 12_000;
}
