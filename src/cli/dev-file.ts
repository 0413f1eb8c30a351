/**
 * `<DATA_DIR>/cli.json`: how other commands find and enter what `parley dev` runs, so that `parley tail` or
 * `parley doctor` in a second terminal needs no argument. It is there while `parley dev` runs.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

export interface DevFile {
  /** `http://host:port` of the running node. */
  readonly url: string;
  /** The administrator's login. */
  readonly email: string;
  readonly password: string;
  readonly natsUrl: string;
  /** Path of Parley's own credentials for it; '' when they are in the URL. */
  readonly natsCreds: string;
  /** With credentials. */
  readonly databaseUrl: string;
}

const fields = ['url', 'email', 'password', 'natsUrl', 'natsCreds', 'databaseUrl'] as const;

/** Returns what removes it. */
export async function writeDevFile(dataDir: string, content: DevFile): Promise<() => Promise<void>> {
  const path = join(dataDir, 'cli.json');
  await writePrivateFile(path, content);
  return () => rm(path, { force: true });
}

/** Null when no `parley dev` runs on this directory, or the file is not ours to read. */
export async function readDevFile(dataDir: string): Promise<DevFile | null> {
  const read = await readPrivateFile(join(dataDir, 'cli.json')).catch(() => null);
  const isWhole = read !== null && fields.every((name) => typeof read[name] === 'string');
  return isWhole ? (read as unknown as DevFile) : null;
}
