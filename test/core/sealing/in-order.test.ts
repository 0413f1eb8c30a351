import t from 'tap';
import { InOrder } from '../../../src/core/sealing/in-order.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';

/** Pauses end when the test says so; `z` things need a key. */
function ordering() {
  const passed: string[] = [];
  const pauses: (() => void)[] = [];
  const logger = silentLogger();
  const here = { hasKey: true, isClosed: false };
  const clock = {
    after(_ms: number, run: () => void) {
      pauses.push(run);
      return () => undefined;
    },
  };
  const world = { logger, clock, isClosed: () => here.isClosed };
  const open = (one: string) => {
    if (one === 'broken') throw new Error('not an event');
    if (!one.startsWith('z') || here.hasKey) return one;
    return Promise.resolve().then(() => (here.hasKey ? one : new Problem('unavailable')));
  };
  const order = new InOrder<string>(world, open, (one) => passed.push(one));
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 50; turns += 1) await Promise.resolve();
  };
  const wake = async (): Promise<void> => {
    for (const run of pauses.splice(0)) run();
    await settle();
  };
  return { order, passed, pauses, logger, here, settle, wake };
}

t.test('what needs no key passes in the same turn', async (t) => {
  const { order, passed } = ordering();
  for (const one of ['a', 'z1', 'b']) order.take(one);
  t.same(passed, ['a', 'z1', 'b']);
});

t.test('what follows a thing without its key waits behind it', async (t) => {
  const { order, passed, here, settle, wake } = ordering();
  here.hasKey = false;
  for (const one of ['a', 'z1', 'b', 'z2', 'c']) order.take(one);
  await settle();
  t.same(passed, ['a']);
  await wake();
  t.same(passed, ['a'], 'still away');
  here.hasKey = true;
  await wake();
  order.take('d');
  t.same(passed, ['a', 'z1', 'b', 'z2', 'c', 'd']);
});

t.test('too many that wait leave a hole before the newest, which a reader notices', async (t) => {
  const { order, passed, here, settle, wake } = ordering();
  here.hasKey = false;
  const all = Array.from({ length: limits.sealedHeldMax + 10 }, (_, index) => `z${index}`);
  for (const one of all) order.take(one);
  await settle();
  here.hasKey = true;
  for (let rounds = 0; rounds < 200; rounds += 1) await wake();
  t.same(passed, [...all.slice(0, limits.sealedHeldMax - 1), all.at(-1)]);
});

t.test('nothing is tried again once it is stopped or the node closes', async (t) => {
  for (const stop of [
    ({ order }: ReturnType<typeof ordering>) => {
      order.isStopped = true;
    },
    ({ here }: ReturnType<typeof ordering>) => {
      here.isClosed = true;
    },
  ]) {
    const one = ordering();
    one.here.hasKey = false;
    one.order.take('z1');
    await one.settle();
    t.equal(one.pauses.length, 1);
    stop(one);
    one.here.hasKey = true;
    await one.wake();
    t.same([one.passed, one.pauses.length], [[], 0]);
  }
});

t.test('what is broken is left out, and does not hold up what follows', async (t) => {
  const { order, passed, here, settle, wake, logger } = ordering();
  here.hasKey = false;
  for (const one of ['z1', 'broken', 'a']) order.take(one);
  await settle();
  here.hasKey = true;
  await wake();
  t.same(passed, ['z1', 'a']);
  t.equal(logger.lines.filter(({ level }) => level === 'error').length, 1);
});
