import t from 'tap';
import { tokenSecrets } from '../../../../src/adapters/jose/token-secrets.ts';
import { LoginThrottle } from '../../../../src/core/identity/sign-in/login-throttle.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { movableClock, named } from '../../../kit/identity.ts';
import { NodeLinks } from '../../../kit/links/node-links.ts';

const ada = { email: 'ada@example.org', address: '192.0.2.1' };
const wrong = async () => false;
const right = async () => true;

function start(links = new NodeLinks(), node = 'n1', isOn = true) {
  const clock = movableClock();
  const throttle = new LoginThrottle({ clock, link: links.open(node), secrets: tokenSecrets }, isOn);
  const locked: number[] = [];
  const run = async (
    attempt: { email: string; address: string | null },
    verify: () => Promise<boolean | Problem>,
  ) => throttle.run(attempt, verify, async () => void locked.push(clock.nowMicros()));
  const fail = async (times: number, attempt = ada) => {
    for (let n = 0; n < times; n += 1) await run(attempt, wrong);
  };
  return { clock, run, fail, locked };
}

t.test('ten failures are looked at, the eleventh try is refused, whatever the password is', async (t) => {
  const { run, fail, locked } = start();
  await fail(limits.loginFailuresMax - 1);
  t.equal(locked.length, 0);
  t.equal(await run(ada, wrong), false);
  t.equal(locked.length, 1, 'the lock is told of once');
  let looked = 0;
  const refused = await run(ada, async () => {
    looked += 1;
    return true;
  });
  t.equal(named(refused), 'rate_limited/too_many_failures');
  t.equal(looked, 0, 'the password is not even looked at');
  const { retryAfterMs = 0 } = refused as Problem;
  t.ok(retryAfterMs > 890_000 && retryAfterMs <= 900_000, `${retryAfterMs} ms`);
  t.equal(locked.length, 1);
});

t.test('the same account from elsewhere, and another account from here, go on', async (t) => {
  const { run, fail } = start();
  await fail(limits.loginFailuresMax);
  t.equal(await run({ ...ada, address: '192.0.2.2' }, right), true);
  t.equal(await run({ ...ada, email: 'ben@example.org' }, right), true);
  t.equal(await run({ ...ada, address: null }, right), true, 'who comes from nowhere is not counted');
});

t.test('a success forgets what failed before it', async (t) => {
  const { run, fail } = start();
  await fail(limits.loginFailuresMax - 1);
  t.equal(await run(ada, right), true);
  await fail(limits.loginFailuresMax - 1);
  t.equal(await run(ada, right), true);
});

t.test('a failure counts for fifteen minutes', async (t) => {
  const { run, fail, clock } = start();
  await fail(1);
  clock.pass(600);
  await fail(limits.loginFailuresMax - 1);
  t.equal(named(await run(ada, right)), 'rate_limited/too_many_failures');
  clock.pass(301);
  t.equal(await run(ada, wrong), false, 'the oldest is forgotten: one more is allowed');
  t.equal(named(await run(ada, right)), 'rate_limited/too_many_failures');
  clock.pass(600);
  t.equal(await run(ada, right), true);
});

t.test('what could not be told is no failure', async (t) => {
  const { run } = start();
  for (let n = 0; n < 2 * limits.loginFailuresMax; n += 1) {
    t.equal(named(await run(ada, async () => new Problem('overloaded'))), 'overloaded');
    await t.rejects(
      run(ada, () => Promise.reject(new Error('broken'))),
      /broken/,
    );
  }
  t.equal(await run(ada, right), true);
});

t.test('hundred guesses at once are no more than ten', async (t) => {
  const { run, locked } = start();
  let looked = 0;
  const guesses = Array.from({ length: 100 }, () =>
    run(ada, async () => {
      looked += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return false;
    }),
  );
  const outcomes = (await Promise.all(guesses)).map((outcome) =>
    outcome === false ? 'wrong' : named(outcome),
  );
  t.equal(looked, limits.loginFailuresMax);
  t.equal(outcomes.filter((outcome) => outcome === 'wrong').length, limits.loginFailuresMax);
  t.equal(outcomes.filter((outcome) => outcome === 'rate_limited/too_many_failures').length, 90);
  t.equal(locked.length, 1);
});

t.test('hundred right logins at once all go through', async (t) => {
  const { run } = start();
  const logins = Array.from({ length: 100 }, () =>
    run(ada, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return true;
    }),
  );
  t.same(new Set(await Promise.all(logins)), new Set([true]));
});

t.test('nodes share what failed, and what went well', async (t) => {
  const links = new NodeLinks();
  const [one, two] = [start(links, 'n1'), start(links, 'n2')];
  const heard = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await one.fail(5);
  await two.fail(5);
  await heard();
  for (const node of [one, two]) t.equal(named(await node.run(ada, right)), 'rate_limited/too_many_failures');
  const ben = { ...ada, email: 'ben@example.org' };
  await one.fail(9, ben);
  await heard();
  t.equal(await two.run(ben, right), true);
  await heard();
  await one.fail(9, ben);
  t.equal(await one.run(ben, right), true);
});

t.test('switched off, nothing is counted', async (t) => {
  const { run, fail } = start(new NodeLinks(), 'n1', false);
  await fail(3 * limits.loginFailuresMax);
  t.equal(await run(ada, right), true);
});

t.test('a clock that is set forgives nobody, and locks nobody out for longer', async (t) => {
  const { run, fail, clock } = start();
  await fail(limits.loginFailuresMax);
  clock.move(3_600);
  t.equal(named(await run(ada, right)), 'rate_limited/too_many_failures');
  clock.move(-2 * 3_600);
  const { retryAfterMs = 0 } = (await run(ada, right)) as Problem;
  t.ok(retryAfterMs > 0 && retryAfterMs <= 900_000, `${retryAfterMs} ms`);
  clock.pass(901);
  t.equal(await run(ada, right), true);
});
