import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { holds } from '../../src/adapters/embedded/process-identity.ts';
import { openClock } from '../../src/adapters/system/clock.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { type TapResults, tapReader } from './tap-results.ts';

export type FileOutcome = TapResults & {
  /** The end of its stderr. */
  readonly stderr: string;
  /** The last lines that it printed: what it did when it was ended. Empty if it ended by itself. */
  readonly lastLines: string;
  readonly durationMs: number;
};

export type FileLimits = {
  /** A file that runs this long is ended: tap's own limit does not end one whose servers or teardown hang. */
  readonly runMs: number;
  /** After its last line a test file must end by itself (closing a node takes seconds on a busy machine); else it left something open. */
  readonly exitMs: number;
  /** What it started has this long to close its output, after it ended and again after SIGTERM. */
  readonly closeMs: number;
};

export const fileLimits: FileLimits = { runMs: 180_000, exitMs: 60_000, closeMs: 15_000 };

/** What is kept of a file's stderr, its end: enough to see why it failed. */
const stderrCharsMax = 20_000;
/** And of its stdout. */
const lastCharsMax = 2_000;

/**
 * Runs one compiled test file in a process of its own and reads its TAP. Node runs it directly and not
 * `tap run`: that loads a TypeScript compiler and coverage hooks into every file (3 s instead of 0.3 s)
 * and changes what the tests spawn. It leads a group of processes, with the nodes that it starts: they end
 * with it, so that none of them outlives it or keeps the runner waiting for the end of its output.
 */
export async function runTestFile(
  path: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  limits: FileLimits = fileLimits,
  clock: Pick<Clock, 'after'> = openClock(),
): Promise<FileOutcome> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [path], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const closed = once(child, 'close');
  let notLate: (() => void) | undefined;
  let endedBecause = '';
  const end = (reason: string): void => {
    if (endedBecause !== '') return;
    endedBecause = reason;
    void endGroup(child, limits.closeMs);
  };
  const { parser, results } = tapReader(() => {
    notLate ??= clock.after(limits.exitMs, () =>
      end(`still running ${limits.exitMs} ms after its last test: something is left open`),
    );
  });
  const inTime = clock.after(limits.runMs, () => end(`still running after ${limits.runMs} ms`));
  const abort = (): void => end('interrupted');
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  let [stderr, stdout] = ['', ''];
  // As texts: a character may come in two pieces, and the name of a test would be another one then.
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrCharsMax);
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-lastCharsMax);
    parser.write(text);
  });
  const [code, endSignal] = await once(child, 'exit');
  notLate?.();
  inTime();
  signal.removeEventListener('abort', abort);
  const leftBehind = await closeOutput(child, closed, limits.closeMs);
  parser.end();
  const reason =
    endedBecause ||
    (code === 0 ? leftBehind : `exit code ${String(code)}, signal ${String(endSignal)} ${leftBehind}`.trim());
  if (endedBecause !== '' || (reason !== '' && results.failed === 0)) {
    results.failed += 1;
    results.failures.push({ path: ['the process'], diagnosis: { reason } });
  }
  if (results.passed + results.failed + results.skipped === 0) {
    results.failed += 1;
    results.failures.push({ path: ['the file'], diagnosis: { reason: 'it contains no test' } });
  }
  const lastLines = endedBecause === '' ? '' : stdout;
  return { ...results, stderr, lastLines, durationMs: performance.now() - startedAt };
}

/** Ends a file and all that it started but servers in sessions of their own (their pid files tell of those). */
async function endGroup(child: ChildProcess, waitMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!signalGroup(child, signal)) return;
    if (await holds(async () => !signalGroup(child, 0), waitMs)) return;
  }
}

/** False if nobody is left in the group. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Waits until all that was printed is read. What still holds the output open after `waitMs` is ended first; returns
 * what there is to say about that.
 */
async function closeOutput(child: ChildProcess, closed: Promise<unknown>, waitMs: number): Promise<string> {
  let isOpen = true;
  void closed.finally(() => (isOpen = false));
  const isClosed = (): Promise<boolean> => holds(async () => !isOpen, waitMs);
  if (await isClosed()) return '';
  await endGroup(child, waitMs);
  if (!(await isClosed())) {
    child.stdout?.destroy();
    child.stderr?.destroy();
    await closed;
  }
  return 'a process that it started still ran after its end';
}
