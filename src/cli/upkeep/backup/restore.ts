/** `parley restore DIR`: a backup into an empty nats-server and an empty database, proved complete. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { openLogStreams } from '../../../adapters/jetstream/backup/log-streams.ts';
import { isEmptyDatabase, restoreTables } from '../../../adapters/postgres/backup/restore-tables.ts';
import { migrate } from '../../../adapters/postgres/migrate.ts';
import type { Config } from '../../../config/config.ts';
import { Failure, sentenceOf as whyOf } from '../../failure.ts';
import { explain } from '../../help.ts';
import { print, printJson } from '../../output.ts';
import { openProgress } from '../../progress.ts';
import { quietLogger } from '../../quiet-logger.ts';
import { readConfig } from '../../read-config.ts';
import { rebuild, showProgress } from '../rebuild-projection.ts';
import { findServers, needDatabase, needNats } from '../servers.ts';
import { sentenceOf, summaryOf } from './backup.ts';
import { type BackupManifest, readManifest, streamFile } from './backup-manifest.ts';

export function restoreCommand(): Command {
  const command = new Command('restore')
    .description('fill an empty nats-server and an empty database from a backup; no node may run')
    .argument('<dir>', 'what `parley backup` wrote')
    .option('--json', 'print what was restored as JSON')
    .action(async (dir: string, { json }: { json?: boolean }) => {
      const manifest = await readManifest(dir);
      await restore(dir, manifest, readConfig());
      if (json === true) printJson(summaryOf(manifest));
      else print(`restored: ${sentenceOf(manifest)}`);
    });
  return explain(command, {
    notes: [
      'Checks every file before it changes anything, proves that all is there, and makes the projection. deploy/backup.md has the whole way. Refused halfway, begin again with empty servers.',
    ],
    json: '`{"begunAt","events","streams","rows","tables"}`.',
    examples: [
      ['restore ./backups/today', 'into what NATS_URL and DATABASE_URL name, with the version that made it'],
    ],
  });
}

/** The projection is made anew from the log that was restored: so it is what the log says. */
async function restore(dir: string, manifest: BackupManifest, config: Config): Promise<void> {
  const servers = await findServers(config, config.dataDir);
  const [natsUrl, databaseUrl] = [needNats(servers), needDatabase(servers)];
  const isEmpty = await isEmptyDatabase(databaseUrl).catch((error: unknown) => {
    throw new Failure(`no connection to PostgreSQL: ${whyOf(error)}`, 1, { cause: error });
  });
  if (!isEmpty)
    throw new Failure('the database is not empty: make a new one (createdb) and name it in DATABASE_URL');
  const logStreams = await openLogStreams({ url: natsUrl, credsFile: servers.natsCreds, log: quietLogger });
  try {
    if ((await logStreams.names()).length > 0)
      throw new Failure(
        'nats-server holds a log already: start it on an empty PARLEY_NATS_STORE, and no node',
      );
    await restoreDatabase(databaseUrl, dir, manifest);
    for (const snapshot of manifest.streams) {
      const file = join(dir, streamFile(snapshot.name));
      const log = openProgress(snapshot.name, 'KB');
      const totalKb = (await stat(file)).size / 1024;
      const onBytes = (bytes: number): void => log.update(bytes / 1024, totalKb);
      const { lastSeq } = await logStreams.restore(snapshot, file, config.replicas, onBytes);
      log.end();
      if (lastSeq < snapshot.lastSeq)
        throw new Failure(
          `${snapshot.name} ends at ${lastSeq} and not at ${snapshot.lastSeq}: begin again with empty servers`,
        );
    }
  } finally {
    await logStreams.close();
  }
  await rebuild(config, showProgress());
}

async function restoreDatabase(
  url: string,
  dir: string,
  { database, version }: BackupManifest,
): Promise<void> {
  const ran = await migrate(url, quietLogger);
  if (ran.join() !== database.migrations.join())
    throw new Failure(`the backup has another schema: restore it with Parley ${version}, then upgrade`);
  const tables = openProgress('PostgreSQL', 'tables');
  await restoreTables(url, database, dir, tables.update);
  tables.end();
}
