/** Server keys and the tenants that a deployment has by itself. */
import t from 'tap';
import { withServerKeys } from '../../../src/core/identity/server-keys.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { given, named, signup, startIdentity } from '../../kit/identity.ts';

const realm = {
  ...{ tenant: '00000000-0000-4000-8000-000000000001', name: 'eliza' },
  firstAgent: { id: '16e018ec-e5a1-03b7-9053-1de58d16b961', displayName: 'Two' },
  firstService: { id: '00000000-0000-4000-8000-000000000002', displayName: 'server' },
};
const server: Principal = {
  ...{ tenant: realm.tenant, id: realm.firstService.id, kind: 'service', displayName: 'server' },
  ...{ scopes: [], role: 'member', superAdmin: false, sid: 'server key', service: null, expiresAt: null },
};

t.test('a server key is its principal as bearer and as key, and nothing else is', async (t) => {
  const { identity } = await startIdentity(t);
  const who = withServerKeys(identity.authenticator, new Map([['secret', server]]));
  t.same(await who.authenticate({ bearer: 'secret' }), server);
  t.same(await who.authenticate({ apiKey: 'secret' }), server);
  t.same(who.authenticateCached('secret'), server);
  t.same(await who.renew(server), server, 'and stays it');
  for (const shown of [
    { bearer: 'secre' },
    { cookie: 'secret' },
    { bearer: '' },
    { messagingToken: 'secret' },
  ])
    t.match(named(await who.authenticate(shown)), /^unauthenticated/, JSON.stringify(shown));
  const { tokens, principal } = await signup(identity, 'ada@example.org');
  const ada = given(await who.authenticate({ bearer: tokens.accessToken }));
  t.equal(ada.id, principal.id, 'others are who they were');
  t.match(await who.renew(ada), { id: principal.id });
  t.equal(withServerKeys(identity.authenticator, new Map()), identity.authenticator);
});

t.test('a realm is made once, with an agent that runs and a service', async (t) => {
  const { identity, sql } = await startIdentity(t);
  t.same(await Promise.all([identity.ensureRealm(realm), identity.ensureRealm(realm)]), [null, null]);
  const rows = await sql<{ id: string; kind: string; runs: boolean }[]>`
    select id, kind, runs from principals where tenant_id = ${realm.tenant} order by kind`;
  t.same(
    [...rows],
    [
      { id: realm.firstAgent.id, kind: 'agent', runs: true },
      { id: realm.firstService.id, kind: 'service', runs: false },
    ],
  );
});
