/** What the audit says of each thing that can be done to identities. */
import t, { type Test } from 'tap';
import { openAuditStore } from '../../../src/adapters/postgres/audit/audit-store.ts';
import type { AuditRecord } from '../../../src/ports/audit.ts';
import { given, named, openTestPools, password, signup, startIdentity, whoIs } from '../../kit/identity.ts';

const trace = { address: '192.0.2.7', requestId: 'req-1' };
const none = { displayName: null, tenantName: null, phone: null, timezone: null, inviteToken: null };
const noKeyFields = { principal: null, kind: null, scopes: null, service: null, expiresInSec: null };

async function start(t: Test, deps: object = {}) {
  const started = await startIdentity(t, { deps });
  const store = openAuditStore(await openTestPools(t, started.url));
  const all = async (): Promise<readonly AuditRecord[]> =>
    [...given(await store.list({ limit: 200 })).records].reverse();
  return { ...started, all, actions: async () => (await all()).map(({ action }) => action) };
}

t.test('every change is recorded with who did it, from where, and what it was before', async (t) => {
  const { identity, all } = await start(t);
  const { administration, own, signIn } = identity;
  const ada = given(await signIn.signup({ ...none, email: 'ada@example.org', password }, trace));
  const by = await whoIs(identity, ada.tokens.accessToken);
  const { tenant } = by;
  const invite = { email: 'ben@example.org', role: 'member' as const, v2Role: null, expiresInSec: 60 };
  const { token } = given(await administration.invite(by, tenant, invite, trace));
  const ben = given(
    await signIn.signup({ ...none, email: 'ben@example.org', password, inviteToken: token }, trace),
  );
  const benId = ben.principal.id;
  given(await administration.changeUser(by, tenant, benId, { role: 'admin', scopes: [] }, trace));
  given(await administration.changeUser(by, tenant, benId, { status: 'suspended' }, trace));
  given(await administration.changeUser(by, tenant, benId, { status: 'active' }, trace));
  given(await administration.changeUser(by, tenant, benId, { role: 'admin' }, trace));
  const agent = { displayName: 'Iris', id: 'iris', jobTitle: null, bio: null, isDefaultAgent: false };
  given(await administration.createAgent(by, tenant, agent, trace));
  const wanted = { ...noKeyFields, name: 'k', principal: 'iris' };
  const { key, secret } = given(await administration.createApiKey(by, tenant, wanted, trace));
  t.equal(await administration.deleteApiKey(by, tenant, key.id, trace), null);
  t.equal(await administration.deleteAgent(by, tenant, 'iris', trace), null);
  given(await own.changeProfile(by, { displayName: 'Ada L.' }, trace));
  const { tokens } = given(await signIn.login('ada@example.org', password, trace));
  given(await signIn.refresh(tokens.refreshToken, trace));
  t.equal(named(await signIn.refresh(tokens.refreshToken, trace)), 'unauthenticated/refresh_token_reused');
  t.equal(named(await signIn.refresh(tokens.refreshToken, trace)), 'unauthenticated/refresh_token_reused');
  const changed = given(await own.changePassword(by, password, 'another good password', trace));
  const again = await whoIs(identity, changed.accessToken);
  t.equal(await signIn.logout(again, null, trace), null);
  t.equal(await signIn.logout(again, null, trace), null);

  const records = await all();
  const actor = { id: by.id, kind: 'user' };
  const { id: benActor } = ben.principal;
  const from = { tenant, address: '192.0.2.7', requestId: 'req-1' };
  const wasAdmin = { role: 'admin', former_role: 'member' };
  t.match(records, [
    { ...from, actor, action: 'user.signed_up', subject: by.id, detail: { role: 'owner' } },
    { ...from, actor, action: 'invite.created', detail: { role: 'member', email: 'ben@example.org' } },
    {
      ...from,
      actor: { id: benActor },
      action: 'invite.used',
      subject: benId,
      detail: { invited_by: by.id },
    },
    { ...from, actor, action: 'user.changed', subject: benId, detail: wasAdmin },
    { ...from, actor, action: 'user.suspended', subject: benId, detail: { former_status: 'active' } },
    { ...from, actor, action: 'user.activated', subject: benId, detail: { former_status: 'suspended' } },
    { ...from, actor, action: 'agent.created', subject: 'iris', detail: { display_name: 'Iris' } },
    { ...from, actor, action: 'key.created', subject: key.id, detail: { principal: 'iris', scopes: '' } },
    { ...from, actor, action: 'key.deleted', subject: key.id },
    { ...from, actor, action: 'agent.deleted', subject: 'iris' },
    {
      ...from,
      actor,
      action: 'profile.changed',
      detail: { display_name: 'Ada L.', former_display_name: 'ada' },
    },
    { ...from, actor, action: 'session.opened', subject: by.id },
    { ...from, actor: null, action: 'session.refresh_reused', detail: { principal: by.id } },
    { ...from, actor, action: 'password.changed', subject: by.id },
    { ...from, actor, action: 'session.ended', subject: again.sid },
  ]);
  t.equal(records.length, 15, 'what changed nothing is not recorded');

  const told = JSON.stringify(records);
  const secrets = [password, 'another good password', token, secret, ...Object.values(tokens).map(String)];
  for (const plain of secrets.filter((text) => text.length > 8)) {
    t.notOk(told.includes(plain.slice(-16)), 'no secret is recorded');
  }
});

t.test('what was refused is not recorded', async (t) => {
  const { identity, actions } = await start(t);
  const ada = await signup(identity, 'ada@example.org');
  const by = await whoIs(identity, ada.tokens.accessToken);
  const { administration, own, signIn } = identity;
  await signup(identity, 'eve@example.org');
  const before = await actions();
  named(await signIn.signup({ ...none, email: 'ada@example.org', password }, trace));
  named(await signIn.login('ada@example.org', 'wrong password', trace));
  named(await own.changePassword(by, 'wrong password', 'another good password', trace));
  named(await administration.changeUser(by, by.tenant, by.id, { status: 'suspended' }, trace));
  named(await administration.deleteApiKey(by, by.tenant, '01890000-0000-7000-8000-000000000000', trace));
  named(await administration.deleteAgent(by, by.tenant, 'nobody', trace));
  const taken = { displayName: 'x', id: by.id, jobTitle: null, bio: null, isDefaultAgent: false };
  named(await administration.createAgent(by, by.tenant, taken, trace));
  t.same(await actions(), before);
});

t.test('a login that is locked is recorded once, with the account if there is one', async (t) => {
  const { identity, all } = await start(t);
  const { principal } = await signup(identity, 'ada@example.org');
  const fail = (email: string) => identity.signIn.login(email, 'wrong password', trace);
  for (let n = 0; n < 12; n += 1) await fail(n % 2 === 0 ? 'ada@example.org' : '  ADA@Example.org ');
  t.equal(named(await fail('ada@example.org')), 'rate_limited/too_many_failures');
  for (let n = 0; n < 12; n += 1) await fail('my password by mistake');
  const locked = (await all()).filter(({ action }) => action === 'login.locked');
  t.match(locked, [
    { tenant: principal.tenant, actor: null, subject: principal.id, address: '192.0.2.7' },
    { tenant: null, actor: null, subject: null, address: '192.0.2.7' },
  ]);
  t.equal(locked.length, 2);
  t.notMatch(JSON.stringify(locked), /mistake/, 'what was typed into the wrong field is not kept');
});

t.test('a wrong current password counts as a failed login, and a locked account changes none', async (t) => {
  const { identity } = await start(t);
  const ada = await signup(identity, 'ada@example.org');
  const by = await whoIs(identity, ada.tokens.accessToken);
  const change = (current: string) =>
    identity.own.changePassword(by, current, 'another good password', trace);
  for (let n = 0; n < 5; n += 1) t.equal(named(await change('wrong')), 'forbidden/invalid_current_password');
  for (let n = 0; n < 5; n += 1) await identity.signIn.login('ada@example.org', 'wrong password', trace);
  t.equal(named(await change(password)), 'rate_limited/too_many_failures');
  t.equal(
    named(await identity.signIn.login('ada@example.org', password, trace)),
    'rate_limited/too_many_failures',
  );
  const elsewhere = { ...trace, address: '192.0.2.8' };
  given(await identity.signIn.login('ada@example.org', password, elsewhere));
});

t.test('the administrator of the environment is recorded when it is made and when it changes', async (t) => {
  const { identity, actions, sql } = await start(t);
  given(await identity.ensureAdministrator('root@example.org', password));
  given(await identity.ensureAdministrator('root@example.org', password));
  t.same(await actions(), ['administrator.created'], 'a boot that changes nothing says nothing');
  given(await identity.ensureAdministrator('root@example.org', 'another good password'));
  await sql`update principals set super_admin = false, status = 'suspended' where kind = 'user'`;
  given(await identity.ensureAdministrator('root@example.org', 'another good password'));
  t.same(await actions(), ['administrator.created', 'password.changed', 'administrator.changed']);
});

t.test('a login that raced a change of the password opens nothing', async (t) => {
  const { identity, deps, sql } = await start(t);
  const ada = await signup(identity, 'ada@example.org');
  const [{ password_hash: hash } = { password_hash: '' }] = await sql<{ password_hash: string }[]>`
    select password_hash from credentials`;
  const by = await whoIs(identity, ada.tokens.accessToken);
  given(await identity.own.changePassword(by, password, 'another good password', trace));
  const session = {
    ...{ id: deps.ids.next(), tenant: by.tenant, principal: by.id, createdAt: 1, expiresAt: 2, endsAt: 3 },
    revokedAt: null,
  };
  const digest = deps.secrets.digest('x');
  const opened = await deps.store.sessions.open({
    ...{ session, refreshToken: { digest, expiresAt: 2 }, cookieDigest: digest },
    ...{ passwordHash: hash, audit: null },
  });
  t.equal(named(opened), 'conflict/password_changed');
  const [row] = await sql<
    { there: number }[]
  >`select count(*)::int as there from sessions where id = ${session.id}`;
  t.equal(row?.there, 0);
});
