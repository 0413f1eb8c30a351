import t from 'tap';
import { Problem } from '../../../../src/domain/problem.ts';
import type { PasswordHash } from '../../../../src/ports/identity/password-hash.ts';
import { given, named, password, signup, startIdentity, whoIs } from '../../../kit/identity.ts';

/** Remembers which hashes were verified. */
function watchedPasswords() {
  const verified: { hash: string; password: string }[] = [];
  let isFull = false;
  const passwords: PasswordHash = {
    hash: async (text) => (isFull ? new Problem('overloaded') : `hash of ${text}`),
    verify: async (hash, text) => {
      verified.push({ hash, password: text });
      return isFull ? new Problem('overloaded') : hash === `hash of ${text}`;
    },
  };
  return {
    passwords,
    verified,
    fill: () => {
      isFull = true;
    },
  };
}

t.test('signup makes a tenant with its owner and one default agent', async (t) => {
  const { identity } = await startIdentity(t);
  const { principal, tenant } = await signup(identity, '  Ada@Example.ORG ');
  t.match(principal, {
    email: 'ada@example.org',
    displayName: 'ada',
    role: 'owner',
    v2Roles: ['pmc_admin'],
    timezone: 'UTC',
  });
  t.equal(tenant.name, "ada's workspace");
  t.match(tenant.slug, /^ada-s-workspace-[0-9a-f]{8}$/);
  t.equal(principal.tenant, tenant.id);
  const by = { tenant: tenant.id, id: principal.id } as never;
  const agents = given(await identity.administration.agents(by, tenant.id, { limit: 10, after: null }));
  t.match(agents.rows, [{ kind: 'agent', isDefaultAgent: true, runs: true, status: 'active' }]);
});

t.test('an address counts once, without case, also when two sign up at once', async (t) => {
  const { identity } = await startIdentity(t);
  const none = { displayName: null, tenantName: null, phone: null, timezone: null, inviteToken: null };
  const both = await Promise.all(
    ['Ada@example.org', 'ada@EXAMPLE.org'].map((email) =>
      identity.signIn.signup({ email, password, ...none }),
    ),
  );
  t.same(both.map(named).sort(), ['conflict/email_taken', 'ok']);
  const again = await identity.signIn.signup({ email: 'ada@example.org', password, ...none });
  t.equal(named(again), 'conflict/email_taken');
});

t.test('login opens a session of its own', async (t) => {
  const { identity } = await startIdentity(t);
  const first = await signup(identity, 'ada@example.org');
  const second = given(await identity.signIn.login(' ADA@example.org', password));
  t.equal(second.principal.id, first.principal.id);
  t.same(second.tenant, first.tenant);
  const [one, two] = [
    await whoIs(identity, first.tokens.accessToken),
    await whoIs(identity, second.tokens.accessToken),
  ];
  t.not(one.sid, two.sid);
});

t.test('an unknown address and a wrong password get one answer for one hash each', async (t) => {
  const { passwords, verified } = watchedPasswords();
  const { identity } = await startIdentity(t, { deps: { passwords } });
  await signup(identity, 'ada@example.org');
  const wrong = await identity.signIn.login('ada@example.org', 'wrong password');
  const unknown = await identity.signIn.login('nobody@example.org', 'wrong password');
  t.equal(named(wrong), 'unauthenticated/invalid_credentials');
  t.same(unknown, wrong);
  t.equal(verified.length, 2);
  t.equal(verified[0]?.hash, `hash of ${password}`);
  t.match(verified[1]?.hash, /^hash of [A-Za-z0-9_-]{43}$/, 'a hash that no password has');
});

t.test('not even the password of the dummy hash opens an unknown account', async (t) => {
  const { passwords, verified } = watchedPasswords();
  const { identity } = await startIdentity(t, { deps: { passwords } });
  await identity.signIn.login('nobody@example.org', 'x');
  const secret = (verified[0]?.hash ?? '').replace('hash of ', '');
  t.equal(
    named(await identity.signIn.login('nobody@example.org', secret)),
    'unauthenticated/invalid_credentials',
  );
});

t.test('when too many log in at once, the answer is overloaded', async (t) => {
  const { passwords, fill } = watchedPasswords();
  const { identity } = await startIdentity(t, { deps: { passwords } });
  await signup(identity, 'ada@example.org');
  fill();
  t.equal(named(await identity.signIn.login('ada@example.org', password)), 'overloaded');
  t.equal(named(await identity.signIn.login('nobody@example.org', password)), 'overloaded');
});

t.test('a session can be issued without a password, for an active person only', async (t) => {
  const { identity, sql } = await startIdentity(t);
  const { principal } = await signup(identity, 'ada@example.org');
  const issue = (id: string) => identity.signIn.issueTokenFor(principal.tenant, id);
  const { tokens } = given(await issue(principal.id));
  t.equal((await whoIs(identity, tokens.accessToken)).id, principal.id);
  t.equal(named(await issue('nobody')), 'not_found');
  const [agent] = await sql<{ id: string }[]>`select id from principals where kind = 'agent'`;
  t.equal(named(await issue(agent?.id ?? '')), 'forbidden');
  await sql`update principals set status = 'suspended' where id = ${principal.id}`;
  t.equal(named(await issue(principal.id)), 'suspended');
});

t.test('an invite brings one person into the tenant, once', async (t) => {
  const { identity, clock } = await startIdentity(t);
  const ada = await signup(identity, 'ada@example.org');
  const by = await whoIs(identity, ada.tokens.accessToken);
  const invite = async (more: object = {}) => {
    const plain = { email: null, role: 'member' as const, v2Role: null, expiresInSec: 60, ...more };
    return given(await identity.administration.invite(by, by.tenant, plain)).token;
  };
  const enter = (email: string, inviteToken: string) =>
    identity.signIn.signup({
      email,
      password,
      inviteToken,
      displayName: null,
      tenantName: 'ignored',
      phone: null,
      timezone: null,
    });

  const first = await invite();
  const ben = given(await enter('ben@example.org', first));
  t.match(ben.principal, { tenant: by.tenant, role: 'member', v2Roles: ['pm'] });
  t.same(ben.tenant, ada.tenant);
  t.equal(named(await enter('cleo@example.org', first)), 'invalid_request', 'used');
  t.equal(named(await enter('cleo@example.org', 'inv_unknown')), 'invalid_request');

  const raced = await invite();
  const both = await Promise.all(['d1@example.org', 'd2@example.org'].map((email) => enter(email, raced)));
  t.same(both.map(named).sort(), ['invalid_request', 'ok']);

  const taken = await invite();
  t.equal(named(await enter('ben@example.org', taken)), 'conflict/email_taken');
  given(await enter('eve@example.org', taken));

  const personal = await invite({ email: 'Fay@example.org', role: 'admin', v2Role: 'vendor' });
  t.equal(named(await enter('mallory@example.org', personal)), 'invalid_request');
  const fay = given(await enter('fay@EXAMPLE.org', personal));
  t.match(fay.principal, { role: 'admin', v2Roles: ['vendor'] });

  const late = await invite();
  clock.move(61);
  t.equal(named(await enter('gus@example.org', late)), 'invalid_request', 'expired');
});
