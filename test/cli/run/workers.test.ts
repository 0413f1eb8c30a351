import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { isAlive } from '../../../src/adapters/embedded/process-identity.ts';
import { quietLogger } from '../../../src/cli/quiet-logger.ts';
import { superviseWorkers } from '../../../src/cli/run/workers.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import { type Teardown, temporaryDir } from '../../kit/temporary.ts';

/** A logger that answers the pids of started workers, one after another. */
function pidsOf(): { logger: Logger; next(): Promise<number> } {
  const seen: number[] = [];
  let wake = (): void => undefined;
  const logger: Logger = {
    ...quietLogger,
    info(fields, message) {
      if (message !== 'worker started') return;
      seen.push((fields as { pid: number }).pid);
      wake();
    },
  };
  const next = async (): Promise<number> => {
    while (seen.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return seen.shift() as number;
  };
  return { logger, next };
}

async function script(t: Teardown, source: string): Promise<readonly [string, string]> {
  const dir = await temporaryDir('workers');
  t.teardown(dir.remove);
  const path = join(dir.path, 'worker.mjs');
  await writeFile(path, source);
  return [process.execPath, path];
}

t.test('a worker that ends is replaced, and a signal ends all of them', async (t) => {
  const command = await script(
    t,
    `process.on('disconnect', () => process.exit(0)); setInterval(() => {}, 1000)`,
  );
  const { logger, next } = pidsOf();
  const supervised = superviseWorkers({ count: 2, command, env: process.env, log: logger });
  const [first, second] = [await next(), await next()];
  process.kill(first, 'SIGKILL');
  const third = await next();
  t.not(third, first);
  process.emit('SIGTERM', 'SIGTERM');
  await supervised;
  for (const pid of [first, second, third]) t.notOk(await isAlive(pid));
});

t.test('a worker that was asked to stop ends all of them', async (t) => {
  const command = await script(
    t,
    `process.on('disconnect', () => process.exit(0)); setInterval(() => {}, 1000);
     if (process.env.PARLEY_WORKER === '1') process.send('stop')`,
  );
  const { logger, next } = pidsOf();
  await superviseWorkers({ count: 2, command, env: process.env, log: logger });
  for (const pid of [await next(), await next()]) t.notOk(await isAlive(pid));
});

t.test('workers that do not start at all end the supervisor with a sentence', async (t) => {
  const command = await script(t, 'process.exit(3)');
  const { logger } = pidsOf();
  await t.rejects(
    superviseWorkers({ count: 1, command, env: process.env, log: logger, pauseMinMs: 1 }),
    /the workers do not start/,
  );
});
