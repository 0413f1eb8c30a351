import t from 'tap';
import { given, named, password, signup, startIdentity, whoIs } from '../../kit/identity.ts';
import { NodeLinks } from '../../kit/links/node-links.ts';

t.test('the administrator is made once, by however many nodes, in a tenant of its own', async (t) => {
  const links = new NodeLinks();
  const one = await startIdentity(t, { links, node: 'n1' });
  const two = await startIdentity(t, { links, node: 'n2', url: one.url });
  const made = await Promise.all(
    [one, two].map((node) => node.identity.ensureAdministrator('Root@example.org', password)),
  );
  const [first, second] = made.map((outcome) => given(outcome));
  t.equal(second?.id, first?.id);
  const { tokens } = given(await two.identity.signIn.login('root@example.org', password));
  t.match(await whoIs(two.identity, tokens.accessToken), { superAdmin: true, role: 'owner', id: first?.id });
  const [row] = await one.sql`select count(*) as tenants from tenants`;
  t.equal(row?.['tenants'], 1);
});

t.test('a restart with the same password ends no session, with another one all', async (t) => {
  const { identity } = await startIdentity(t);
  given(await identity.ensureAdministrator('root@example.org', password));
  const { tokens } = given(await identity.signIn.login('root@example.org', password));
  await whoIs(identity, tokens.accessToken);
  given(await identity.ensureAdministrator('root@example.org', password));
  t.ok(identity.authenticator.authenticateCached(tokens.accessToken));
  given(await identity.ensureAdministrator('root@example.org', 'another password'));
  t.equal(
    named(await identity.authenticator.authenticate({ bearer: tokens.accessToken })),
    'unauthenticated/token_revoked',
  );
  t.equal(
    named(await identity.signIn.login('root@example.org', password)),
    'unauthenticated/invalid_credentials',
  );
  given(await identity.signIn.login('root@example.org', 'another password'));
});

t.test('an account that had the address before becomes the administrator', async (t) => {
  const { identity, sql } = await startIdentity(t);
  const { principal, tokens } = await signup(identity, 'root@example.org');
  await whoIs(identity, tokens.accessToken);
  await sql`update principals set status = 'suspended' where id = ${principal.id}`;
  const administrator = given(await identity.ensureAdministrator('root@example.org', 'another password'));
  t.match(administrator, { id: principal.id, superAdmin: true, status: 'active' });
  t.equal(
    named(await identity.authenticator.authenticate({ bearer: tokens.accessToken })),
    'unauthenticated/token_revoked',
  );
});
