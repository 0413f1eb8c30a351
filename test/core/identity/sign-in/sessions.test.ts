import t from 'tap';
import type { SessionTokens } from '../../../../src/ports/identity/identity-service.ts';
import { given, named, signup, startIdentity, whoIs } from '../../../kit/identity.ts';

t.test('a refresh token gives the next pair, and the new access token is good', async (t) => {
  const { identity } = await startIdentity(t);
  const { tokens, principal } = await signup(identity, 'ada@example.org');
  t.match(tokens.refreshToken, /^rt_[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}$/);
  t.equal(tokens.expiresInSec, 900);
  const next = given(await identity.signIn.refresh(tokens.refreshToken));
  t.not(next.refreshToken, tokens.refreshToken);
  const [before, after] = [
    await whoIs(identity, tokens.accessToken),
    await whoIs(identity, next.accessToken),
  ];
  t.equal(after.id, principal.id);
  t.equal(after.sid, before.sid, 'the same session');
});

t.test('a used refresh token ends the whole session', async (t) => {
  const { identity } = await startIdentity(t);
  const first = (await signup(identity, 'ada@example.org')).tokens;
  const second = given(await identity.signIn.refresh(first.refreshToken));
  await whoIs(identity, second.accessToken);
  t.equal(named(await identity.signIn.refresh(first.refreshToken)), 'unauthenticated/refresh_token_reused');
  t.equal(named(await identity.signIn.refresh(second.refreshToken)), 'unauthenticated/invalid_refresh_token');
  for (const { accessToken } of [first, second]) {
    const answer = await identity.authenticator.authenticate({ bearer: accessToken });
    t.equal(named(answer), 'unauthenticated/token_revoked');
  }
  t.equal(named(await identity.signIn.refresh(first.refreshToken)), 'unauthenticated/refresh_token_reused');
});

t.test('of two refreshes at once exactly one wins, and the session is over', async (t) => {
  const { identity } = await startIdentity(t);
  for (let round = 0; round < 10; round += 1) {
    const { tokens } = await signup(identity, `ada${round}@example.org`);
    const both = await Promise.all([1, 2].map(() => identity.signIn.refresh(tokens.refreshToken)));
    t.same(both.map(named).sort(), ['ok', 'unauthenticated/refresh_token_reused']);
    const winner = both.find((outcome) => named(outcome) === 'ok');
    const { refreshToken } = given(winner ?? null);
    t.equal(named(await identity.signIn.refresh(refreshToken)), 'unauthenticated/invalid_refresh_token');
  }
});

t.test('with a grace period a lost answer may be asked for again, but not later', async (t) => {
  const { identity, clock } = await startIdentity(t, { deps: { refreshReuseGraceMs: 600_000 } });
  const { tokens } = await signup(identity, 'ada@example.org');
  given(await identity.signIn.refresh(tokens.refreshToken));
  given(await identity.signIn.refresh(tokens.refreshToken));
  clock.move(601);
  t.equal(named(await identity.signIn.refresh(tokens.refreshToken)), 'unauthenticated/refresh_token_reused');
});

t.test('what is no refresh token of ours is invalid', async (t) => {
  const { identity } = await startIdentity(t);
  const { tokens } = await signup(identity, 'ada@example.org');
  const [family] = tokens.refreshToken.split('.');
  const bad = [
    '',
    'x',
    tokens.accessToken,
    `${family}.${'A'.repeat(43)}`,
    `${tokens.refreshToken} `,
    `${family}.`,
  ];
  for (const token of bad) {
    t.equal(named(await identity.signIn.refresh(token)), 'unauthenticated/invalid_refresh_token', token);
  }
  given(await identity.signIn.refresh(tokens.refreshToken));
});

t.test('a session slides for 30 days, and ends after 90 whatever happens', async (t) => {
  const { identity, clock } = await startIdentity(t);
  const idle = await signup(identity, 'idle@example.org');
  let busy: SessionTokens = (await signup(identity, 'busy@example.org')).tokens;
  const day = 86_400;
  for (const days of [29, 29, 29]) {
    clock.move(days * day);
    busy = given(await identity.signIn.refresh(busy.refreshToken));
  }
  t.equal(
    named(await identity.signIn.refresh(idle.tokens.refreshToken)),
    'unauthenticated/invalid_refresh_token',
  );
  clock.move(4 * day);
  t.equal(named(await identity.signIn.refresh(busy.refreshToken)), 'unauthenticated/invalid_refresh_token');
});

t.test('logout ends this session and no other', async (t) => {
  const { identity } = await startIdentity(t);
  const one = await signup(identity, 'ada@example.org');
  const two = given(await identity.signIn.login('ada@example.org', 'correct horse battery'));
  const by = await whoIs(identity, one.tokens.accessToken);
  t.equal(named(await identity.signIn.logout(by, two.tokens.refreshToken)), 'forbidden');
  t.equal(named(await identity.signIn.logout(by, 'rubbish')), 'forbidden');
  given(await identity.signIn.refresh(two.tokens.refreshToken));
  t.equal(identity.authenticator.authenticateCached(one.tokens.accessToken)?.id, by.id, 'nothing has ended');
  t.equal(await identity.signIn.logout(by, one.tokens.refreshToken), null);
  t.equal(identity.authenticator.authenticateCached(one.tokens.accessToken), null);
  const again = await identity.authenticator.authenticate({ bearer: one.tokens.accessToken });
  t.equal(named(again), 'unauthenticated/token_revoked');
  t.equal(
    named(await identity.signIn.refresh(one.tokens.refreshToken)),
    'unauthenticated/invalid_refresh_token',
  );
  await whoIs(identity, two.tokens.accessToken);
});

t.test('only digests of secrets are stored', async (t) => {
  const { identity, sql } = await startIdentity(t);
  const { tokens, principal } = await signup(identity, 'ada@example.org');
  const by = await whoIs(identity, tokens.accessToken);
  const none = { principal: null, kind: null, scopes: null, service: null, expiresInSec: null };
  const { secret } = given(
    await identity.administration.createApiKey(by, principal.tenant, { name: 'k', ...none }),
  );
  const invite = { email: null, role: 'member' as const, v2Role: null, expiresInSec: 60 };
  const { token } = given(await identity.administration.invite(by, principal.tenant, invite));
  const rows = await Promise.all([
    sql`select t::text from refresh_tokens t`,
    sql`select t::text from api_keys t`,
    sql`select t::text from invites t`,
    sql`select t::text from credentials t`,
  ]);
  const stored = JSON.stringify(rows);
  for (const plain of [tokens.refreshToken, secret, token, 'correct horse battery']) {
    t.notOk(stored.includes(plain.slice(-20)), 'not in the database');
  }
});
