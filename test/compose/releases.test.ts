import t from 'tap';
import { quietLogger } from '../../src/cli/quiet-logger.ts';
import { openReleases } from '../../src/compose/releases.ts';
import type { Logger } from '../../src/ports/logger.ts';

t.test('what was opened last is closed first, and only once', async (t) => {
  const closed: string[] = [];
  const releases = openReleases(quietLogger);
  for (const name of ['nats', 'postgres', 'server']) releases.add(name, async () => closed.push(name));
  await Promise.all([releases.close(), releases.close()]);
  await releases.close();
  t.same(closed, ['server', 'postgres', 'nats']);
});

t.test('one waits for the other', async (t) => {
  const steps: string[] = [];
  const releases = openReleases(quietLogger);
  releases.add('first', () => steps.push('first'));
  releases.add('second', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    steps.push('second');
  });
  await releases.close();
  t.same(steps, ['second', 'first']);
});

t.test('what fails to close is logged, and the rest is closed', async (t) => {
  const logged: object[] = [];
  const logger: Logger = { ...quietLogger, error: (fields) => void logged.push(fields) };
  let isClosed = false;
  const releases = openReleases(logger);
  releases.add('below', () => {
    isClosed = true;
  });
  releases.add('broken', () => {
    throw new Error('cannot');
  });
  releases.add('rejecting', () => Promise.reject(new Error('will not')));
  await releases.close();
  t.ok(isClosed);
  t.match(logged, [{ part: 'rejecting' }, { part: 'broken' }]);
});
