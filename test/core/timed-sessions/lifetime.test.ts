import fc from 'fast-check';
import t from 'tap';
import {
  begun,
  comingNotices,
  isExpired,
  isNearEnd,
  minutesUntil,
  renewed,
  retimed,
  used,
} from '../../../src/core/timed-sessions/lifetime.ts';
import type { Lifetime, Timeouts } from '../../../src/ports/agents/timed-sessions.ts';

const minute = 60_000_000;
const usual: Timeouts = {
  ...{ timeoutMinutes: 30, autoRenew: true, maxDurationMinutes: 100, warningThresholdMinutes: 5 },
};
const manual = { ...usual, autoRenew: false };
const endIn = ({ expiresAt }: Lifetime): number => expiresAt / minute;

t.test('it ends one timeout after its last use', async (t) => {
  const session = begun(usual, 0);
  t.equal(endIn(session), 30);
  const later = used(session, 20 * minute);
  t.equal(later.isRenewed, true);
  t.match(later.lifetime, { renewals: 1, usedAt: 20 * minute, expiresAt: 50 * minute });
});

t.test('it never lasts longer than it may', async (t) => {
  let session = begun(usual, 0);
  for (const at of [25, 50, 75, 99]) session = used(session, at * minute).lifetime;
  t.match([session.renewals, endIn(session)], [4, 100]);
  t.equal(renewed(session, 100 * minute), null);
  t.match(used(session, 100 * minute), {
    isRenewed: false,
    lifetime: { renewals: 4, expiresAt: 100 * minute },
  });
});

t.test('where uses do not renew it they are kept in mind, and it is renewed by hand', async (t) => {
  const session = begun(manual, 0);
  const after = used(session, 10 * minute);
  t.match(after, {
    isRenewed: false,
    lifetime: { usedAt: 10 * minute, expiresAt: 30 * minute, renewals: 0 },
  });
  t.match(renewed(after.lifetime, 20 * minute), { renewals: 1, expiresAt: 50 * minute });
});

t.test('other timeouts count from the last use, or from its beginning', async (t) => {
  const session = used(begun({ ...usual, maxDurationMinutes: 500 }, 0), 10 * minute).lifetime;
  const longer = { ...usual, timeoutMinutes: 60, maxDurationMinutes: 500 };
  t.equal(endIn(retimed(session, longer, 20 * minute)), 70);
  t.equal(endIn(retimed(session, { ...longer, autoRenew: false }, 20 * minute)), 60);
  t.equal(endIn(retimed(session, { ...longer, maxDurationMinutes: 60 }, 20 * minute)), 60);
  const shorter = retimed(session, { ...longer, timeoutMinutes: 5 }, 20 * minute);
  t.ok(isExpired(shorter, 20 * minute), 'it may have ended by that');
});

t.test('it is near its end from its threshold on, and expired at its end', async (t) => {
  const session = begun(usual, 0);
  t.equal(isNearEnd(session, 25 * minute - 1), false);
  t.equal(isNearEnd(session, 25 * minute), true);
  t.equal(isExpired(session, 30 * minute - 1), false);
  t.equal(isNearEnd(session, 30 * minute), false);
  t.equal(isExpired(session, 30 * minute), true);
  t.same(comingNotices(session), [
    { name: 'session.expiring', dueAt: 25 * minute },
    { name: 'session.expired', dueAt: 30 * minute },
  ]);
  const anxious = begun({ ...usual, warningThresholdMinutes: 600 }, 7);
  t.equal(comingNotices(anxious)[0]?.dueAt, 7, 'near its end from its beginning');
});

t.test('minutes are counted as people do', async (t) => {
  t.same(
    [5 * minute, 5 * minute - 1, minute, 1, 0, -1].map((left) => minutesUntil(left, 0)),
    [5, 5, 1, 1, 0, 0],
  );
});

t.test(
  'whatever happens to it, and whatever clocks say, it ends in time and no renewal shortens it',
  async () => {
    const minutes = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    const timeouts = fc
      .tuple(minutes(1, 600), minutes(0, 600), minutes(1, 900), fc.boolean())
      .map(([timeoutMinutes, more, warningThresholdMinutes, autoRenew]) => ({
        ...{ timeoutMinutes, maxDurationMinutes: timeoutMinutes + more, warningThresholdMinutes, autoRenew },
      }));
    const steps = fc.array(fc.tuple(fc.constantFrom('use', 'renew'), fc.integer({ min: -5, max: 90 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(timeouts, steps, (given, all) => {
        const createdAt = 1_000 * minute;
        const last = createdAt + Math.round(given.maxDurationMinutes * minute);
        let session = begun(given, createdAt);
        let now = createdAt;
        for (const [step, after] of all) {
          now += after * minute;
          if (isExpired(session, now)) return true;
          const next = step === 'use' ? used(session, now).lifetime : (renewed(session, now) ?? session);
          const isSound =
            next.expiresAt >= session.expiresAt &&
            next.expiresAt <= last &&
            next.usedAt >= session.usedAt &&
            next.renewals - session.renewals <= 1 &&
            Number.isSafeInteger(next.expiresAt);
          if (!isSound) return false;
          session = next;
        }
        return true;
      }),
    );
  },
);
