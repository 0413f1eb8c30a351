import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** 256 bits, so that nobody guesses it even with the server's port open to them. */
const passwordBytes = 32;

/** The password kept in `path`, made at first use. */
export function keptPassword(path: string): Promise<string> {
  return keptSecret(path, () => `${randomBytes(passwordBytes).toString('base64url')}\n`);
}

/**
 * The secret text kept in `path`, made at first use. The file has mode 0600 and is complete from the moment
 * it exists; two processes that make it at once end up with the same one.
 */
export async function keptSecret(path: string, make: () => string): Promise<string> {
  const kept = await read(path);
  if (kept !== undefined) return kept;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, make(), { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  const made = await read(path);
  if (made === undefined) throw new Error(`the file ${path} is empty`);
  return made;
}

async function read(path: string): Promise<string | undefined> {
  try {
    const password = (await readFile(path, 'utf8')).trim();
    await chmod(path, 0o600);
    return password === '' ? undefined : password;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
