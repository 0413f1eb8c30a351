import t from 'tap';
import { openPool } from '../../../src/adapters/postgres/pool.ts';
import { openProjectionMarks } from '../../../src/adapters/postgres/projection-marks.ts';
import { startProjection } from '../../kit/projection.ts';

const { marks, url, writer, logger } = await startProjection(t);

t.test('a mark moves on and never back, whoever is late', async (t) => {
  t.equal(await marks.read(3, 'first'), null);
  await marks.write({ partition: 3, feed: 'first', sequence: 0 });
  t.equal(await marks.read(3, 'first'), 0, 'none yet and at the beginning are two things');
  await Promise.all(
    [7, 9_007_199_254_740_991, 8].map((sequence) => marks.write({ partition: 3, feed: 'first', sequence })),
  );
  t.equal(await marks.read(3, 'first'), 9_007_199_254_740_991);
  t.equal(await marks.read(4, 'first'), null);
});

t.test('a feed that was made anew begins anew', async (t) => {
  await marks.write({ partition: 5, feed: 'first', sequence: 90 });
  t.equal(await marks.read(5, 'second'), null);
  await marks.write({ partition: 5, feed: 'second', sequence: 2 });
  t.equal(await marks.read(5, 'second'), 2);
  t.equal(await marks.read(5, 'first'), null);
});

t.test('a rebuild forgets the marks, for the tables are empty', async (t) => {
  await marks.write({ partition: 6, feed: 'first', sequence: 90 });
  await writer.reset();
  t.equal(await marks.read(6, 'first'), null);
});

t.test('a mark that cannot be kept is no mark: the batch comes again', async (t) => {
  const pool = openPool({ url, role: 'parley_projector', max: 1, log: logger });
  await pool.close();
  const closed = openProjectionMarks(pool);
  await t.rejects(closed.write({ partition: 1, feed: 'first', sequence: 1 }));
  await t.rejects(closed.read(1, 'first'));
});
