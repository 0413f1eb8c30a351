import t from 'tap';
import {
  bufferedBytesOf,
  closeSlowReaders,
  Lingering,
  type Reader,
} from '../../../src/adapters/uws/slow-readers.ts';
import { until } from '../../kit/log-entries.ts';

class Stalled implements Reader {
  bufferedBytes: number;
  closed: string | null = null;
  constructor(bytes: number) {
    this.bufferedBytes = bytes;
  }
  closeIfSlow(): boolean {
    if (this.bufferedBytes <= 400) return false;
    this.close('slow_consumer');
    return true;
  }
  close(reason: string): void {
    this.closed = reason;
    this.bufferedBytes = 0;
  }
}

t.test(
  'those over their own bound are closed; of all together those with the most, until they are under',
  async (t) => {
    const readers = [0, 500, 100, 300, 200, 390].map((bytes) => new Stalled(bytes));
    closeSlowReaders(readers, 1_000);
    t.same(
      readers.map(({ closed }) => closed !== null),
      [false, true, false, false, false, false],
      'together they have 990',
    );
    readers.push(new Stalled(100));
    closeSlowReaders(readers, 1_000);
    t.same(
      readers.map(({ closed }) => closed !== null),
      [false, true, false, false, false, true, false],
      'the one with 390 leaves 700, which is three quarters',
    );
    t.equal(bufferedBytesOf(readers), 700);
  },
);

t.test('what closed readers may still read is bounded, and counted for as long as it is kept', async (t) => {
  const lingering = new Lingering(1_000, 10);
  t.equal(lingering.admit(800), true);
  t.equal(lingering.admit(300), false, 'no room: this one ends at once');
  t.equal(lingering.admit(200), true);
  await until(() => lingering.admit(1_000));
});
