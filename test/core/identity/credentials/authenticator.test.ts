import t from 'tap';
import { migrate } from '../../../../src/adapters/postgres/migrate.ts';
import type { Revocation } from '../../../../src/ports/identity/identity-authenticator.ts';
import type { Identity } from '../../../../src/ports/identity/identity-service.ts';
import {
  given,
  inviteIn,
  named,
  password,
  signup,
  silentLog,
  startIdentity,
  whoIs,
} from '../../../kit/identity.ts';
import { NodeLinks } from '../../../kit/links/node-links.ts';
import { startPostgresServer } from '../../../kit/servers/postgres.ts';

const noKeyFields = { principal: null, kind: null, scopes: null, service: null, expiresInSec: null };

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Waits until the role of a token is another one, for a second. */
async function untilRole(identity: Identity, bearer: string, role: string): Promise<void> {
  const start = performance.now();
  for (;;) {
    const answer = await identity.authenticator.authenticate({ bearer });
    if ('role' in answer && answer.role === role) return;
    if (performance.now() - start > 1000) throw new Error(`no ${role} after a second`);
    await turn();
  }
}

async function untilSeen(seen: readonly Revocation[], count: number): Promise<void> {
  const start = performance.now();
  while (seen.length < count && performance.now() - start < 1000) await turn();
}

/** Milliseconds until a node says no. */
async function untilRefused(identity: Identity, bearer: string): Promise<{ ms: number; refusal: string }> {
  const start = performance.now();
  for (;;) {
    const answer = await identity.authenticator.authenticate({ bearer });
    const ms = performance.now() - start;
    if (named(answer) !== 'ok') return { ms, refusal: named(answer) };
    if (ms > 5000) throw new Error('still accepted after 5 s');
    await turn();
  }
}

t.test('a token is looked up once, then known at once', async (t) => {
  const { identity } = await startIdentity(t);
  const { principal, tokens } = await signup(identity, 'ada@example.org', { displayName: 'Ada' });
  t.equal(identity.authenticator.authenticateCached(tokens.accessToken), null);
  const found = await whoIs(identity, tokens.accessToken);
  t.match(found, {
    tenant: principal.tenant,
    id: principal.id,
    kind: 'user',
    role: 'owner',
    superAdmin: false,
    v2Roles: ['pmc_admin'],
    displayName: 'Ada',
    service: null,
  });
  t.same(found.scopes, ['cap:messaging.interrupt', 'cap:messaging.route', 'cap:messaging.observe']);
  t.equal(identity.authenticator.authenticateCached(tokens.accessToken), found);
  const again = identity.authenticator.authenticate({ bearer: tokens.accessToken });
  t.equal(again, found, 'without a promise');
});

t.test('a thousand who come with one token at once are answered alike', async (t) => {
  const { identity } = await startIdentity(t);
  const { tokens } = await signup(identity, 'ada@example.org');
  const all = await Promise.all(Array.from({ length: 1000 }, () => whoIs(identity, tokens.accessToken)));
  t.equal(new Set(all).size, 1);
});

t.test('the first valid credential counts, and without one it is 401', async (t) => {
  const { identity } = await startIdentity(t);
  const ada = await signup(identity, 'ada@example.org');
  const ben = await signup(identity, 'ben@example.org');
  const by = await whoIs(identity, ada.tokens.accessToken);
  const made = given(
    await identity.administration.createApiKey(by, by.tenant, { name: 'k', ...noKeyFields }),
  );
  const { authenticator } = identity;
  const ask = async (credentials: Parameters<typeof authenticator.authenticate>[0]) => {
    const found = await authenticator.authenticate(credentials);
    return 'code' in found ? named(found) : found.id;
  };
  const good = ben.tokens.accessToken;
  t.equal(await ask({ bearer: good, apiKey: made.secret, cookie: 'bad' }), ben.principal.id);
  t.equal(await ask({ bearer: 'bad', apiKey: made.secret, cookie: good }), made.key.principal);
  t.equal(await ask({ bearer: 'bad', apiKey: 'pk_bad', cookie: good }), ben.principal.id);
  t.equal(await ask({ bearer: made.secret }), made.key.principal);
  t.equal(await ask({ bearer: 'bad', apiKey: null }), 'unauthenticated/invalid');
  t.equal(await ask({ bearer: 'pk_bad' }), 'unauthenticated/invalid');
  t.equal(await ask({ bearer: `pk_${'x'.repeat(10_000)}` }), 'unauthenticated/invalid');
  t.equal(await ask({}), 'unauthenticated/missing');
  t.equal(await ask({ bearer: '', apiKey: null }), 'unauthenticated/missing');
});

t.test('an access token expires, also when it is known', async (t) => {
  const { identity, clock } = await startIdentity(t);
  const { tokens } = await signup(identity, 'ada@example.org');
  await whoIs(identity, tokens.accessToken);
  clock.move(906);
  t.equal(identity.authenticator.authenticateCached(tokens.accessToken), null);
  const answer = await identity.authenticator.authenticate({ bearer: tokens.accessToken });
  t.equal(named(answer), 'unauthenticated/token_expired');
});

t.test('suspension, role and scopes are effective on the other node within a second', async (t) => {
  const links = new NodeLinks();
  const one = await startIdentity(t, { links, node: 'n1' });
  const two = await startIdentity(t, { links, node: 'n2', url: one.url });
  const owner = await signup(one.identity, 'ada@example.org');
  const by = await whoIs(one.identity, owner.tokens.accessToken);
  const ben = await inviteIn(one.identity, by, 'ben@example.org');
  const bearer = ben.tokens.accessToken;
  const change = (changes: object) =>
    one.identity.administration.changeUser(by, by.tenant, ben.principal.id, changes);
  for (const mode of ['told', 'with the cable cut']) {
    links.isCut = mode !== 'told';
    const seen: Revocation[] = [];
    const stop = two.identity.authenticator.onRevoked((revocation) => seen.push(revocation));
    const before = await whoIs(two.identity, bearer);
    t.equal(before.role, 'member');

    given(await change({ role: 'admin', scopes: ['cap:messaging.impersonate'], v2Roles: ['vendor'] }));
    await untilRole(two.identity, bearer, 'admin');
    const after = await whoIs(two.identity, bearer);
    t.equal(after.scopes.length, 4);
    t.same(after.v2Roles, ['vendor']);
    t.same(given(await two.identity.authenticator.renew(before)), after);

    given(await change({ status: 'suspended' }));
    const { ms, refusal } = await untilRefused(two.identity, bearer);
    t.ok(ms < 1000, `${mode}: ${ms} ms`);
    t.equal(refusal, 'suspended');
    t.equal(named(await two.identity.authenticator.renew(before)), 'suspended');
    t.equal(named(await two.identity.signIn.login('ben@example.org', password)), 'suspended');
    t.equal(
      named(await two.identity.signIn.login('ben@example.org', 'wrong password')),
      'unauthenticated/invalid_credentials',
    );
    t.equal(named(await two.identity.signIn.refresh(ben.tokens.refreshToken)), 'suspended');

    given(await change({ status: 'active', role: 'member', scopes: [] }));
    await untilRole(two.identity, bearer, 'member');
    await untilSeen(seen, 3);
    const named3 = { tenant: by.tenant, principalId: ben.principal.id };
    t.same(seen, [
      { ...named3, reason: 'changed' },
      { ...named3, reason: 'suspended' },
      { ...named3, reason: 'changed' },
    ]);
    stop();
  }
  given(await one.identity.signIn.refresh(ben.tokens.refreshToken));
});

t.test('a revoked session and a deleted key are refused by the other node within a second', async (t) => {
  const links = new NodeLinks();
  const one = await startIdentity(t, { links, node: 'n1' });
  const two = await startIdentity(t, { links, node: 'n2', url: one.url });
  const owner = await signup(one.identity, 'ada@example.org');
  const by = await whoIs(one.identity, owner.tokens.accessToken);
  const seen: Revocation[] = [];
  two.identity.authenticator.onRevoked((revocation) => seen.push(revocation));
  for (const isCut of [false, true]) {
    links.isCut = isCut;
    const { tokens } = given(await one.identity.signIn.login('ada@example.org', password));
    const session = await whoIs(two.identity, tokens.accessToken);
    const made = given(
      await one.identity.administration.createApiKey(by, by.tenant, { name: 'k', ...noKeyFields }),
    );
    await whoIs(two.identity, made.secret);
    await untilSeen(seen, 1);
    t.match(seen.splice(0), [{ reason: 'changed', keyId: made.key.id }], 'a new key is told of');
    t.equal(await one.identity.signIn.logout(session, null), null);
    t.equal(await one.identity.administration.deleteApiKey(by, by.tenant, made.key.id), null);
    const [loggedOut, deleted] = await Promise.all([
      untilRefused(two.identity, tokens.accessToken),
      untilRefused(two.identity, made.secret),
    ]);
    t.ok(loggedOut.ms < 1000 && deleted.ms < 1000);
    t.same([loggedOut.refusal, deleted.refusal], Array(2).fill('unauthenticated/token_revoked'));
    await untilSeen(seen, 2);
    t.same(seen.splice(0), [
      { tenant: by.tenant, reason: 'revoked', sid: session.sid },
      { tenant: by.tenant, reason: 'revoked', keyId: made.key.id },
    ]);
  }
  await whoIs(two.identity, owner.tokens.accessToken);
});

t.test('what an operator changes in the database is effective, too', async (t) => {
  const { identity, sql } = await startIdentity(t);
  const { principal, tokens } = await signup(identity, 'ada@example.org');
  await whoIs(identity, tokens.accessToken);
  await sql`update principals set status = 'suspended' where id = ${principal.id}`;
  const { ms, refusal } = await untilRefused(identity, tokens.accessToken);
  t.ok(ms < 1000, `${ms} ms`);
  t.equal(refusal, 'suspended');
});

t.test('with Postgres away known tokens go on, unknown ones are 503, and it catches up', async (t) => {
  const server = await startPostgresServer(t);
  await migrate(server.url, silentLog);
  const { identity, sql } = await startIdentity(t, { url: server.url });
  const known = await signup(identity, 'ada@example.org');
  const by = await whoIs(identity, known.tokens.accessToken);
  const unknown = given(await identity.signIn.login('ada@example.org', password));
  // The test servers write lazily: a commit that waits brings everything before it to the disk.
  await sql.begin(async (tx) => {
    await tx`set local synchronous_commit = on`;
    await tx`update tenants set name = name`;
  });
  await server.kill();
  const ask = async (bearer: string) => named(await identity.authenticator.authenticate({ bearer }));
  t.equal(await ask(known.tokens.accessToken), 'ok');
  t.equal(await ask(unknown.tokens.accessToken), 'unavailable');
  t.equal(await ask('pk_unknown'), 'unavailable');
  t.equal(await ask('rubbish'), 'unauthenticated/invalid');
  t.equal(named(await identity.signIn.login('ada@example.org', password)), 'unavailable');
  t.equal(named(await identity.signIn.logout(by, null)), 'unavailable');
  await server.restart();
  while ((await ask(unknown.tokens.accessToken)) !== 'ok') await turn();
  t.equal(await identity.signIn.logout(by, null), null);
  t.equal(await ask(known.tokens.accessToken), 'unauthenticated/token_revoked');
});

t.test('a known token costs less than five microseconds', async (t) => {
  const { identity } = await startIdentity(t);
  const tokens: string[] = [];
  for (let n = 0; n < 64; n += 1) {
    const { tokens: issued } = given(await identity.signIn.issueTokenFor(...(await owner(identity, n))));
    const { accessToken } = issued;
    await whoIs(identity, accessToken);
    tokens.push(accessToken);
  }
  // Copies, as each request brings its own: the hash of the text is not known yet.
  const rounds = 2000;
  const costs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const copies = tokens.map((token) => Buffer.from(token).toString('latin1'));
    const start = process.hrtime.bigint();
    for (const copy of copies) {
      if (identity.authenticator.authenticateCached(copy) === null) throw new Error('unknown');
    }
    costs.push(Number(process.hrtime.bigint() - start) / copies.length / 1000);
  }
  const median = costs.sort((a, b) => a - b)[rounds / 2] ?? Number.NaN;
  t.ok(median < 5, `${median.toFixed(2)} microseconds`);
});

const owners = new WeakMap<Identity, readonly [string, string]>();
async function owner(identity: Identity, n: number): Promise<readonly [string, string]> {
  const known = owners.get(identity);
  if (known !== undefined) return known;
  const { principal } = await signup(identity, `ada${n}@example.org`);
  owners.set(identity, [principal.tenant, principal.id]);
  return [principal.tenant, principal.id];
}
