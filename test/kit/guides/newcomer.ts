/** A directory that is to a session what the repository is to a newcomer, with a node of `parley dev` on its data. */
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { startDev } from '../processes/parley-process.ts';
import { startNats, testNatsBinary } from '../servers/nats.ts';
import { startPostgres } from '../servers/postgres.ts';
import { quietPort, repository, type Teardown, temporaryDir } from '../temporary.ts';
import type { Place } from './session.ts';

/** Read, never written. */
const linked = [
  'dist',
  'src',
  'bench',
  'schemas',
  'node_modules',
  'package.json',
  'Makefile',
  'nats-server.conf',
];

export async function openNewcomer(t: Teardown): Promise<Place & { called(): Promise<readonly string[]> }> {
  const { path: dir, remove } = await temporaryDir('guides');
  t.teardown(remove);
  for (const name of linked) await symlink(join(repository, name), join(dir, name));
  if (existsSync(join(repository, '.local'))) await symlink(join(repository, '.local'), join(dir, '.local'));
  await cp(join(repository, 'deploy'), join(dir, 'deploy'), { recursive: true });
  await mkdir(join(dir, '.data'));
  const natsPort = await quietPort();
  const dev = await startDev(t, join(dir, '.data'), { NATS_PORT: String(natsPort) });
  const [nats, database] = [await startNats(t), await startPostgres(t, { isBare: true })];
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    LOG_LEVEL: 'warn',
    NATS_SERVER: await testNatsBinary(),
    PORT: new URL(dev.url).port,
    EMPTY_NATS_URL: nats.url,
    EMPTY_NATS_CREDS: nats.credsFile,
    EMPTY_DATABASE_URL: database.url,
  };
  return {
    dir,
    httpPort: Number(new URL(dev.url).port),
    natsPort,
    env,
    /** Programs that a stand-in was called for, once for each call. */
    called: async () => (await readFile(join(dir, 'stood-in.log'), 'utf8')).trimEnd().split('\n'),
  };
}
