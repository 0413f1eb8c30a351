import t from 'tap';
import { given, named, password, signup, startIdentity, whoIs } from '../../kit/identity.ts';

t.test('people read and change what they are called', async (t) => {
  const { identity } = await startIdentity(t);
  const { tokens, tenant } = await signup(identity, 'ada@example.org');
  const by = await whoIs(identity, tokens.accessToken);
  const changes = {
    displayName: 'Ada L.',
    avatarUrl: 'https://example.org/a.png',
    timezone: 'Europe/London',
  };
  t.match(given(await identity.own.changeProfile(by, changes)), { ...changes, email: 'ada@example.org' });
  const me = given(await identity.own.me(by));
  t.match(me.principal, changes);
  t.same(me.tenant, tenant);
  t.match(given(await identity.own.changeProfile(by, { avatarUrl: null })), {
    displayName: 'Ada L.',
    avatarUrl: null,
  });
  t.equal((await whoIs(identity, tokens.accessToken)).displayName, 'Ada L.', 'at once');
});

t.test('a new password ends every session and begins one', async (t) => {
  const { identity } = await startIdentity(t);
  const one = (await signup(identity, 'ada@example.org')).tokens;
  const two = given(await identity.signIn.login('ada@example.org', password)).tokens;
  const by = await whoIs(identity, one.accessToken);
  const fresh = given(await identity.own.changePassword(by, password, 'another password'));
  t.equal((await whoIs(identity, fresh.accessToken)).id, by.id);
  given(await identity.signIn.refresh(fresh.refreshToken));
  for (const { accessToken, refreshToken } of [one, two]) {
    t.equal(
      named(await identity.authenticator.authenticate({ bearer: accessToken })),
      'unauthenticated/token_revoked',
    );
    t.equal(named(await identity.signIn.refresh(refreshToken)), 'unauthenticated/invalid_refresh_token');
  }
  t.equal(
    named(await identity.signIn.login('ada@example.org', password)),
    'unauthenticated/invalid_credentials',
  );
  given(await identity.signIn.login('ada@example.org', 'another password'));
});

t.test('a new password needs the current one, and must be a new one', async (t) => {
  const { identity } = await startIdentity(t);
  const { tokens } = await signup(identity, 'ada@example.org');
  const by = await whoIs(identity, tokens.accessToken);
  const change = async (current: string, next: string) =>
    named(await identity.own.changePassword(by, current, next));
  t.equal(await change('wrong password', 'another password'), 'forbidden/invalid_current_password');
  t.equal(await change(password, password), 'invalid_request');
  t.equal(await change(password, 'ADA@example.org'), 'invalid_request');
  t.equal(identity.authenticator.authenticateCached(tokens.accessToken)?.id, by.id, 'nothing has ended');
  const both = await Promise.all([change(password, 'new password 1'), change(password, 'new password 2')]);
  t.same(both.sort(), ['forbidden/invalid_current_password', 'ok']);
});

t.test('an API key has neither password nor session', async (t) => {
  const { identity } = await startIdentity(t);
  const { tokens } = await signup(identity, 'ada@example.org');
  const owner = await whoIs(identity, tokens.accessToken);
  const key = { name: 'k', principal: null, kind: null, scopes: null, service: null, expiresInSec: null };
  const { secret } = given(await identity.administration.createApiKey(owner, owner.tenant, key));
  const by = await whoIs(identity, secret);
  t.equal(named(await identity.own.changePassword(by, password, 'another password')), 'forbidden');
  t.equal(named(await identity.signIn.logout(by, null)), 'forbidden');
  t.match(given(await identity.own.me(by)).principal, { kind: 'service', email: null, displayName: 'k' });
});
