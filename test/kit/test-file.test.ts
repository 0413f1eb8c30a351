/** The runner's own promise: a file that hangs, or leaves something running, fails within its bounds and is gone. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { isAlive } from '../../src/adapters/embedded/process-identity.ts';
import { until } from './log-entries.ts';
import { MovedClock } from './memory/moved-clock.ts';
import { temporaryDir } from './temporary.ts';
import { type FileOutcome, fileLimits, runTestFile } from './test-file.ts';

const never = new AbortController().signal;
const short = { ...fileLimits, closeMs: 300 };

/** A process that ends by SIGKILL alone, and keeps open what it was given to print on. */
const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1_000);`;

/** A test file which starts such a process, prints `said`, tells of the process, and then does what `more` says. */
async function fileWith(
  t: Test,
  said: string,
  more: string,
): Promise<{ path: string; pidOfChild(): Promise<number> }> {
  const dir = await temporaryDir('test-file');
  t.teardown(dir.remove);
  const [path, pidPath] = [join(dir.path, 'one.test.mjs'), join(dir.path, 'pid')];
  await writeFile(
    path,
    `import { spawn } from 'node:child_process';
    import { renameSync, writeFileSync } from 'node:fs';
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(`${stubborn} console.log('up')`)}], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    console.log('TAP version 14');
    console.log('# Subtest: first\\n    ok 1 - said\\n    1..1\\nok 1 - first');
    console.log(${JSON.stringify(said)});
    writeFileSync(${JSON.stringify(`${pidPath}.new`)}, String(child.pid));
    renameSync(${JSON.stringify(`${pidPath}.new`)}, ${JSON.stringify(pidPath)});
    ${more}`,
  );
  const text = (): Promise<string> => readFile(pidPath, 'utf8').catch(() => '');
  return {
    path,
    async pidOfChild() {
      await until(async () => (await text()) !== '');
      return Number(await text());
    },
  };
}

const reasons = ({ failures }: FileOutcome): unknown[] =>
  failures.map(({ diagnosis }) => diagnosis['reason']);

t.test('what a file leaves running is ended, and the file fails', async (t) => {
  const file = await fileWith(t, '1..1', 'process.exit(0);');
  const outcome = await runTestFile(file.path, process.env, never, short);
  t.match(outcome, { passed: 1, failed: 1 });
  t.same(reasons(outcome), ['a process that it started still ran after its end']);
  const pid = await file.pidOfChild();
  await until(async () => !(await isAlive(pid)));
});

t.test('an interrupted file is ended with what it started', async (t) => {
  const file = await fileWith(t, '# on and on', stubborn);
  const interrupted = new AbortController();
  const running = runTestFile(file.path, process.env, interrupted.signal, short);
  const pid = await file.pidOfChild();
  interrupted.abort();
  const outcome = await running;
  t.match(reasons(outcome), ['interrupted']);
  await until(async () => !(await isAlive(pid)));
});

t.test('a file that takes too long is ended, and its last lines are told', async (t) => {
  const file = await fileWith(t, '# here it stays', stubborn);
  const clock = new MovedClock();
  const running = runTestFile(file.path, process.env, never, short, clock);
  const pid = await file.pidOfChild();
  clock.advance(short.runMs);
  const outcome = await running;
  t.match(reasons(outcome), [`still running after ${short.runMs} ms`]);
  t.match(outcome.lastLines, /# here it stays/);
  await until(async () => !(await isAlive(pid)));
});
