/** A directory that is to a session what the repository is to a newcomer, with a node of `parley dev` on its data. */
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { startDev } from '../processes/parley-process.ts';
import { startNats, testNatsBinary } from '../servers/nats.ts';
import { startPostgres } from '../servers/postgres.ts';
import { quietPort, repository, type Teardown, temporaryDir } from '../temporary.ts';
import type { Place } from './session.ts';

/** Where something may be written, and what is nobody's business here. All else is only read. */
const own = ['deploy', '.data', '.git'];

export async function openNewcomer(t: Teardown): Promise<Place & { called(): Promise<readonly string[]> }> {
  const { path: dir, remove } = await temporaryDir('guides');
  t.teardown(remove);
  const linked = (await readdir(repository)).filter((name) => !own.includes(name));
  for (const name of linked) await symlink(join(repository, name), join(dir, name));
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
