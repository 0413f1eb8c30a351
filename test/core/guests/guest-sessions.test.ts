/** Conversation sessions: capabilities that end, quotas, and what is removed in the end. */
import t, { type Test } from 'tap';
import { tokenSecrets } from '../../../src/adapters/jose/token-secrets.ts';
import { openConversationSessions as openStore } from '../../../src/adapters/postgres/conversation-sessions.ts';
import { openConversationSessions } from '../../../src/core/guests/conversation-sessions.ts';
import { guestRealm } from '../../../src/core/guests/guest-realm.ts';
import { sweepGuests } from '../../../src/core/guests/sweep-guests.ts';
import { guestTenant } from '../../../src/domain/limiting/guest-limits.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { given, named, openTestPools, startIdentity } from '../../kit/identity.ts';
import { openCoreNode } from '../../kit/servers/core-node.ts';
import { startNats } from '../../kit/servers/nats.ts';

async function start(t: Test) {
  const { identity, clock, deps, url, sql } = await startIdentity(t);
  const pools = await openTestPools(t, url);
  const store = openStore(pools.requests);
  await identity.ensureRealm(guestRealm('a1'));
  return {
    identity,
    clock,
    deps,
    url,
    sql,
    store,
    sessions: openConversationSessions({ store, secrets: tokenSecrets, clock }),
  };
}

t.test('a session of a guest ends when nobody used it for an hour, and with its guest', async (t) => {
  const { identity, sessions, clock } = await start(t);
  const { principal } = given(await identity.guests.admit());
  const begun = given(await sessions.begin(principal, 'c-1', sessions.newId()));
  t.match(begun.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const isThere = async (): Promise<boolean> => (await sessions.use(guestTenant, { id: begun.id })) !== null;
  for (let hours = 0; hours < 23; hours += 1) {
    clock.move(3_590);
    t.equal(await isThere(), true, `used after ${hours + 1} hours`);
  }
  clock.move(3_601);
  t.equal(await isThere(), false);
  t.equal(await sessions.use(guestTenant, { conversation: 'c-1' }), null, 'nor by its conversation');
});

t.test('a conversation has one session, and somebody with an account has it for good', async (t) => {
  const { sessions, clock } = await start(t);
  const ada = { tenant: 'acme', id: 'ada', sid: 's' } as Principal;
  const begun = given(await sessions.begin(ada, 'c-1', sessions.newId()));
  t.equal(named(await sessions.begin(ada, 'c-1', sessions.newId())), 'conflict');
  clock.move(30 * 86_400);
  t.same(await sessions.use('acme', { id: begun.id }), begun);
  t.equal(await sessions.use('other', { id: begun.id }), null);
  for (let sent = 0; sent < 30; sent += 1) t.equal(await sessions.spend(begun), null);
});

t.test(
  'a guest sends twenty messages, however many at once, and one that failed does not count',
  async (t) => {
    const { identity, sessions } = await start(t);
    const { principal } = given(await identity.guests.admit());
    const begun = given(await sessions.begin(principal, 'c-1', sessions.newId()));
    const all = await Promise.all(Array.from({ length: 30 }, () => sessions.spend(begun)));
    t.equal(all.filter((refused) => refused === null).length, limits.guestMessagesMax);
    t.match(
      all.find((one) => one !== null),
      { code: 'rate_limited', reason: 'guest_quota', limit: 20 },
    );
    t.equal(await sessions.refund(begun), null);
    t.equal(await sessions.spend(begun), null);
    t.equal(named(await sessions.spend(begun)), 'rate_limited/guest_quota');
  },
);

t.test('a week after its end a conversation is removed, and its guest with it', async (t) => {
  const { identity, sessions, store, deps, clock, url, sql } = await start(t);
  const nats = await startNats(t);
  const node = await openCoreNode({
    natsUrl: nats.url.replace('//', `//${nats.user}:${nats.pass}@`),
    databaseUrl: url,
  });
  t.teardown(() => node.close());
  const { bus } = node.core;
  const begin = async (
    creatorRole: 'owner' | 'member' = 'owner',
  ): Promise<{ principal: Principal; conversation: string }> => {
    const { principal } = given(await identity.guests.admit());
    const conversation = bus.newConversationId();
    const create = { op: 'create', type: 'private', name: null, description: null, metadata: {} } as const;
    const made = { ...create, env: 'dev', service: null, participants: [], creatorRole };
    given(await bus.dispatch(principal, made, bus.context(conversation)));
    given(await sessions.begin(principal, conversation, sessions.newId()));
    return { principal, conversation };
  };
  const sweep = (): Promise<number> =>
    sweepGuests({ sessions: store, guests: deps.store.guests, bus, clock: deps.clock });
  const old = await begin();
  // An administrator took its rights: nobody else would remove it.
  const demoted = await begin('member');
  t.equal(await sweep(), 0);
  clock.move(limits.guestKeptSec);
  t.equal(await sweep(), 0, 'it ended an hour after it began');
  const young = await begin();
  clock.move(limits.guestIdleSec + 1);
  t.equal(await sweep(), 2);
  t.equal(await bus.statusOf(guestTenant, old.conversation), 'deleted');
  t.equal(await bus.statusOf(guestTenant, demoted.conversation), 'deleted');
  t.equal(await bus.statusOf(guestTenant, young.conversation), 'open');
  clock.move(limits.guestSec);
  t.equal(await sweep(), 0);
  const people = await sql<{ id: string }[]>`
    select id from principals where tenant_id = ${guestTenant} and kind = 'user'`;
  t.same([...people], [{ id: young.principal.id }]);
  const kept = await identity.guests.ofSession(old.principal.sid);
  t.ok(kept instanceof Problem);
});
