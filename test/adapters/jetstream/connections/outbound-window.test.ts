import t from 'tap';
import { openOutboundWindow } from '../../../../src/adapters/jetstream/connections/outbound-window.ts';
import { limits } from '../../../../src/domain/limits.ts';

/** A server that says that it took everything when the test says so, and a clock that the test moves. */
function world() {
  const asked: { readonly took: () => void; readonly lost: () => void }[] = [];
  let nowMs = 0;
  const flush = (): Promise<void> =>
    new Promise((resolve, reject) => asked.push({ took: resolve, lost: () => reject(new Error('lost')) }));
  const window = openOutboundWindow(flush, () => nowMs);
  const write = (bytes: number): void => {
    window.add(bytes);
    window.written();
  };
  const took = async (afterMs: number): Promise<void> => {
    nowMs += afterMs;
    asked.shift()?.took();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { window, write, took, asked, pass };
}

t.test('a fast server is asked rarely, and never refused anything', async (t) => {
  const { window, write, took, asked } = world();
  write(limits.natsProbeBytes - 1);
  t.equal(asked.length, 0, 'little is not worth a question');
  write(1);
  t.equal(asked.length, 1);
  write(1_000_000);
  t.equal(asked.length, 1, 'one question at a time');
  await took(5);
  t.equal(window.bytes, 1_000_000, 'what was written before the question is taken');
  t.equal(asked.length, 1, 'the rest is asked about');
  await took(5);
  t.same([window.bytes, window.isFull], [0, false]);
});

t.test(
  'a server that does not answer is given no more, and a slow one what it takes in a second',
  async (t) => {
    const { window, write, took, pass, asked } = world();
    write(1_000_000);
    t.notOk(window.isFull);
    pass(limits.natsStallMs + 1);
    t.same([window.isFull, window.isStalled], [true, true], 'it does not answer');
    // 1,000,000 bytes in 4 seconds.
    await took(3_000 - 1);
    t.same([window.isFull, window.isStalled], [false, false], 'it took all of it');
    t.ok(window.share > 0.05 && window.share < 0.07, 'a slow server gets 250,000 of 4 MiB');
    window.reset();
    t.ok(window.share < 0.07, 'and is not taken for a fast one when it was lost');
    write(240_000);
    t.notOk(window.isFull);
    write(20_000);
    t.ok(window.isFull, 'that is more than a second of its work');
    for (const _ of [1, 2, 3]) {
      await took(100);
      write(240_000);
    }
    t.notOk(window.isFull, 'it is faster now');
    t.equal(asked.length, 1);
  },
);

t.test(
  'nothing at all is added beyond the last bound, and a lost connection has taken all with it',
  async (t) => {
    const { window, write, asked } = world();
    write(limits.natsWindowBytesMax);
    t.same([window.isFull, window.isBursting], [true, false]);
    write(limits.natsOutboundBytesMax);
    t.ok(window.isBursting);
    const [before] = asked.splice(0);
    window.reset();
    before?.lost();
    write(limits.natsProbeBytes);
    t.same([window.isFull, window.bytes, asked.length], [false, limits.natsProbeBytes, 1]);
  },
);

t.test('what is written while there is no connection does not fill it for ever', async (t) => {
  const { window, write, asked } = world();
  window.reset();
  write(limits.natsProbeBytes);
  write(limits.natsOutboundBytesMax);
  t.ok(window.isBursting, 'nothing more is written, so nobody would ask again');
  asked.shift()?.lost();
  await new Promise((resolve) => setImmediate(resolve));
  t.same([window.isBursting, window.isFull, window.bytes], [false, false, 0]);
});
