import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** How often a condition of another process is looked at: it cannot tell us, so we ask. */
const pollMs = 10;

/** True while a process with this id exists (a zombie does not count: it does no work any more). */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = await procStat(pid);
  return stat === undefined || (stat[0] !== 'Z' && stat[0] !== 'X');
}

/** The command line of a process, arguments joined by spaces; '' if there is no such process. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.split('\0').join(' ').trim();
  }
  return ps(pid, 'args=');
}

/**
 * When the process started, as an opaque text: with the pid it names one process for good, also after
 * the pid was given to another one. '' if there is no such process.
 */
export async function startMark(pid: number): Promise<string> {
  if (process.platform !== 'linux') return ps(pid, 'lstart=');
  // Field 22 of stat(5): start time in clock ticks since boot; procStat begins at field 3.
  return (await procStat(pid))?.[19] ?? '';
}

/**
 * Ends a process: sends the signals in their order, each with its time to take effect, and returns when
 * the process is gone. `signals` should end with SIGKILL.
 */
export async function endProcess(
  pid: number,
  signals: readonly (readonly [signal: NodeJS.Signals, waitMs: number])[],
): Promise<void> {
  for (const [signal, waitMs] of signals) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw error;
    }
    if (await holds(async () => !(await isAlive(pid)), waitMs)) return;
  }
  throw new Error(`process ${pid} does not end`);
}

/** Waits until `condition` holds; false if it does not within `waitMs`. */
export async function holds(condition: () => Promise<boolean>, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (!(await condition())) {
    if (performance.now() >= deadline) return false;
    await delay(pollMs);
  }
  return true;
}

/** Fields of /proc/<pid>/stat from the state on (the name before it may contain spaces and brackets). */
async function procStat(pid: number): Promise<string[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const end = text.lastIndexOf(')');
  return end < 0 ? undefined : text.slice(end + 2).split(' ');
}

function ps(pid: number, field: string): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', field, '-p', String(pid)], (error, stdout) =>
      resolve(error ? '' : stdout.trim()),
    );
  });
}
