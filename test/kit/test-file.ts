import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TapResults, tapReader } from './tap-results.ts';

export type FileOutcome = TapResults & { readonly stderr: string; readonly durationMs: number };

/** A file that says nothing any more: tap's own limit is TAP_TIMEOUT, or what `t.setTimeout` says. */
const fileMsMax = 600_000;
/** After its last line a test file must end by itself; if it does not, it left something open. */
const exitMsMax = 5_000;
/** What is kept of a file's stderr, its end: enough to see why it failed. */
const stderrCharsMax = 20_000;

/**
 * Runs one compiled test file in a process of its own and reads its TAP. Node runs it directly and not
 * `tap run`: that loads a TypeScript compiler and coverage hooks into every file (3 s instead of 0.3 s)
 * and changes what the tests spawn.
 */
export async function runTestFile(
  path: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<FileOutcome> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [path], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let late: NodeJS.Timeout | undefined;
  let killedBecause = '';
  const kill = (reason: string): void => {
    killedBecause ||= reason;
    child.kill('SIGKILL');
  };
  const { parser, results } = tapReader(() => {
    late ??= setTimeout(
      () => kill(`still running ${exitMsMax} ms after its last test: something is left open`),
      exitMsMax,
    );
  });
  const limit = setTimeout(() => kill(`still running after ${fileMsMax} ms`), fileMsMax);
  const abort = (): void => kill('interrupted');
  signal.addEventListener('abort', abort);
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString('utf8')).slice(-stderrCharsMax);
  });
  child.stdout.on('data', (bytes: Buffer) => parser.write(bytes));
  const [code, endSignal] = await once(child, 'close');
  clearTimeout(late);
  clearTimeout(limit);
  signal.removeEventListener('abort', abort);
  parser.end();
  const reason =
    killedBecause || (code === 0 ? '' : `exit code ${String(code)}, signal ${String(endSignal)}`);
  if (reason !== '' && results.failed === 0) {
    results.failed += 1;
    results.failures.push({ path: ['the process'], diagnosis: { reason } });
  }
  if (results.passed + results.failed + results.skipped === 0) {
    results.failed += 1;
    results.failures.push({ path: ['the file'], diagnosis: { reason: 'it contains no test' } });
  }
  return { ...results, stderr, durationMs: performance.now() - startedAt };
}
