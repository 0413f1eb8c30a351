import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { repository, type Teardown, temporaryDir } from '../kit/temporary.ts';

const run = promisify(execFile);

/** A copy of the repository's script in an empty repository, with what is needed to run it. */
async function emptyRepository(t: Teardown): Promise<{ root: string; script: string }> {
  const dir = await temporaryDir('script');
  t.teardown(dir.remove);
  await mkdir(join(dir.path, 'deploy'));
  const script = join(dir.path, 'deploy/nats-server.sh');
  await copyFile(join(repository, 'deploy/nats-server.sh'), script);
  await chmod(script, 0o755);
  return { root: dir.path, script };
}

async function fakeServer(path: string, version: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho "nats-server: ${version}"\n`, { mode: 0o755 });
  return path;
}

async function provided(script: string, env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  return run(script, { env: { PATH: process.env['PATH'], ...env } });
}

t.test('the server that NATS_SERVER names is printed, and nothing else', async (t) => {
  const { root, script } = await emptyRepository(t);
  const named = await fakeServer(join(root, 'bin/my-server'), 'v2.12.0');
  t.same(await provided(script, { NATS_SERVER: named }), { stdout: `${named}\n`, stderr: '' });
});

t.test('a NATS_SERVER that is too old, or no nats-server, is refused with a sentence', async (t) => {
  const { root, script } = await emptyRepository(t);
  const old = await fakeServer(join(root, 'bin/old'), 'v2.11.9');
  for (const given of [old, '/bin/true', join(root, 'missing')]) {
    await t.rejects(provided(script, { NATS_SERVER: given }), {
      code: 1,
      stdout: '',
      stderr: /not a nats-server >= 2\.12/,
    });
  }
});

t.test('PATH is asked before .local, and a server on it that is too old is passed over', async (t) => {
  const { root, script } = await emptyRepository(t);
  const local = await fakeServer(join(root, '.local/bin/nats-server'), 'v2.15.1');
  const [older, newer] = [join(root, 'older'), join(root, 'newer')];
  await fakeServer(join(older, 'nats-server'), 'v2.10.27');
  await fakeServer(join(newer, 'nats-server'), 'v3.0.0-beta.1');
  const PATH = process.env['PATH'];
  t.equal((await provided(script, { PATH: `${older}:${PATH}` })).stdout, `${local}\n`);
  t.equal((await provided(script, { PATH: `${newer}:${PATH}` })).stdout, `${newer}/nats-server\n`);
});
