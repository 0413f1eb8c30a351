import t from 'tap';
import { FollowedValues } from '../../../src/core/personal/followed-values.ts';
import { Problem } from '../../../src/domain/problem.ts';

/** Values that are counted as they are read; `nowMs` is the clock. */
function counted(keptMax = 10) {
  const world = { nowMs: 0, reads: 0 };
  const values = new FollowedValues<string>({ monotonicMs: () => world.nowMs }, keptMax, 1_000);
  const get = (key: string) =>
    values.get(key, async () => {
      world.reads += 1;
      return `${key}${world.reads}`;
    });
  return { world, values, get };
}

t.test('a value that is known is answered at once, and read again when its time is over', async (t) => {
  const { world, get } = counted();
  t.equal(await get('a'), 'a1');
  t.equal(get('a'), 'a1');
  world.nowMs = 1_000;
  t.equal(await get('a'), 'a2');
});

t.test('who asks while it is read shares the reading', async (t) => {
  const { get } = counted();
  t.same(await Promise.all([get('a'), get('a'), get('b')]), ['a1', 'a1', 'b2']);
});

t.test('what a change overtook is answered to those who asked before, and not remembered', async (t) => {
  const { values, get } = counted();
  const before = get('a');
  values.forget('a');
  const after = get('a');
  t.same(await Promise.all([before, after]), ['a1', 'a2']);
  t.equal(get('a'), 'a2');
  values.forgetAll();
  t.equal(await get('a'), 'a3');
});

t.test('a refusal is not remembered', async (t) => {
  const { values, get } = counted();
  t.match(await values.get('a', async () => new Problem('unavailable')), { code: 'unavailable' });
  t.equal(await get('a'), 'a1');
});

t.test('a reading that fails is not remembered either', async (t) => {
  const { values, get } = counted();
  const fault = new Error('a fault of the program');
  await t.rejects(
    Promise.resolve(
      values.get('a', async () => {
        throw fault;
      }),
    ),
    fault,
  );
  t.equal(await get('a'), 'a1');
});

t.test('of too many the one that was not read for longest is forgotten', async (t) => {
  const { get } = counted(2);
  for (const key of ['a', 'b']) await get(key);
  t.equal(get('a'), 'a1');
  await get('c');
  t.equal(get('a'), 'a1');
  t.equal(await get('b'), 'b4');
});
