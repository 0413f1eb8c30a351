import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, freePorts } from '../../src/adapters/embedded/free-port.ts';

/** The part of a tap test that the kit needs: what was started is stopped when the test ends. */
export type Teardown = { teardown(stop: () => Promise<unknown> | unknown): unknown };

/** The repository, seen from dist/test/kit/. */
export const repository = fileURLToPath(new URL('../../../', import.meta.url));

export type TemporaryDir = { readonly path: string; remove(): Promise<void> };

/** A new empty directory; `remove` deletes it. Other accounts may pass (PostgreSQL never runs as root). */
export async function temporaryDir(name: string): Promise<TemporaryDir> {
  const path = await mkdtemp(join(tmpdir(), `parley-${name}-`));
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Files named after ports: where the test runner keeps which of them its test files have. */
export const portsFolder = 'PARLEY_TEST_PORTS';

/**
 * A free port that nobody else gets meanwhile, so that a server can come back on it: below the range from
 * which systems give ports to outgoing connections, from a random start because tests run side by side, and under
 * one runner no port twice.
 */
export async function quietPort(): Promise<number> {
  for (let attempt = 0; attempt < portAttemptsMax; attempt += 1) {
    const port = await freePort(15_000 + Math.floor(Math.random() * 15_000));
    if (await isKept(port)) return port;
  }
  throw new Error('every port that was looked at belongs to another test');
}

const portAttemptsMax = 100;

/** False: another test has it, also while its server is away. */
async function isKept(port: number): Promise<boolean> {
  const folder = process.env[portsFolder];
  if (folder === undefined) return true;
  try {
    await writeFile(join(folder, String(port)), '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The first of so many quiet ports in a row, which a cluster finds again as they were. */
export async function quietPorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const first = await quietPort();
    const ports = await freePorts(count, first);
    if (ports.every((port, index) => port === first + index)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}
