import t from 'tap';
import { migrate } from '../../../../src/adapters/postgres/migrate.ts';
import { limits } from '../../../../src/domain/limits.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import type { Revocation } from '../../../../src/ports/identity/identity-authenticator.ts';
import type { Identity } from '../../../../src/ports/identity/identity-service.ts';
import {
  given,
  inviteIn,
  movableClock,
  named,
  password,
  signup,
  silentLog,
  startIdentity,
  whoIs,
} from '../../../kit/identity.ts';
import { NodeLinks } from '../../../kit/links/node-links.ts';
import { until } from '../../../kit/log-entries.ts';
import { startPostgresServer } from '../../../kit/servers/postgres.ts';

const noKeyFields = { principal: null, kind: null, scopes: null, service: null, expiresInSec: null };

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A node that looks for changes, twice a second by itself, when the test says so: nothing else takes time. */
function steppedLooks() {
  let due: (() => void)[] = [];
  const real = movableClock();
  const clock: Clock = {
    ...real,
    after(ms, run) {
      if (ms !== limits.identityPollMs) return real.after(ms, run);
      due.push(run);
      return () => {
        due = due.filter((one) => one !== run);
      };
    },
  };
  const look = (): void => {
    for (const run of due.splice(0)) run();
  };
  return { clock, look };
}

/** Waits until the role of a token is another one. */
async function untilRole(identity: Identity, bearer: string, role: string): Promise<void> {
  await until(async () => {
    const answer = await identity.authenticator.authenticate({ bearer });
    return 'role' in answer && answer.role === role;
  });
}

/** Waits until a node says no; answers how. */
async function untilRefused(identity: Identity, bearer: string): Promise<string> {
  let refusal = 'ok';
  await until(async () => {
    refusal = named(await identity.authenticator.authenticate({ bearer }));
    return refusal !== 'ok';
  });
  return refusal;
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
    sessionEndsAt: Number,
  });
  t.ok((found.sessionEndsAt ?? 0) > (found.expiresAt ?? 0), 'the session is longer than its token');
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

t.test(
  'suspension, role and scopes are effective on the other node when told, or with its next look',
  async (t) => {
    const links = new NodeLinks();
    const { clock, look } = steppedLooks();
    const one = await startIdentity(t, { links, node: 'n1' });
    const two = await startIdentity(t, { links, node: 'n2', url: one.url, deps: { clock } });
    const owner = await signup(one.identity, 'ada@example.org');
    const by = await whoIs(one.identity, owner.tokens.accessToken);
    const ben = await inviteIn(one.identity, by, 'ben@example.org');
    const bearer = ben.tokens.accessToken;
    const change = async (changes: object) => {
      const changed = await one.identity.administration.changeUser(by, by.tenant, ben.principal.id, changes);
      if (links.isCut) look();
      return changed;
    };
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
      t.equal(await untilRefused(two.identity, bearer), 'suspended', mode);
      t.equal(named(await two.identity.authenticator.renew(before)), 'suspended');
      t.equal(named(await two.identity.signIn.login('ben@example.org', password)), 'suspended');
      t.equal(
        named(await two.identity.signIn.login('ben@example.org', 'wrong password')),
        'unauthenticated/invalid_credentials',
      );
      t.equal(named(await two.identity.signIn.refresh(ben.tokens.refreshToken)), 'suspended');

      given(await change({ status: 'active', role: 'member', scopes: [] }));
      await untilRole(two.identity, bearer, 'member');
      await until(() => seen.length >= 3);
      const named3 = { tenant: by.tenant, principalId: ben.principal.id };
      t.same(seen, [
        { ...named3, reason: 'changed' },
        { ...named3, reason: 'suspended' },
        { ...named3, reason: 'changed' },
      ]);
      stop();
    }
    given(await one.identity.signIn.refresh(ben.tokens.refreshToken));
  },
);

t.test('a revoked session and a deleted key are refused by the other node as soon', async (t) => {
  const links = new NodeLinks();
  const { clock, look } = steppedLooks();
  const one = await startIdentity(t, { links, node: 'n1' });
  const two = await startIdentity(t, { links, node: 'n2', url: one.url, deps: { clock } });
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
    if (isCut) look();
    await until(() => seen.length >= 1);
    t.match(seen.splice(0), [{ reason: 'changed', keyId: made.key.id }], 'a new key is told of');
    t.equal(await one.identity.signIn.logout(session, null), null);
    t.equal(await one.identity.administration.deleteApiKey(by, by.tenant, made.key.id), null);
    if (isCut) look();
    const refusals = await Promise.all([
      untilRefused(two.identity, tokens.accessToken),
      untilRefused(two.identity, made.secret),
    ]);
    t.same(refusals, Array(2).fill('unauthenticated/token_revoked'));
    await until(() => seen.length >= 2);
    t.same(seen.splice(0), [
      { tenant: by.tenant, reason: 'revoked', sid: session.sid },
      { tenant: by.tenant, reason: 'revoked', keyId: made.key.id },
    ]);
  }
  await whoIs(two.identity, owner.tokens.accessToken);
});

t.test('what an operator changes in the database is effective, too', async (t) => {
  const { clock, look } = steppedLooks();
  const { identity, sql } = await startIdentity(t, { deps: { clock } });
  const { principal, tokens } = await signup(identity, 'ada@example.org');
  await whoIs(identity, tokens.accessToken);
  await sql`update principals set status = 'suspended' where id = ${principal.id}`;
  look();
  t.equal(await untilRefused(identity, tokens.accessToken), 'suspended');
  t.ok(limits.identityPollMs <= 500, 'it looks twice a second');
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
