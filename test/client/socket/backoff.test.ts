import t from 'tap';
import { pauseBefore } from '../../../src/client/socket/backoff.ts';

t.test('pauses double up to 15 s, and each is a random part of that', async (t) => {
  const longest = (failures: number): number => pauseBefore(failures, undefined, () => 1);
  t.same([0, 1, 2, 3].map(longest), [250, 500, 1_000, 2_000]);
  t.equal(longest(60), 15_000);
  t.equal(
    pauseBefore(5, undefined, () => 0),
    0,
    'full jitter',
  );
});

t.test('a hint of the server is kept to, and who comes again and again comes later', async (t) => {
  const random = (): number => 0.5;
  t.equal(pauseBefore(0, 2_400, random), 2_400);
  t.equal(pauseBefore(3, 2_400, random), 3_400);
});
