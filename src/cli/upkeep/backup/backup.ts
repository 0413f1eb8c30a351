/** `parley backup DIR`: everything that cannot be made again, while nodes run. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { openLogStreams } from '../../../adapters/jetstream/backup/log-streams.ts';
import type { StreamSnapshot } from '../../../adapters/jetstream/backup/snapshot-stream.ts';
import { dumpTables } from '../../../adapters/postgres/backup/dump-tables.ts';
import { packageVersion } from '../../../config/package-version.ts';
import { Failure } from '../../failure.ts';
import { note, print, printJson } from '../../output.ts';
import { quietLogger } from '../../quiet-logger.ts';
import { readConfig } from '../../read-config.ts';
import { findServers, needDatabase, needNats } from '../servers.ts';
import { type BackupManifest, digestOf, streamFile, writeManifest } from './backup-manifest.ts';

export function backupCommand(): Command {
  return new Command('backup')
    .description(
      'write the log and what Postgres alone knows to a new directory; nodes may run (deploy/backup.md)',
    )
    .argument('<dir>', 'made, or empty')
    .option('--json', 'print what was written as JSON')
    .action(async (dir: string, { json }: { json?: boolean }) => {
      const manifest = await backUp(dir);
      if (json === true) printJson(summaryOf(manifest));
      else print(`${dir}: ${sentenceOf(manifest)}`);
    });
}

/** Postgres first: whatever it refers to in a conversation is in the log that is written after it. */
async function backUp(dir: string): Promise<BackupManifest> {
  const config = readConfig();
  const servers = await findServers(config, config.dataDir);
  const [natsUrl, databaseUrl] = [needNats(servers), needDatabase(servers)];
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if ((await readdir(dir)).length > 0) throw new Failure(`${dir} is not empty`);
  const begunAt = new Date().toISOString();
  const logStreams = await openLogStreams({ url: natsUrl, credsFile: servers.natsCreds, log: quietLogger });
  try {
    const names = await logStreams.names();
    if (names.length === 0)
      throw new Failure('there is no log yet: no node was ever started on this nats-server');
    note('what Postgres alone knows');
    const database = await dumpTables(databaseUrl, dir);
    const streams: StreamSnapshot[] = [];
    for (const name of names) {
      note(name);
      streams.push(await logStreams.snapshot(name, join(dir, streamFile(name))));
    }
    const files = [...database.tables.map(({ file }) => file), ...names.map(streamFile)];
    const digests: Record<string, string> = {};
    for (const file of files) digests[file] = await digestOf(join(dir, file));
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
