import t from 'tap';
import { KnownPrincipals } from '../../../src/core/identity/known-principals.ts';
import type { PrincipalStore } from '../../../src/ports/identity/identity-store.ts';
import { given, signup, startIdentity, whoIs } from '../../kit/identity.ts';

t.test('ids of the tenant are known by kind and name, others are opaque', async (t) => {
  const { identity } = await startIdentity(t);
  const ada = await signup(identity, 'ada@example.org', { displayName: 'Ada' });
  const eve = await signup(identity, 'eve@example.org');
  const by = await whoIs(identity, ada.tokens.accessToken);
  const agent = {
    displayName: 'Iris',
    id: 'assistant:iris',
    jobTitle: 'Helper',
    bio: null,
    isDefaultAgent: false,
    runs: false,
  };
  given(await identity.administration.createAgent(by, by.tenant, agent));
  const ids = [
    ada.principal.id.toUpperCase(),
    'assistant:iris',
    'assistant:other',
    eve.principal.id,
    '\u{1f600}',
    '',
  ];
  for (const round of ['read', 'cached']) {
    const known = given(await identity.directory.principalsOf(by.tenant, ids));
    t.same([...known.keys()].sort(), [ada.principal.id, 'assistant:iris'].sort(), round);
    t.match(known.get(ada.principal.id), { kind: 'user', displayName: 'Ada' });
    t.match(known.get('assistant:iris'), { kind: 'agent', displayName: 'Iris', jobTitle: 'Helper' });
  }
  t.equal(given(await identity.directory.principalsOf(by.tenant, [])).size, 0);
});

t.test('a change of name is seen at once, and so is a new or deleted agent', async (t) => {
  const { identity } = await startIdentity(t);
  const ada = await signup(identity, 'ada@example.org', { displayName: 'Ada' });
  const by = await whoIs(identity, ada.tokens.accessToken);
  const look = async () => given(await identity.directory.principalsOf(by.tenant, [by.id, 'iris']));
  t.equal((await look()).size, 1);
  const agent = { displayName: 'Iris', id: 'iris', jobTitle: null, bio: null, isDefaultAgent: false };
  given(await identity.administration.createAgent(by, by.tenant, agent));
  given(await identity.own.changeProfile(by, { displayName: 'Ada L.' }));
  const known = await look();
  t.equal(known.get(by.id)?.displayName, 'Ada L.');
  t.equal(known.get('iris')?.displayName, 'Iris');
  t.equal(await identity.administration.deleteAgent(by, by.tenant, 'iris'), null);
  t.equal((await look()).size, 1);
});

t.test(
  'what was started just now is seen by whoever looks anew, before the news of it has come',
  async (t) => {
    let runs = false;
    const stored = { principals: async () => [{ id: 'iris', kind: 'agent', runs }] };
    const directory = new KnownPrincipals(stored as unknown as PrincipalStore, () => 0);
    const isRunning = async (isAnew?: boolean) =>
      given(await directory.principalsOf('acme', ['iris'], isAnew)).get('iris')?.runs;
    t.equal(await isRunning(), false);
    runs = true;
    t.equal(await isRunning(), false, 'what is kept');
    t.equal(await isRunning(true), true);
    t.equal(await isRunning(), true, 'which is kept from now on');
  },
);
