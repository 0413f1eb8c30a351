import t from 'tap';
import { tellRegularly } from '../../../src/core/timed-sessions/tell-regularly.ts';
import { limits } from '../../../src/domain/limits.ts';
import { until } from '../../kit/log-entries.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';

t.test('it goes on looking while others wait for a server, and ends when they are done', async (t) => {
  const clock = MovedClock.still();
  const waiting: (() => void)[] = [];
  const tellDue = () => new Promise<void>((resolve) => void waiting.push(resolve));
  const stop = tellRegularly({ tellDue }, clock);
  for (let count = 1; count <= limits.sessionTellingsMax; count += 1) {
    clock.advance(limits.sessionNoticeLookMs);
    await until(() => waiting.length === count);
    await new Promise((resolve) => setImmediate(resolve));
  }
  clock.advance(limits.sessionNoticeLookMs);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(waiting.length, limits.sessionTellingsMax, 'so many at once');
  let isOver = false;
  const stopped = stop().then(() => {
    isOver = true;
  });
  waiting.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(isOver, false);
  for (const resolve of waiting) resolve();
  await stopped;
});
