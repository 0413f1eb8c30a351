/** Guests: a tenant of their own, a token that counts nowhere else, an agent that a name finds. */
import t from 'tap';
import { guestRealm } from '../../../src/core/guests/guest-realm.ts';
import { guestTenant } from '../../../src/domain/limiting/guest-limits.ts';
import { limits } from '../../../src/domain/limits.ts';
import { given, named, signup, startIdentity, whoIs } from '../../kit/identity.ts';

t.test('the tenant of guests is made once, whichever node is first', async (t) => {
  const one = await startIdentity(t);
  const other = await startIdentity(t, { url: one.url, node: 'n2' });
  const made = await Promise.all([one, other].map(({ identity }) => identity.ensureRealm(guestRealm('a1'))));
  t.same(made, [null, null]);
  t.equal(await one.identity.ensureRealm(guestRealm('a1')), null, 'and the next boot finds it');
  const rows = await one.sql<{ kind: string; is_default_agent: boolean }[]>`
    select kind, is_default_agent from principals where tenant_id = ${guestTenant}`;
  t.same([...rows], [{ kind: 'agent', is_default_agent: true }]);
});

t.test('the token of a guest is a bearer only where guests are taken', async (t) => {
  const { identity } = await startIdentity(t);
  await identity.ensureRealm(guestRealm('a1'));
  const { principal, token } = given(await identity.guests.admit());
  const { authenticator: who } = identity;
  t.match(principal, { tenant: guestTenant, kind: 'user', scopes: [], role: 'member', superAdmin: false });
  for (const round of ['first', 'known']) {
    t.same(await who.authenticate({ bearer: token, takesGuests: true }), principal, round);
    t.equal(
      named(await who.authenticate({ bearer: token })),
      'unauthenticated/invalid',
      `${round}, elsewhere`,
    );
    t.equal(named(await who.authenticate({ apiKey: token })), 'unauthenticated/invalid');
    t.equal(named(await who.authenticate({ cookie: token })), 'unauthenticated/invalid');
    t.equal(named(await who.authenticate({ messagingToken: token })), 'unauthenticated/invalid');
    t.equal(named(await who.authenticate({ apiKey: token, takesGuests: true })), 'unauthenticated/invalid');
  }
});

t.test('where guests are taken everybody else is, too, and nonsense is not', async (t) => {
  const { identity } = await startIdentity(t);
  const { tokens, principal } = await signup(identity, 'ada@example.org');
  const { authenticator: who } = identity;
  t.match(await who.authenticate({ bearer: tokens.accessToken, takesGuests: true }), { id: principal.id });
  for (const bearer of ['nonsense', 'eyJhbGciOiJub25lIn0.e30.', tokens.refreshToken])
    t.equal(named(await who.authenticate({ bearer, takesGuests: true })), 'unauthenticated/invalid', bearer);
});

t.test('a guest is over after a day, and at once when its session is revoked', async (t) => {
  const { identity, clock, sql } = await startIdentity(t);
  await identity.ensureRealm(guestRealm('a1'));
  const [first, second] = [given(await identity.guests.admit()), given(await identity.guests.admit())];
  const ask = async (bearer: string): Promise<string> =>
    named(await identity.authenticator.authenticate({ bearer, takesGuests: true }));
  t.equal(await ask(first.token), 'ok');
  const ended = new Promise((resolve) => identity.authenticator.onRevoked(resolve));
  await sql`update sessions set revoked_us = 1 where id = ${first.principal.sid}`;
  t.match(await ended, { tenant: guestTenant, sid: first.principal.sid });
  t.equal(await ask(first.token), 'unauthenticated/token_revoked');
  clock.move(limits.guestSec + 1);
  t.match(await ask(second.token), /^unauthenticated/);
  t.match(named(await identity.guests.ofSession(second.principal.sid)), /^unauthenticated/);
});

t.test(
  'an agent is named by its id, by the slug of its name, and the default one by `default`',
  async (t) => {
    const { identity, sql } = await startIdentity(t);
    const { tokens } = await signup(identity, 'ada@example.org');
    const ada = await whoIs(identity, tokens.accessToken);
    const none = { jobTitle: null, bio: null, isDefaultAgent: false };
    const make = async (displayName: string, id: string) =>
      given(await identity.administration.createAgent(ada, ada.tenant, { ...none, displayName, id }));
    await make('Météo Bot!', 'weather');
    await make('meteo bot', 'later');
    const find = async (name: string): Promise<string | null> => {
      const found = await identity.directory.agentNamed(ada.tenant, name);
      return found === null ? null : given(found).id;
    };
    t.equal(await find('weather'), 'weather');
    t.equal(await find('meteo-bot'), 'weather', 'of several the oldest');
    t.match(await find('default'), /^[0-9a-f-]{36}$/, 'the agent that every tenant has');
    await make('Default', 'chosen');
    t.equal(await find('default'), 'chosen', 'a name wins');
    for (const name of ['', 'nobody', ada.id, 'Météo Bot!']) t.equal(await find(name), null, name);
    const { tokens: others } = await signup(identity, 'eve@example.org');
    const eve = await whoIs(identity, others.accessToken);
    t.equal(await identity.directory.agentNamed(eve.tenant, 'weather'), null, 'of another tenant');
    await sql`update principals set status = 'suspended' where id = 'weather'`;
    await new Promise<void>((resolve) => {
      const look = (): void =>
        void find('weather').then((found) => (found === null ? resolve() : setImmediate(look)));
      look();
    });
    t.equal(await find('meteo-bot'), 'later', 'who is suspended is nobody');
  },
);
