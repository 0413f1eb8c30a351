/** Programs that are engines: run without a shell, for so long, with so much to say, and killed otherwise. */
import { spawn } from 'node:child_process';

export interface Run {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly timeoutMs: number;
  readonly outputBytesMax: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** `missing`: there is no such program. `failed`: it ended with an error. `late`, `too_large`: it was killed. */
export type RunFault = 'missing' | 'failed' | 'late' | 'too_large';

/** What it wrote to its standard output. Never rejects. */
export function runProgram(run: Run): Promise<Buffer | RunFault> {
  const { program, timeoutMs, outputBytesMax } = run;
  return new Promise((resolve) => {
    const signal = AbortSignal.any([run.signal, AbortSignal.timeout(timeoutMs)]);
    const child = spawn(program, [...run.arguments], {
      ...{ signal, killSignal: 'SIGKILL', windowsHide: true },
      stdio: ['ignore', 'pipe', 'ignore'],
      // Nothing of our own environment: it holds secrets.
      env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' },
    });
    const pieces: Buffer[] = [];
    let bytes = 0;
    let fault: RunFault | null = null;
    child.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= outputBytesMax) pieces.push(piece);
      else {
        fault = 'too_large';
        child.kill('SIGKILL');
      }
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      fault ??= error.code === 'ENOENT' ? 'missing' : signal.aborted ? 'late' : 'failed';
      // Without a process nothing closes.
      if (child.pid === undefined) resolve(fault);
    });
    child.on('close', (code) => resolve(fault ?? (code === 0 ? Buffer.concat(pieces) : 'failed')));
  });
}
