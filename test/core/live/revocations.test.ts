import t, { type Test } from 'tap';
import type { Delivery } from '../../../src/core/live/delivery.ts';
import type { Wording } from '../../../src/core/live/live-bus.ts';
import { obeyRevocations } from '../../../src/core/live/revocations.ts';
import { Session } from '../../../src/core/live/session.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Authenticator, Revocation } from '../../../src/ports/identity/identity-authenticator.ts';
import { until } from '../../kit/log-entries.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';
import { principal } from '../../kit/servers/core-node.ts';

const second = 1_000_000;

/** Sockets without a conversation, and an authenticator that answers renewals as the test says. */
function start(t: Test, answer: (asked: Principal) => Principal | Problem | Promise<Principal | Problem>) {
  const clock = MovedClock.still();
  const sessions = new Set<Session>();
  const listeners = new Set<(revocation: Revocation) => void>();
  let renewals = 0;
  const authenticator = {
    renew: async (asked: Principal) => {
      renewals += 1;
      return answer(asked);
    },
    onRevoked: (listener: (revocation: Revocation) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  } as Pick<Authenticator, 'renew' | 'onRevoked'> as Authenticator;
  const delivery = { leave: () => undefined } as unknown as Delivery;
  t.teardown(obeyRevocations(authenticator, () => sessions, delivery, clock));
  function open(fields: Partial<Principal>): { session: Session; closed: string[] } {
    const closed: string[] = [];
    const outbox = { close: (reason: string) => void closed.push(reason) } as unknown as Session['outbox'];
    const session = new Session({ ...principal('acme', 'ada'), ...fields }, outbox, {} as Wording, null);
    sessions.add(session);
    return { session, closed };
  }
  const tell = (revocation: Revocation): void => {
    for (const listener of listeners) listener(revocation);
  };
  return { clock, open, tell, renewals: () => renewals };
}

t.test('what somebody else issued ends with its time, a person of ours does not', async (t) => {
  const { clock, open } = start(t, (asked) => asked);
  const expiresAt = clock.nowMicros() + 10 * second;
  const outside = open({ expiresAt, recheckAt: expiresAt });
  const ours = open({ expiresAt });
  const key = open({ expiresAt, kind: 'agent' });
  clock.advance(9_000);
  t.same([outside.closed, ours.closed, key.closed], [[], [], []]);
  clock.advance(2_000);
  t.same([outside.closed, ours.closed, key.closed], [['unauthenticated'], [], ['unauthenticated']]);
});

t.test('a principal from outside is asked about again when it is time, once at a time', async (t) => {
  let told: Principal | Problem = new Problem('unavailable');
  const { clock, open, renewals } = start(t, () => told);
  const { session, closed } = open({ expiresAt: null, recheckAt: clock.nowMicros() + 30 * second });
  clock.advance(29_000);
  t.equal(renewals(), 0);
  told = { ...session.principal, role: 'admin', recheckAt: clock.nowMicros() + 60 * second };
  clock.advance(2_000);
  await until(() => session.principal.role === 'admin');
  t.equal(renewals(), 1);
  told = new Problem('unauthenticated');
  clock.advance(60_000);
  await until(() => closed.length > 0);
  t.same(closed, ['unauthenticated']);
});

t.test('a session that ends by itself ends its sockets, one that was used meanwhile does not', async (t) => {
  const renewed = new Map<string, Principal | Problem>();
  const { clock, open, renewals } = start(
    t,
    ({ sid }) => renewed.get(sid) ?? new Problem('unauthenticated', 'The token was revoked.'),
  );
  const sessionEndsAt = clock.nowMicros() + 30 * second;
  const abandoned = open({ sid: 'abandoned', sessionEndsAt });
  const used = open({ sid: 'used', sessionEndsAt });
  const unknown = open({ sid: 'unknown', sessionEndsAt });
  renewed.set('used', { ...used.session.principal, sessionEndsAt: sessionEndsAt + 30 * second });
  renewed.set('unknown', new Problem('unavailable'));
  clock.advance(29_000);
  t.equal(renewals(), 0, 'nobody is asked before');
  clock.advance(2_000);
  await until(() => abandoned.closed.length > 0 && used.session.principal.sessionEndsAt !== sessionEndsAt);
  t.same(abandoned.closed, ['unauthenticated']);
  t.same([used.closed, unknown.closed], [[], []], 'being unable to tell ends nothing');
  renewed.delete('unknown');
  clock.advance(2_000);
  await until(() => unknown.closed.length > 0);
  t.same(unknown.closed, ['unauthenticated']);
  t.same(used.closed, []);
});

t.test('a provider that cannot be asked ends no socket at once, and sends it away in the end', async (t) => {
  const { clock, open, renewals } = start(t, () => new Problem('unavailable'));
  const { closed } = open({ expiresAt: null, recheckAt: clock.nowMicros() });
  clock.advance(1_500);
  await until(() => renewals() === 1);
  clock.advance(limits.externalGraceMs - 10_000);
  await until(() => renewals() === 2);
  t.same(closed, []);
  clock.advance(20_000);
  await until(() => closed.length > 0);
  t.same(closed, ['restarting']);
});

t.test('keys of ours that are void end people of ours only', async (t) => {
  const { clock, open, tell } = start(t, (asked) => asked);
  const outside = open({ recheckAt: clock.nowMicros() + second });
  const ours = open({});
  tell({ tenant: null, reason: 'revoked' });
  t.same([outside.closed, ours.closed], [[], ['unauthenticated']]);
});

t.test('a change that cannot be looked up is looked up again until it is told', async (t) => {
  let told: Principal | Problem = new Problem('overloaded');
  const { clock, open, tell, renewals } = start(t, () => told);
  const { session, closed } = open({ role: 'admin' });
  const { tenant, id: principalId } = session.principal;
  tell({ tenant, principalId, reason: 'changed' });
  await until(() => renewals() === 1);
  t.equal(session.principal.role, 'admin');
  told = { ...session.principal, role: 'member' };
  clock.advance(2 * limits.expiryLookMs);
  await until(() => session.principal.role === 'member');
  clock.advance(5 * limits.expiryLookMs);
  t.equal(renewals(), 2, 'and then not any more');
  t.same(closed, []);
});

t.test('of two changes at once the later one counts, however late the earlier one is told', async (t) => {
  let tellEarlier = (_: Principal): void => undefined;
  const earlier = new Promise<Principal>((resolve) => {
    tellEarlier = resolve;
  });
  const answers: (Promise<Principal> | Principal)[] = [earlier];
  const { open, tell, renewals } = start(t, (asked) => answers.shift() ?? { ...asked, role: 'member' });
  const { session } = open({ role: 'member' });
  const { tenant, id: principalId } = session.principal;
  tell({ tenant, principalId, reason: 'changed' });
  tell({ tenant, principalId, reason: 'changed' });
  await new Promise((resolve) => setImmediate(resolve));
  tellEarlier({ ...session.principal, role: 'admin' });
  await until(() => renewals() === 2);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(session.principal.role, 'member');
});
