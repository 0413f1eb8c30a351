/** JSON files with secrets: mode 0600, and complete from the moment they exist. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes `content` whole or not at all: a reader never sees half of it, a kill -9 leaves the former. */
export async function writePrivateFile(path: string, content: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, path);
}

/** The object in the file; null when there is none or it is no JSON object. Other errors are thrown. */
export async function readPrivateFile(path: string): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const read: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof read === 'object' ? (read as Readonly<Record<string, unknown>> | null) : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
