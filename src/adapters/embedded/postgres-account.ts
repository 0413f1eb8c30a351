import { execFile, type SpawnOptions } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Account = { readonly uid: number; readonly gid: number };

/** A command line and the options to start it with. */
export type Launch = {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: Pick<SpawnOptions, 'uid' | 'gid'>;
};

/**
 * PostgreSQL refuses to run as root. Answers undefined for an ordinary user; for root the account
 * `postgres`, which is made if the machine has none.
 */
export async function postgresAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const found = await account().catch(() => undefined);
  if (found !== undefined) return found;
  // Debian's and RedHat's tools, else those of BusyBox. A start beside ours may have been faster, so the
  // look-up decides and not their exit codes.
  await run('groupadd', ['--system', 'postgres'])
    .catch(() => run('addgroup', ['-S', 'postgres']))
    .catch(() => 0);
  await run('useradd', ['--system', '--gid', 'postgres', 'postgres'])
    .catch(() => run('adduser', ['-S', '-D', '-H', '-G', 'postgres', 'postgres']))
    .catch(() => 0);
  return account();
}

/**
 * How to start `command` under the account. Root's home and temporary directories are often closed to
 * others; when one lies above a path that the server needs, it keeps one capability, which lets it pass.
 */
export async function launch(
  command: string,
  args: readonly string[],
  as: Account | undefined,
  paths: readonly string[],
): Promise<Launch> {
  if (as === undefined) return { command, args, options: {} };
  const open = await Promise.all([command, ...paths].map((path) => mayPass(path, as)));
  if (open.every(Boolean)) return { command, args, options: as };
  const ids = [`--reuid=${as.uid}`, `--regid=${as.gid}`, '--clear-groups'];
  const capabilities = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return { command: 'setpriv', args: [...ids, ...capabilities, command, ...args], options: {} };
}

async function account(): Promise<Account> {
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** True if the account may enter every directory above `path`. */
async function mayPass(path: string, as: Account): Promise<boolean> {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    const { mode, uid, gid } = await stat(dir);
    const bit = uid === as.uid ? 0o100 : gid === as.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}
