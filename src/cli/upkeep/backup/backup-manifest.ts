/** `manifest.json` of a backup, written last: a directory without it is no backup. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StreamSnapshot } from '../../../adapters/jetstream/backup/snapshot-stream.ts';
import type { DatabaseDump } from '../../../adapters/postgres/backup/dump-tables.ts';
import { Failure } from '../../failure.ts';

export interface BackupManifest {
  readonly format: 1;
  /** RFC 3339: everything acknowledged before it is in the backup. */
  readonly begunAt: string;
  /** Of Parley. */
  readonly version: string;
  readonly database: DatabaseDump;
  readonly streams: readonly StreamSnapshot[];
  /** File of the directory -> SHA-256, in hex. */
  readonly digests: Readonly<Record<string, string>>;
}

export const streamFile = (name: string): string => `${name}.tar.s2`;

const path = (dir: string): string => join(dir, 'manifest.json');

export async function writeManifest(dir: string, manifest: BackupManifest): Promise<void> {
  await writeFile(path(dir), `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
}

/** Throws a Failure unless the directory holds a whole backup, each file as it was written. */
export async function readManifest(dir: string): Promise<BackupManifest> {
  const text = await readFile(path(dir), 'utf8').catch(() => null);
  if (text === null)
    throw new Failure(`${dir} holds no manifest.json: it is no backup, or one that was not finished`);
  const manifest = parse(text, dir);
  for (const [file, digest] of Object.entries(manifest.digests)) {
    const found = await digestOf(join(dir, file)).catch(() => null);
    if (found !== digest)
      throw new Failure(`${join(dir, file)} is ${found === null ? 'missing' : 'damaged'}`);
  }
  return manifest;
}

function parse(text: string, dir: string): BackupManifest {
  try {
    const manifest = JSON.parse(text) as BackupManifest;
    if (manifest.format === 1) return manifest;
  } catch {
    // Said below.
  }
  throw new Failure(`the manifest of ${dir} is none of this version of Parley`);
}

export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
