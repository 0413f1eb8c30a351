import t from 'tap';
import { regularly } from '../../src/core/regularly.ts';
import { MovedClock } from '../kit/memory/moved-clock.ts';

/** The clock runs on by itself: an hour is far from what a test takes. */
const hourMs = 3_600_000;
const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test('work begins again a pause after it ended, and whoever ends it waits for it', async (t) => {
  const clock = new MovedClock();
  const ends: (() => void)[] = [];
  const end = regularly(clock, hourMs, () => new Promise<void>((resolve) => void ends.push(resolve)));
  t.equal(ends.length, 0, 'not at once');
  clock.advance(hourMs);
  t.equal(ends.length, 1);
  clock.advance(10 * hourMs);
  t.equal(ends.length, 1, 'never twice at a time');
  ends[0]?.();
  await turn();
  clock.advance(hourMs / 2);
  t.equal(ends.length, 1);
  clock.advance(hourMs / 2);
  t.equal(ends.length, 2);

  let isEnded = false;
  const ended = end().then(() => {
    isEnded = true;
  });
  await turn();
  t.notOk(isEnded, 'it is under way');
  ends[1]?.();
  await ended;
  clock.advance(10 * hourMs);
  t.equal(ends.length, 2, 'and does not begin again');
});
