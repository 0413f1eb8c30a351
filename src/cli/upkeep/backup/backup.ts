/** `parley backup DIR`: everything that cannot be made again, while nodes run. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { openLogStreams } from '../../../adapters/jetstream/backup/log-streams.ts';
import type { StreamSnapshot } from '../../../adapters/jetstream/backup/snapshot-stream.ts';
import { dumpTables } from '../../../adapters/postgres/backup/dump-tables.ts';
import { packageVersion } from '../../../config/package-version.ts';
import { Failure } from '../../failure.ts';
import { explain } from '../../help.ts';
import { makeDirectory } from '../../make-directory.ts';
import { print, printJson } from '../../output.ts';
import { openProgress } from '../../progress.ts';
import { quietLogger } from '../../quiet-logger.ts';
import { readConfig } from '../../read-config.ts';
import { findServers, needDatabase, needNats } from '../servers.ts';
import { type BackupManifest, digestOf, streamFile, writeManifest } from './backup-manifest.ts';

export function backupCommand(): Command {
  const command = new Command('backup')
    .description('write the log and what PostgreSQL alone knows to a directory, while nodes run')
    .argument('<dir>', 'where to: it is made, or must be empty')
    .option('--json', 'print what was written as JSON')
    .action(async (dir: string, { json }: { json?: boolean }) => {
      const manifest = await backUp(dir);
      if (json === true) printJson(summaryOf(manifest));
      else print(`${dir}: ${sentenceOf(manifest)}`);
    });
  return explain(command, {
    notes: [
      'What is in it and what is not, and how it comes back: deploy/backup.md. Files are for their owner alone.',
    ],
    json: '`{"begunAt","events","streams","rows","tables"}`.',
    examples: [
      ['backup ./backups/today', 'with the environment of a node, or beside `parley dev`'],
      ['restore ./backups/today', 'into empty servers, with the same version'],
    ],
  });
}

/** Postgres first: whatever it refers to in a conversation is in the log that is written after it. */
async function backUp(dir: string): Promise<BackupManifest> {
  const config = readConfig();
  const servers = await findServers(config, config.dataDir);
  const [natsUrl, databaseUrl] = [needNats(servers), needDatabase(servers)];
  await makeDirectory(dir, 0o700);
  if ((await readdir(dir)).length > 0) throw new Failure(`${dir} is not empty`);
  const begunAt = new Date().toISOString();
  const logStreams = await openLogStreams({ url: natsUrl, credsFile: servers.natsCreds, log: quietLogger });
  try {
    const names = await logStreams.names();
    if (names.length === 0)
      throw new Failure('there is no log yet: no node was ever started on this nats-server');
    const tables = openProgress('PostgreSQL', 'tables');
    const database = await dumpTables(databaseUrl, dir, tables.update);
    tables.end();
    const streams: StreamSnapshot[] = [];
    for (const name of names) {
      const log = openProgress(name, 'KB');
      const onBytes = (bytes: number): void => log.update(bytes / 1024, null);
      streams.push(await logStreams.snapshot(name, join(dir, streamFile(name)), onBytes));
      log.end();
    }
    const files = [...database.tables.map(({ file }) => file), ...names.map(streamFile)];
    const digests: Record<string, string> = {};
    const sums = openProgress('checksums', 'files');
    for (const [at, file] of files.entries()) {
      digests[file] = await digestOf(join(dir, file));
      sums.update(at + 1, files.length);
    }
    sums.end();
    const manifest = { format: 1, begunAt, version: packageVersion(), database, streams, digests } as const;
    await writeManifest(dir, manifest);
    return manifest;
  } finally {
    await logStreams.close();
  }
}

export function summaryOf({ begunAt, database, streams }: BackupManifest) {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  return {
    begunAt,
    events: sum(streams.map(({ messages }) => messages)),
    streams: streams.length,
    rows: sum(database.tables.map(({ rows }) => rows)),
    tables: database.tables.length,
  };
}

export function sentenceOf(manifest: BackupManifest): string {
  const { events, streams, rows, tables, begunAt } = summaryOf(manifest);
  return `${events} events in ${streams} streams, ${rows} rows in ${tables} tables, as of ${begunAt}`;
}
