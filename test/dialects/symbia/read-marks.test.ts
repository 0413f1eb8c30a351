import t from 'tap';
import { openClock } from '../../../src/adapters/system/clock.ts';
import type { Bus } from '../../../src/core/bus.ts';
import { lastReadsOf, ReadMarks } from '../../../src/dialects/symbia/read-marks.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { until } from '../../kit/log-entries.ts';
import { MemoryBus } from '../../kit/memory/memory-bus.ts';
import { person } from '../../kit/memory/memory-principals.ts';

const clock = openClock();

/** A bus that notes what is marked as read. */
function noting(): { bus: Bus; marked: [who: string, seq: number][] } {
  const marked: [string, number][] = [];
  const bus = new MemoryBus();
  bus.read = async (principal, _conversation, seq) => {
    marked.push([principal.id, seq]);
    return { lastReadSeq: seq, unread: 0 };
  };
  return { bus, marked };
}

t.test('a cursor that does not move is not sent again', async (t) => {
  const { bus, marked } = noting();
  const marks = new ReadMarks(bus, clock);
  for (const seq of [5, 5, 3, 6]) marks.mark(person('ada'), 'c', seq);
  marks.mark(person('ben'), 'c', 5);
  marks.mark(person('ada'), 'd', 1);
  marks.mark(person('ada', { tenant: 'other' }), 'c', 1);
  await until(() => marked.length === 5);
  t.same(marked, [
    ['ada', 5],
    ['ada', 6],
    ['ben', 5],
    ['ada', 1],
    ['ada', 1],
  ]);
});

t.test('what is remembered is bounded, the oldest is forgotten first', async (t) => {
  const { bus, marked } = noting();
  const marks = new ReadMarks(bus, clock);
  for (let i = 0; i <= limits.readMarksMax; i += 1) marks.mark(person(`p${i}`), 'c', 1);
  await until(() => marked.length === limits.readMarksMax + 1);
  marks.mark(person(`p${limits.readMarksMax}`), 'c', 1);
  marks.mark(person('p0'), 'c', 1);
  await until(() => marked.length > limits.readMarksMax + 1);
  t.same(marked.slice(limits.readMarksMax + 1), [['p0', 1]]);
});

t.test(
  'few marks are under way at once, and of those that wait for one reader the newest is sent',
  async (t) => {
    const { bus, marked } = noting();
    const { read } = bus;
    const held: (() => void)[] = [];
    bus.read = async (...asked) => {
      const stored = await read(...asked);
      await new Promise<void>((resolve) => held.push(resolve));
      return stored;
    };
    const marks = new ReadMarks(bus, clock);
    for (let i = 0; i < 20; i += 1) marks.mark(person(`p${i}`), 'c', 1);
    for (const seq of [2, 3]) marks.mark(person('p19'), 'c', seq);
    await until(() => held.length === limits.readMarksInFlightMax);
    t.equal(marked.length, limits.readMarksInFlightMax);
    await until(() => {
      for (const release of held.splice(0)) release();
      return marked.length === 20;
    });
    t.same(marked.at(-1), ['p19', 3]);
  },
);

t.test('a mark that could not be stored is sent with the next read', async (t) => {
  const { bus, marked } = noting();
  const answers: (Problem | null)[] = [new Problem('unavailable'), null, null];
  const { read } = bus;
  bus.read = async (...asked) => {
    const stored = await read(...asked);
    return answers.shift() ?? stored;
  };
  const marks = new ReadMarks(bus, clock);
  for (let i = 0; i < 3; i += 1) {
    marks.mark(person('ada'), 'c', 5);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(marked.length, 2);
});

t.test('a read counts as soon as it was made, stored or not; one that failed does not', async (t) => {
  const bus = new MemoryBus();
  const stored = 1_700_000_000_000_000;
  bus.readTimes = async () => new Map([['ben', stored]]);
  let store = (_answer: Problem): void => undefined;
  bus.read = () => new Promise((resolve) => (store = resolve));
  const marks = new ReadMarks(bus, clock);
  const ada = person('ada');
  t.equal((await lastReadsOf({ bus, marks }, ada, 'c'))('ada'), 0);
  const before = clock.nowMicros();
  marks.mark(ada, 'c', 1);
  const lastReadAt = await lastReadsOf({ bus, marks }, ada, 'c');
  t.ok(lastReadAt('ada') >= before);
  t.equal(lastReadAt('ben'), stored);
  store(new Problem('unavailable'));
  await until(() => marks.movedAt(ada.tenant, 'c', 'ada') === 0);
});
