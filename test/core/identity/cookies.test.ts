import t from 'tap';
import { given, named, signup, startIdentity } from '../../kit/identity.ts';

const day = 86_400;

t.test('a browser in use stays signed in for 90 days, an idle one for 30', async (t) => {
  const { identity, clock } = await startIdentity(t);
  const busy = await signup(identity, 'busy@example.org');
  const idle = await signup(identity, 'idle@example.org');
  const ask = async (cookie: string) => named(await identity.authenticator.authenticate({ cookie }));
  clock.move(3 * 3_600);
  t.equal(await ask(idle.tokens.cookie), 'ok', 'longer than an access token');
  for (const days of [29, 29, 29]) {
    clock.move(days * day);
    t.equal(await ask(busy.tokens.cookie), 'ok');
  }
  t.equal(await ask(idle.tokens.cookie), 'unauthenticated/token_revoked');
  clock.move(3 * day);
  t.equal(await ask(busy.tokens.cookie), 'unauthenticated/token_revoked');
});

t.test('a cookie in use moves the end of its session once an hour at most', async (t) => {
  const { identity, clock, sql } = await startIdentity(t);
  const { tokens } = await signup(identity, 'ada@example.org');
  const ends = async () =>
    (await sql<{ expires_us: number }[]>`select expires_us from sessions`)[0]?.expires_us;
  const use = async () => given(await identity.authenticator.authenticate({ cookie: tokens.cookie }));
  const first = await ends();
  clock.move(1_000);
  await use();
  t.equal(await ends(), first);
  clock.move(3_000);
  await use();
  t.ok(((await ends()) ?? 0) - (first ?? 0) >= 4_000_000_000);
});

t.test('a cookie is known once it was verified, until the session ends', async (t) => {
  const { identity, clock } = await startIdentity(t);
  const { tokens } = await signup(identity, 'ada@example.org');
  const { cookie } = tokens;
  const by = given(await identity.authenticator.authenticate({ cookie }));
  t.same(identity.authenticator.authenticate({ cookie }), by, 'at once');
  t.equal(by.sid, given(await identity.authenticator.authenticate({ bearer: tokens.accessToken })).sid);
  t.equal(named(await identity.authenticator.authenticate({ bearer: cookie })), 'unauthenticated/invalid');
  t.equal(identity.authenticator.authenticateCached(cookie), null);
  clock.move(901);
  t.ok(identity.authenticator.authenticate({ cookie }) instanceof Promise, 'it is looked up again');
  t.equal(await identity.signIn.logout(by, null), null);
  t.equal(named(await identity.authenticator.authenticate({ cookie })), 'unauthenticated/token_revoked');
});

t.test('each session has a cookie of its own, and only its digest is stored', async (t) => {
  const { identity, sql } = await startIdentity(t);
  const one = await signup(identity, 'ada@example.org');
  const two = given(await identity.signIn.login('ada@example.org', 'correct horse battery'));
  t.not(one.tokens.cookie, two.tokens.cookie);
  t.notOk('cookie' in given(await identity.signIn.refresh(two.tokens.refreshToken)));
  const stored = JSON.stringify(await sql`select s::text from sessions s`);
  for (const { tokens } of [one, two]) t.notOk(stored.includes(tokens.cookie.slice(-20)));
});

t.test('a session from before there were cookies has none that could be guessed', async (t) => {
  const { identity, sql } = await startIdentity(t);
  await signup(identity, 'ada@example.org');
  await sql`update sessions set cookie_sha256 = null`;
  for (const cookie of ['sc_', `sc_${'A'.repeat(43)}`]) {
    t.equal(named(await identity.authenticator.authenticate({ cookie })), 'unauthenticated/invalid');
  }
});
