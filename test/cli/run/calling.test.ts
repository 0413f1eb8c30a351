import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import t from 'tap';
import { callingOf } from '../../../src/cli/run/calling.ts';
import { welcome } from '../../../src/cli/run/welcome.ts';
import { temporaryDir } from '../../kit/temporary.ts';

/** A package with `dist/src/main.js`, which says that it was called. */
async function packageAt(root: string): Promise<string> {
  await mkdir(join(root, 'dist/src'), { recursive: true });
  const script = join(root, 'dist/src/main.js');
  await writeFile(script, '#!/usr/bin/env node\nconsole.log("called", process.argv[2]);\n', { mode: 0o755 });
  return script;
}

t.test('what the welcome names can be called where it is printed', async (t) => {
  const dir = await temporaryDir("it's calling");
  t.teardown(dir.remove);
  const project = join(dir.path, 'project');
  const root = join(project, 'node_modules/parley');
  const script = await packageAt(root);
  const here = process.env['PATH'] ?? '';
  const called = (cwd: string, path = here): string => {
    const { parley } = callingOf(root, cwd, path);
    return execFileSync('sh', ['-c', `${parley} tail`], { cwd, env: { PATH: path }, encoding: 'utf8' });
  };

  t.equal(callingOf(root, root, here).parley, 'node dist/src/main.js');
  t.equal(called(root), 'called tail\n');
  t.equal(callingOf(root, project, here).parley, `node '${script.replaceAll("'", `'\\''`)}'`);
  t.equal(called(project), 'called tail\n');

  const bin = join(project, 'node_modules/.bin');
  await mkdir(bin);
  await symlink('../parley/dist/src/main.js', join(bin, 'parley'));
  t.equal(callingOf(root, project, here).parley, 'npx parley');
  t.equal(
    callingOf(root, dir.path, `${bin}${delimiter}${here}`).parley,
    `node '${script.replaceAll("'", `'\\''`)}'`,
    'what npm lends for a moment is not on the PATH of the next terminal',
  );

  const global = join(dir.path, 'bin');
  await mkdir(global);
  await symlink(script, join(global, 'parley'));
  const path = `${global}${delimiter}${here}`;
  t.equal(callingOf(root, project, path).parley, 'parley');
  t.equal(called(project, path), 'called tail\n');
});

t.test('the welcome of an installed package names nothing of the repository', async (t) => {
  const facts = {
    ...{
      url: 'http://127.0.0.1:3000',
      natsUrl: 'nats://127.0.0.1:4222',
      hasNatsDoor: true,
      dataDir: '/data',
    },
    administrator: {
      email: 'ann@example.org',
      password: 'a long one',
      path: '/data/admin.json',
      isNew: false,
    },
  };
  const installed = welcome({ ...facts, calling: { parley: 'npx parley', isRepository: false } });
  t.notMatch(installed, /`make|bench\/|dist\/|src\//);
  t.match(installed, /^ {2}export DATA_DIR='\/data'\n {2}npx parley tail\n {2}npx parley send "hello"$/m);
  t.match(installed, '/docs/guides/nats');
  const built = welcome({ ...facts, calling: { parley: 'node dist/src/main.js', isRepository: true } });
  t.match(built, /^node bench\/examples\/nats-service\.mjs /m);
});
