import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { keptPassword } from '../../../src/adapters/embedded/credentials.ts';
import { freePort } from '../../../src/adapters/embedded/free-port.ts';
import { claim, endOrphan, runningPid } from '../../../src/adapters/embedded/pid-file.ts';
import { isAlive } from '../../../src/adapters/embedded/process-identity.ts';
import { type Teardown, temporaryDir } from '../../kit/temporary.ts';

async function scratch(t: Teardown): Promise<string> {
  const dir = await temporaryDir('scratch');
  t.teardown(dir.remove);
  return dir.path;
}

t.test('of many that claim a store at once exactly one gets it', async (t) => {
  const dir = await scratch(t);
  const path = join(dir, 'owner');
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => claim(path)));
  const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  t.equal(won.length, 1);
  await won[0]!.value();
  t.same(await readdir(dir), [], 'a given back claim leaves nothing');
});

t.test('claims of the dead and of their successors in the pid are taken over', async (t) => {
  const dir = await scratch(t);
  const path = join(dir, 'owner');
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  const stale = [
    JSON.stringify({ pid: child.pid, started: '1' }),
    JSON.stringify({ pid: process.pid, started: '1' }),
    '',
  ];
  for (const text of stale) {
    await writeFile(path, text);
    const release = await claim(path);
    await release();
  }
  t.same(await readdir(dir), []);
});

t.test('a pid file that names a stranger ends nobody', async (t) => {
  const path = join(await scratch(t), 'server.pid');
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const exited = once(stranger, 'exit');
  t.teardown(async () => {
    stranger.kill('SIGKILL');
    await exited;
  });
  await writeFile(path, `${stranger.pid}\n`);
  t.equal(await endOrphan(path, '/the/store', [['SIGKILL', 1_000]]), undefined);
  t.equal(await isAlive(stranger.pid!), true);
  t.equal(await runningPid(path, 'setInterval'), stranger.pid);
  t.equal(await endOrphan(path, 'setInterval', [['SIGKILL', 5_000]]), stranger.pid);
  t.equal(await isAlive(stranger.pid!), false);
});

t.test('nonsense in a pid file names nobody', async (t) => {
  const path = join(await scratch(t), 'server.pid');
  for (const text of ['', 'x', '-1', '0', '1', '99999999999999999999']) {
    await writeFile(path, text);
    t.equal(await runningPid(path, ''), undefined, JSON.stringify(text));
  }
});

t.test('a kept password is made once, for its owner only', async (t) => {
  const path = join(await scratch(t), 'deep/password');
  const passwords = await Promise.all(Array.from({ length: 5 }, () => keptPassword(path)));
  t.equal(new Set([...passwords, await keptPassword(path)]).size, 1);
  t.match(passwords[0], /^[\w-]{43}$/);
  t.equal((await stat(path)).mode & 0o777, 0o600);
});

t.test('a free port is the preferred one, or the next that is free', async (t) => {
  const port = await freePort();
  t.equal(await freePort(port), port);
  const blocker = createServer().listen(port, '127.0.0.1');
  await once(blocker, 'listening');
  t.teardown(() => blocker.close());
  t.not(await freePort(port), port);
});
