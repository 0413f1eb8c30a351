import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { endProcess } from './process-identity.ts';

/** How a child server ended: by itself with a code, or by a signal. */
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type ChildServer = {
  readonly pid: number;
  /** Resolves when the process is gone, whoever ended it. */
  readonly exited: Promise<Exit>;
  /** True until the process is gone. */
  isRunning(): boolean;
  /** Sends the signals in order, each with its time to take effect, until the process is gone. */
  end(signals: Parameters<typeof endProcess>[1]): Promise<void>;
};

/** The tail of a log that an error message quotes: enough for the reason, not for the whole story. */
const tailBytes = 2_000;

/**
 * Starts a server whose output goes to `logPath` (the log of the run before is kept beside it, `.1`).
 * A file and no pipe: a pipe would break the server when this process is killed. It runs in a session of
 * its own: Ctrl-C reaches only this process, which first drains and then closes its servers.
 */
export async function startChild(
  command: string,
  args: readonly string[],
  logPath: string,
  options: Pick<SpawnOptions, 'env' | 'cwd' | 'uid' | 'gid'>,
): Promise<ChildServer> {
  await rename(logPath, `${logPath}.1`).catch(() => undefined);
  const output = openSync(logPath, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', output, output] });
  } finally {
    closeSync(output);
  }
  await once(child, 'spawn'); // rejects with the system's reason when there is no such program
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} has no pid`);

  // A crash of ours takes the child along where it can; after a kill -9 the next start ends it.
  const endWithUs = (): boolean => child.kill('SIGTERM');
  process.once('exit', endWithUs);
  const exited = once(child, 'exit').then(([code, signal]) => {
    process.removeListener('exit', endWithUs);
    return { code, signal } as Exit;
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    exited,
    isRunning,
    async end(signals) {
      if (isRunning()) await endProcess(pid, signals);
      await exited;
    },
  };
}

/** The last lines of a server's log, for the error that says why it did not start. */
export async function logTail(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.subarray(0, bytesRead).toString('utf8').trim();
  } finally {
    await file.close();
  }
}
