import { randomBytes } from 'node:crypto';
import t from 'tap';
import { elizaTenant } from '../../../src/compose/agents/eliza-side.ts';
import { guestTenant } from '../../../src/domain/limiting/guest-limits.ts';
import { makeAgent, signUp } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { NativeClient } from '../../kit/clients/native-client.ts';
import { openParleyThread } from '../../kit/processes/parley-thread.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { type Teardown, temporaryDir } from '../../kit/temporary.ts';
import { UsualTime } from '../../kit/usual-time.ts';

t.setTimeout(180_000);

type At = { readonly url: string };

/** One for the file: modules are loaded once. */
const parley = openParleyThread(t);

async function startServers(t: Teardown) {
  const masterKey = randomBytes(32).toString('base64');
  const [nats, database] = [await startNats(t), await startPostgres(t)];
  const servers = { nats, database, env: { PARLEY_MASTER_KEY: masterKey } };
  const dir = await temporaryDir('admin');
  t.teardown(dir.remove);
  const env = { DATABASE_URL: database.url, DATA_DIR: dir.path, PARLEY_MASTER_KEY: masterKey };
  const admin = (args: string, more: Record<string, string> = {}) =>
    parley(['admin', ...args.split(' ')], { ...env, ...more });
  return { servers, masterKey, admin, sql: openOwner(t, database.url) };
}

/** One deployment of two nodes for all tests but that of new master keys. */
const { servers, admin, sql } = await startServers(t);
const [here, there] = [await startNode(servers, t), await startNode(servers, t)];
const nodes = [here, there];

const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

const kids = async (node: At): Promise<string[]> =>
  (await call(node, 'GET', '/.well-known/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid);

const status = async (node: At, token: string) => (await call(node, 'GET', '/auth/me', { token })).status;

/** From the end of a command until the nodes do as it said. */
const time = new UsualTime();

t.test('after rotate-keys every node signs with the new key, and old tokens go on', async (t) => {
  const ann = await signUp(here);
  const login = async (node: At): Promise<string> =>
    (await call(node, 'POST', '/auth/login', { body: { email: ann.email, password: ann.password } })).body
      .access_token;
  const rotated = await admin('rotate-keys --json');
  const since = performance.now();
  t.equal(rotated.code, 0, rotated.stderr);
  const { kid, former_kid, revoked } = JSON.parse(rotated.stdout);
  t.equal(former_kid, kidOf(ann.token));
  t.equal(revoked, false);
  for (const node of nodes) {
    const took = await time.until(async () => (await kids(node)).includes(kid), since);
    time.took(t, 'a new key', took);
    t.same((await kids(node)).sort(), [kid, former_kid].sort(), 'the old key is shown as well');
    t.equal(kidOf(await login(node)), kid);
  }
  const fresh = await login(here);
  for (const node of nodes) t.same([await status(node, fresh), await status(node, ann.token)], [200, 200]);
  t.equal(kidOf(await login(there)), kid);
});

t.test('after rotate-keys --revoke-now nothing that was signed before counts', async (t) => {
  const ann = await signUp(here);
  const robot = await makeAgent(here, ann);
  const person = await NativeClient.connect(there, ann.token);
  const agent = await NativeClient.connect(there, robot.token);
  t.teardown(() => agent.socket.terminate());
  const login = await call(here, 'POST', '/auth/login', {
    body: { email: ann.email, password: ann.password },
  });
  const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  for (const node of nodes) t.equal(await status(node, ann.token), 200);
  const rotated = await admin('rotate-keys --revoke-now --json');
  const since = performance.now();
  t.equal(rotated.code, 0, rotated.stderr);
  const { kid, revoked } = JSON.parse(rotated.stdout);
  t.equal(revoked, true);
  t.equal((await person.closed).code, 4401);
  for (const node of nodes) {
    const took = await time.until(async () => (await status(node, ann.token)) === 401, since);
    time.took(t, 'no token of before', took);
    t.same(await kids(node), [kid]);
    t.equal(await status(node, robot.token), 200, 'a key was not signed');
    t.equal((await call(node, 'GET', '/auth/me', { headers: { cookie } })).status, 200, 'nor a cookie');
  }
  t.equal(agent.socket.readyState, 1);
  const refreshed = await call(there, 'POST', '/auth/refresh', { body: { refresh_token: ann.refreshToken } });
  t.equal(refreshed.status, 200, 'nor a refresh token');
  for (const node of nodes) t.equal(await status(node, refreshed.body.access_token), 200);
});

t.test('signing keys lie wrapped in the database; another master key, or none, starts no node', async (t) => {
  const { token } = await signUp(here);
  const rows = await sql<{ private_jwk: unknown }[]>`select private_jwk from signing_keys`;
  t.match(rows, [{ private_jwk: /^w1\.[\w-]+\.[\w-]+$/ }]);
  const other = { ...servers, env: { PARLEY_MASTER_KEY: randomBytes(32).toString('hex') } };
  const sentence = new RegExp(
    `signing key ${kidOf(token)} was wrapped by another master key: PARLEY_MASTER_KEY`,
  );
  await t.rejects(startNode(other), { message: sentence });
  await t.rejects(startNode({ ...servers, env: {} }), { message: sentence });
  const { code, stderr } = await admin('rewrap', other.env);
  t.equal(code, 1);
  t.match(stderr, sentence);
});

t.test('rewrap moves the keys to a new master key, and wraps what was not wrapped', async (t) => {
  const { servers, masterKey, admin, sql } = await startServers(t);
  const plain = await startNode({ ...servers, env: {} });
  const { token } = await signUp(plain);
  await plain.close();
  t.match(await sql`select private_jwk from signing_keys`, [{ private_jwk: { kty: 'OKP', d: String } }]);
  t.match(await admin('rewrap --json'), { code: 0, stdout: '{"signing_keys":1,"data_keys":0}\n' });
  t.match(await admin('rewrap'), { code: 0, stdout: 'nothing to do\n' });
  const sealing = await startNode(servers);
  const owner = { token, headers: { 'x-data-class': 'secret' } };
  const group = await call(sealing, 'POST', '/api/conversations', {
    token,
    body: { type: 'group', name: 'sealed' },
  });
  const path = `/api/conversations/${group.body.id}/messages`;
  t.equal((await call(sealing, 'POST', path, { ...owner, body: { content: 'a secret' } })).status, 201);
  await sealing.close();
  const next = randomBytes(32).toString('base64');
  const both = { PARLEY_MASTER_KEY: next, PARLEY_MASTER_KEY_PREVIOUS: masterKey };
  t.match(await admin('rewrap', both), {
    code: 0,
    stdout: 'wrapped anew: 1 signing keys, 1 data keys of tenants\n',
  });
  const node = await startNode({ ...servers, env: { PARLEY_MASTER_KEY: next } }, t);
  t.equal(await status(node, token), 200);
  t.equal((await call(node, 'GET', path, { token })).body[0].content, 'a secret');
  await t.rejects(startNode(servers), /another master key/);
  const none = await admin('rewrap', { PARLEY_MASTER_KEY: '' });
  t.equal(none.code, 2);
  t.match(none.stderr, /set PARLEY_MASTER_KEY/);
});

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

t.test('an operator administers a tenant that is not its own', async (t) => {
  const node = there;
  const ann = await signUp(node);
  const at = `--tenant ${ann.tenant}`;

  await t.test('people: in by an invite, of another role, signed out', async (t) => {
    const invited = JSON.parse(
      (await admin(`invites create ${at} --role admin --expires-in 1h --json`)).stdout,
    );
    const body = { email: 'bob@example.org', password: 'bob has a long password', display_name: 'bob' };
    const fields = { ...body, invite_token: invited.invite_token };
    const bob = (await call(node, 'POST', '/auth/signup', { body: fields })).body;
    t.match(lines((await admin(`users list ${at} --json`)).stdout), [
      { id: ann.id, role: 'owner' },
      { email: 'bob@example.org', role: 'admin', status: 'active' },
    ]);
    t.match((await admin(`users list ${at}`)).stdout, /^ID .*\n.* owner .*\n.*bob@example.org .*admin/);
    t.equal((await admin(`users role ${ann.email} member`)).code, 1, 'the last owner stays one');
    t.match(await admin('users role bob@example.org owner'), { code: 0, stdout: / is owner\n$/ });
    t.equal((await admin(`users role ${ann.email} member`)).code, 0);
    t.equal((await admin(`users role ${ann.email} king`)).code, 2);
    t.equal(await status(node, bob.access_token), 200);
    const out = JSON.parse((await admin('users sign-out bob@example.org --json')).stdout);
    t.match(out, { tenant_id: ann.tenant, sessions: 1 });
    const took = await time.until(async () => (await status(node, bob.access_token)) === 401);
    time.took(t, 'signed out', took);
    const again = await call(node, 'POST', '/auth/login', { body });
    t.equal(again.status, 200, 'who was signed out may log in again');
  });

  await t.test('invites: one by one listed and revoked', async (t) => {
    const make = async (email: string): Promise<string> =>
      (await admin(`invites create ${at} --email ${email}`)).stdout.trim();
    const [wrong, right] = [await make('WRONG@example.org'), await make('right@example.org')];
    const listed = lines((await admin(`invites list ${at} --json`)).stdout);
    t.match(listed, [
      { id: /^[0-9a-f]{16}$/, role: 'member', email: 'wrong@example.org', created_by: 'parley-admin' },
      { email: 'right@example.org', expires_at: String },
    ]);
    t.notMatch(JSON.stringify(listed), wrong);
    t.match(await admin(`invites revoke ${at} ${listed[0].id}`), { code: 0, stdout: /lets nobody in/ });
    const join = (email: string, invite_token: string) =>
      call(node, 'POST', '/auth/signup', {
        body: { email, invite_token, password: 'a password of some length', display_name: 'x' },
      });
    t.equal((await join('wrong@example.org', wrong)).status, 400, 'a revoked one lets nobody in');
    t.equal((await join('right@example.org', right)).status, 201, 'the other one does');
    t.equal((await admin(`invites list ${at}`)).stdout, '', 'a used one is listed no more');
    const again = await admin(`invites revoke ${at} ${listed[0].id} --json`);
    t.match(JSON.parse(again.stderr), { error: { code: 'not_found', exit_code: 1 } });
  });

  await t.test('sessions of a person: one ends, the others go on', async (t) => {
    const login = async () =>
      (await call(node, 'POST', '/auth/login', { body: { email: ann.email, password: ann.password } })).body;
    const lost = await login();
    const before = lines((await admin(`sessions list ${ann.email} --json`)).stdout);
    t.match(before, [{ id: String, created_at: String, expires_at: String, ends_at: String }, {}]);
    const { id } = before.at(-1);
    t.match(await admin(`sessions end ${ann.email.toUpperCase()} ${id}`), { code: 0, stdout: /has ended/ });
    const took = await time.until(async () => (await status(node, lost.access_token)) === 401);
    time.took(t, 'a session', took);
    t.equal(await status(node, ann.token), 200);
    t.equal(lines((await admin(`sessions list ${ann.email} --json`)).stdout).length, before.length - 1);
    t.match(await admin(`sessions end ${ann.email} ${id}`), { code: 1, stderr: /has no session/ });
    t.match(await admin(`sessions end ${ann.email} nonsense`), {
      code: 1,
      stderr: /has no session nonsense/,
    });
    const others = lines((await admin('sessions list bob@example.org --json')).stdout)[0].id;
    t.equal((await admin(`sessions end ${ann.email} ${others}`)).code, 1, 'that of somebody else stays');
    t.match(await admin('sessions list nobody@example.org'), { code: 1, stderr: /nobody logs in as/ });
  });

  await t.test('agents and keys: made, listed, ended', async (t) => {
    const agent = (await admin(`agents create ${at} --name night`)).stdout.trim();
    t.match(lines((await admin(`agents list ${at} --json`)).stdout), [{ is_default: true }, { id: agent }]);
    const key = (
      await admin(`keys create ${at} --name night --principal ${agent} --expires-in 1h`)
    ).stdout.trim();
    t.equal(await status(node, key), 200);
    const [listed] = lines((await admin(`keys list ${at} --json`)).stdout);
    t.match(listed, { principal_id: agent, kind: 'agent', name: 'night', expires_at: String });
    t.notMatch(JSON.stringify(listed), key);
    t.equal((await admin(`keys revoke ${at} ${listed.id}`)).code, 0);
    time.took(t, 'a key', await time.until(async () => (await status(node, key)) === 401));
    const gone = await admin(`keys revoke ${at} ${listed.id} --json`);
    t.match(JSON.parse(gone.stderr), { error: { code: 'not_found', exit_code: 1 } });
    t.equal((await admin(`agents delete ${at} ${agent}`)).code, 0);
    t.equal(lines((await admin(`agents list ${at} --json`)).stdout).length, 1);
    t.equal((await admin('keys create --tenant nobody --name x')).code, 1);
    t.equal((await admin(`keys create ${at} --name x --scopes all`)).code, 2);
    t.equal((await admin(`keys create ${at} --name x --expires-in soon`)).code, 2);
  });

  await t.test('limits: shown, set, taken back', async (t) => {
    const of = `tenants limits ${ann.tenant}`;
    const usual = JSON.parse((await admin(`${of} --json`)).stdout);
    t.same(usual.overridden, []);
    const set = JSON.parse((await admin(`${of} --conversations 7 --json`)).stdout);
    t.same(set, { ...usual, conversations: 7, overridden: ['conversations'] });
    t.same(JSON.parse((await admin(`${of} --conversations default --json`)).stdout), usual);
    t.equal((await admin('tenants limits nobody')).code, 1);
  });

  await t.test('the audit names the command, and nobody', async (t) => {
    const told = lines((await admin(`audit ${at} --limit 100 --json`)).stdout);
    for (const action of [
      'invite.created',
      'invite.revoked',
      'session.revoked',
      'user.changed',
      'sessions.revoked',
      'agent.created',
      'key.created',
      'key.deleted',
      'agent.deleted',
      'limits.changed',
    ]) {
      const entry = told.find((one) => one.action === action && one.actor === null);
      t.match(entry?.detail.by, /^parley admin \w+ [\w-]+$/, action);
    }
  });
});

t.test('an operator suspends, activates, lists, and finds all of it in the audit', async (t) => {
  const node = here;
  const ann = await signUp(node);
  t.equal(await status(node, ann.token), 200);
  const suspended = await admin(`users suspend ${ann.email.toUpperCase()} --json`);
  t.same(JSON.parse(suspended.stdout), { tenant_id: ann.tenant, id: ann.id, status: 'suspended' });
  time.took(t, 'suspended', await time.until(async () => (await status(node, ann.token)) === 403));
  t.match(await admin(`users activate ${ann.email}`), { code: 0, stdout: / is active\n$/ });
  time.took(t, 'active', await time.until(async () => (await status(node, ann.token)) === 200));
  t.match(await admin('users suspend nobody@example.org'), { code: 1, stderr: /nobody logs in as nobody@/ });
  t.equal((await admin('users suspend')).code, 2);
  const tenants = (await admin('tenants list --json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  // The nodes made the first two when they started; ann's is the newest.
  t.match(tenants, [{ id: elizaTenant }, { id: guestTenant, name: 'Guests' }]);
  t.match(tenants.at(-1), { id: ann.tenant, name: String, slug: String, created_at: String });
  const table = (await admin('tenants list')).stdout;
  t.match(table, new RegExp(`^ID .*\n${elizaTenant} .*\n${guestTenant} .*\n[^]*${ann.tenant} `));
  const audit = (await admin('audit --json --limit 2')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const detail = { by: 'parley admin users activate', status: 'active', former_status: 'suspended' };
  t.match(audit, [
    { action: 'user.activated', tenant: ann.tenant, subject: ann.id, actor: null, detail },
    { action: 'user.suspended', tenant: ann.tenant, subject: ann.id, actor: null },
  ]);
  t.match((await admin('audit --action user.signed_up')).stdout, new RegExp(`user.signed_up  ${ann.id}`));
  t.equal((await admin('audit --limit 0')).code, 2);
  for (const name of ['', 'users', 'sessions', 'invites', 'tenants', 'rotate-keys', 'rewrap', 'audit']) {
    const help = await admin(`${name} --help`.trim());
    t.match(help, { code: 0, stdout: /^Usage: parley admin/ }, name);
  }
});

t.test('nodes usually follow a command within a second', async (t) => time.prove(t));
