/** The other side of parley-thread.ts: runs each command line that it is sent, and answers what came of it. */
import { parentPort } from 'node:worker_threads';
import { runProgram } from '../../../src/cli/program.ts';
import type { Ended } from './parley-process.ts';

export interface Call {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

const printed = { stdout: '', stderr: '' };

for (const name of ['stdout', 'stderr'] as const) {
  process[name].write = (chunk: string | Uint8Array): boolean => {
    printed[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  };
}

parentPort?.on('message', async ({ args, env }: Call) => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value;
  Object.assign(printed, { stdout: '', stderr: '' });
  process.exitCode = undefined;
  const code = await runProgram(args);
  const ended: Ended = { code, ...printed };
  parentPort?.postMessage(ended);
});
