import t from 'tap';
import { openProgress, type ProgressScreen, progressLine } from '../../src/cli/progress.ts';

function screenOf(
  isTTY: boolean,
  width = 120,
): ProgressScreen & { written: string[]; pass(ms: number): void } {
  let nowMs = 0;
  const written: string[] = [];
  return {
    ...{ isTTY, width, written, nowMs: () => nowMs },
    write: (text) => written.push(text),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

t.test('a line has a bar, a count, a rate and the time that is left', async (t) => {
  const line = progressLine({ label: 'log', unit: 'events', done: 3_000, total: 10_000, ms: 3_000 });
  t.equal(line, 'log [######--------------]  30 %  3,000 of 10,000 events  1,000/s  7 s left');
});

t.test('a rate is told when there is one, and no time is left at the end', async (t) => {
  t.equal(
    progressLine({ label: 'log', unit: 'events', done: 1, total: 4, ms: 10 }),
    'log [#####---------------]  25 %  1 of 4 events',
  );
  t.notMatch(progressLine({ label: 'log', unit: 'events', done: 4, total: 4, ms: 5_000 }), /left/);
  t.equal(
    progressLine({ label: 'log', unit: 'KB', done: 2_000, total: null, ms: 2_000 }),
    'log  2,000 KB  1,000/s',
  );
  t.match(progressLine({ label: 'log', unit: 'events', done: 1, total: 1_001, ms: 1_000 }), /17 min left/);
  t.match(progressLine({ label: 'x', unit: 'events', done: 0, total: 0, ms: 0 }), /100 %/);
});

t.test('on a terminal one line is written over, not more often than ten times a second', async (t) => {
  const screen = screenOf(true, 40);
  const progress = openProgress('log', 'events', screen);
  for (let done = 1; done <= 100; done += 1) {
    screen.pass(10);
    progress.update(done, 100);
  }
  progress.end();
  t.ok(screen.written.length <= 13, String(screen.written.length));
  for (const text of screen.written.slice(0, -1)) {
    t.ok(text.startsWith('\r\u001b[K') && !text.includes('\n'));
    t.ok(text.length <= 44, 'no longer than the terminal');
  }
  t.match(screen.written.at(-1), /100 %.*\n$/);
});

t.test('elsewhere there is a line for each tenth of long work, and none for short work', async (t) => {
  const screen = screenOf(false);
  const short = openProgress('log', 'events', screen);
  for (let done = 0; done <= 100; done += 1) short.update(done, 100);
  short.end();
  t.same(screen.written, []);
  const long = openProgress('log', 'events', screen);
  for (let done = 0; done <= 1_000; done += 1) {
    screen.pass(50);
    long.update(done, 1_000);
  }
  long.end();
  t.ok(screen.written.length === 10 || screen.written.length === 11, 'one for each tenth');
  for (const text of screen.written) t.match(text, /^log \[.*\n$/);
});
