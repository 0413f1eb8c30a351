import t from 'tap';
import { BadFrames } from '../../../src/contract/sockets/bad-frames.ts';

t.test('bad frames count together for a minute, which begins with the first of them', async (t) => {
  const bad = new BadFrames();
  t.same(
    [70_000, 70_001, 130_000, 130_001, 130_002].map((nowMs) => bad.add(nowMs)),
    [1, 2, 3, 1, 2],
  );
});
