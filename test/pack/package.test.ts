/** The package as others install it: its entries load in Node, load in browsers' bundlers, and have types. */
import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { repository, temporaryDir } from '../kit/temporary.ts';

t.setTimeout(180_000);

const run = promisify(execFile);
const app = await temporaryDir('pack');
t.teardown(app.remove);
const modules = join(app.path, 'node_modules');
const tsc = join(repository, 'node_modules/.bin/tsc');

/** What npm would install beside it. */
async function install(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(modules, name, '..'), { recursive: true });
    await symlink(join(repository, 'node_modules', name), join(modules, name));
  }
}

await run(tsc, ['-p', 'tsconfig.client.json'], { cwd: repository });
const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', app.path], {
  cwd: repository,
  maxBuffer: 64 * 1024 * 1024,
});
const [{ filename, files }] = JSON.parse(packed.stdout) as [
  { readonly filename: string; readonly files: readonly { readonly path: string }[] },
];
await mkdir(join(modules, 'parley'), { recursive: true });
await run('tar', ['xzf', join(app.path, filename), '-C', join(modules, 'parley'), '--strip-components=1']);
await writeFile(join(app.path, 'package.json'), '{"type":"module","private":true}');
await install('ws');

const uses = `
import { connect, ParleyProblem, uuidV7, type Event, type Posted } from 'parley/client';
import { ParleyChatTransport } from 'parley/ai-sdk';
import { liveSubject, ParleyNats } from 'parley/nats';

export async function use(): Promise<string> {
  const client = await connect({ url: 'http://127.0.0.1:9', token: 'none', connectTimeoutMs: 200 });
  const conversation = await client.conversations.create({ type: 'group', name: uuidV7() });
  const posted: Posted = await conversation.post({ content: 'hello', reply_to: null });
  for await (const item of client.follow({ deltas: true })) {
    if (item.type === 'delta') return item.text;
    // @ts-expect-error: nobody asked for pulses
    if (item.type === 'pulse') return item.kind;
    if (item.type === 'message.posted') return item.data.content;
    const other: Exclude<Event, { type: 'message.posted' }> | { type: 'reset' } = item;
    if (other.type === 'control') return String(posted.seq);
  }
  new ParleyChatTransport({ client });
  return liveSubject({ tenant: 't' }) + String(ParleyNats);
}
use().catch((error: unknown) => console.log(error instanceof ParleyProblem ? error.code : error));
`;

t.test('it has what a node needs, and no secrets', async (t) => {
  const paths = files.map(({ path }) => path);
  t.ok(paths.includes('dist/src/main.js'));
  t.ok(paths.includes('src/adapters/postgres/migrations/0003_walls.sql'));
  t.ok(paths.includes('nats-server.conf'));
  t.same(
    paths.filter((path) => /^(test|bench|dist\/test|dist\/bench|deploy\/secrets|\.data)\//.test(path)),
    [],
  );
});

t.test('its entries run in Node with nothing but ws beside them', async (t) => {
  // Types are gone when it runs: all three entries are loaded here.
  const code = uses
    .replace(
      /import \{[^}]*\} from 'parley\/client'/,
      `import { connect, ParleyProblem, uuidV7 } from 'parley/client'`,
    )
    .replace(/: Promise<string>|: Posted|: Exclude<[^=]*(?= =)|: unknown/g, '');
  await writeFile(join(app.path, 'uses.js'), code);
  const { stdout } = await run(process.execPath, ['uses.js'], { cwd: app.path });
  t.equal(stdout.trim(), 'unreachable');
});

for (const [name, options] of Object.entries({
  'Node (nodenext)': ['--module', 'nodenext'],
  'bundlers of browsers': [
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    '--lib',
    'es2023,dom,dom.asynciterable',
  ],
})) {
  t.test(`its types hold for ${name}`, async (t) => {
    await install('@sinclair/typebox', 'ai', '@ai-sdk', 'zod', '@standard-schema', '@types/node').catch(
      () => undefined,
    );
    await writeFile(join(app.path, 'uses.ts'), uses);
    const strict = [
      '--noEmit',
      '--strict',
      '--target',
      'es2023',
      '--exactOptionalPropertyTypes',
      '--skipLibCheck',
    ];
    const args = [...strict, ...options, 'uses.ts'];
    const said = await run(tsc, args, { cwd: app.path }).catch((error: { stdout: string }) => error);
    t.equal(said.stdout, '');
  });
}
