/** Installs the real server below `.local/`, which git ignores: when a bench first asks for it, and then no more. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../kit/stack.ts';

export type InstalledEliza = {
  /** The entry of `@elizaos/server`, as it is published. */
  readonly entry: string;
  /** The runtime that it is made for. */
  readonly bun: string;
};

const source = join(repository, 'bench/peers/eliza/server');
const installMsMax = 600_000;

/**
 * 340 MB by `npm ci`, of exactly what the lock file in server/ names, without install scripts: nothing that the
 * server loads needs one. An installation that was cut short is never used. Throws a sentence when it fails.
 */
export async function installEliza(say: (line: string) => void): Promise<InstalledEliza> {
  const lock = await readFile(join(source, 'package-lock.json'));
  const peers = join(repository, '.local/peers');
  const dir = join(peers, `eliza-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (!(await exists(dir))) {
    say('installing the real @elizaos/server, once');
    await mkdir(peers, { recursive: true });
    const made = await mkdtemp(join(peers, 'installing-'));
    try {
      await install(made);
      await rename(made, dir).catch(async (error: unknown) => {
        if (!(await exists(dir))) throw error; // else another run was faster
      });
    } finally {
      await rm(made, { recursive: true, force: true });
    }
  }
  return {
    entry: join(dir, 'node_modules/@elizaos/server/dist/index.js'),
    bun: join(dir, 'node_modules/@oven', bunPackage(), 'bin/bun'),
  };
}

async function install(dir: string): Promise<void> {
  for (const name of ['package.json', 'package-lock.json'])
    await copyFile(join(source, name), join(dir, name));
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--loglevel=error'];
  try {
    await promisify(execFile)('npm', ['ci', ...options], { cwd: dir, timeout: installMsMax });
  } catch (error) {
    const why = (error as { stderr?: string }).stderr?.trim() || String(error);
    throw new Error(`npm cannot install the real @elizaos/server: ${why}`);
  }
}

function bunPackage(): string {
  const processor = process.arch === 'arm64' ? 'aarch64' : process.arch;
  return `bun-${process.platform}-${processor}`;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
