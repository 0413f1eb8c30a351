/** What npm starts ends with npm, although npm passes no signal on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import t from 'tap';

t.setTimeout(60_000);

const stopSignals = new URL('../../../src/cli/run/stop-signals.js', import.meta.url).href;
/**
 * What it prints: its pid and its parent's, then why it ends; `orphaned` when it goes on for two looks after its parent ended.
 * It ends by itself should the test fail.
 */
const waiting = `
import { listenForStop } from '${stopSignals}';
const stop = listenForStop();
const { pid, ppid } = process;
setTimeout(() => process.exit(3), 30_000);
const look = setInterval(() => {
  if (process.ppid === ppid) return;
  clearInterval(look);
  if (process.env.IS_TO_STAY) setTimeout(() => console.log('orphaned'), 1_200);
}, 50);
console.log(pid + ' ' + ppid);
console.log(await stop.asked);
process.exit(0);`;

/** As npm starts a command: by a shell that stays above it. */
const standIn = `
process.title = process.env.TITLE;
const { spawn } = require('node:child_process');
spawn('sh', ['-c', '"$NODE" --input-type=module -e "$WAITING"; exit $?'], { stdio: 'inherit' });
setInterval(() => undefined, 1_000);`;

async function started(title: string, more: Readonly<Record<string, string>>) {
  const above = spawn(process.execPath, ['-e', standIn], {
    env: { PATH: process.env['PATH'], NODE: process.execPath, WAITING: waiting, TITLE: title, ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(above.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value ?? 'it ended';
  const [pid = 0, shell = 0] = (await next()).split(' ').map(Number);
  return { above, pid, shell, next };
}

const byNpm = { npm_lifecycle_event: 'npx' };

t.test('the shell of npm ends, as it does of a SIGTERM to npm', async (t) => {
  const { above, shell, next } = await started('npm exec parley dev', byNpm);
  process.kill(shell, 'SIGTERM');
  t.equal(await next(), 'npm gone');
  above.kill('SIGKILL');
});

t.test('npm ends and leaves its shell', { skip: process.platform !== 'linux' }, async (t) => {
  const { above, next } = await started('npm exec parley dev', byNpm);
  above.kill('SIGKILL');
  await once(above, 'exit');
  t.equal(await next(), 'npm gone');
});

t.test('what a shell left behind goes on', { skip: process.platform !== 'linux' }, async (t) => {
  for (const [title, env] of [
    ['npm exec parley dev', {}],
    ['a program', byNpm],
  ] as const) {
    const { above, pid, shell, next } = await started(title, { ...env, IS_TO_STAY: 'yes' });
    above.kill('SIGKILL');
    process.kill(shell, 'SIGKILL');
    t.equal(await next(), 'orphaned');
    process.kill(pid, 'SIGTERM');
    t.equal(await next(), 'SIGTERM');
  }
});
