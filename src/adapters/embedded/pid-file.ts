import { randomBytes } from 'node:crypto';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { commandLine, endProcess, isAlive, startMark } from './process-identity.ts';

/** Attempts to take over from owners that vanish meanwhile; more means a start-up loop somewhere. */
const claimAttemptsMax = 20;

type Owner = { readonly pid: number; readonly started: string };

/**
 * Claims a store for this process through the file `path`, so that two Parleys never work on one store.
 * A claim of a process that is gone is taken over. Throws if another living process holds it.
 * Returns the function that gives it back.
 */
export async function claim(path: string): Promise<() => Promise<void>> {
  const mine = JSON.stringify({ pid: process.pid, started: await startMark(process.pid) } satisfies Owner);
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, mine, { flag: 'wx' });
  try {
    for (let attempt = 0; attempt < claimAttemptsMax; attempt += 1) {
      if (await linked(draft, path)) return () => release(path, mine);
      await removeStale(path);
    }
  } finally {
    await unlink(draft);
  }
  throw new Error(`cannot claim ${path}`);
}

/**
 * The pid in the first line of `path`, if that process lives and its command line contains `mark`: a
 * number alone may by now belong to a stranger.
 */
export async function runningPid(path: string, mark: string): Promise<number | undefined> {
  const pid = Number.parseInt((await textOf(path)).split('\n', 1)[0] ?? '', 10);
  if (!Number.isSafeInteger(pid) || pid <= 1 || !(await isAlive(pid))) return undefined;
  return (await commandLine(pid)).includes(mark) ? pid : undefined;
}

/**
 * Ends the server that an earlier, killed Parley left on a store, and returns its pid. It is ended and
 * not adopted, because then the new server always has today's binary, configuration and port, and its
 * end is noticed like that of any child.
 */
export async function endOrphan(
  path: string,
  mark: string,
  signals: Parameters<typeof endProcess>[1],
): Promise<number | undefined> {
  const pid = await runningPid(path, mark);
  if (pid !== undefined) await endProcess(pid, signals);
  return pid;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the claim of an owner that is gone; throws if it lives. */
async function removeStale(path: string): Promise<void> {
  const text = await textOf(path);
  const owner = parsed(text);
  if (owner !== undefined && (await isAlive(owner.pid)) && (await startMark(owner.pid)) === owner.started) {
    throw new Error(`process ${owner.pid} already works on this store (${path})`);
  }
  const aside = `${path}.stale.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Between our look and the rename, someone else may have put a living claim there: give it back.
  if ((await textOf(aside)) !== text) await linked(aside, path);
  await unlink(aside);
}

async function release(path: string, mine: string): Promise<void> {
  if ((await textOf(path)) === mine) await unlink(path).catch(() => undefined);
}

function parsed(text: string): Owner | undefined {
  try {
    const { pid, started } = JSON.parse(text) as Partial<Owner>;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
