/** What a run leaves behind: bench/results/latest.json. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../stack.ts';
import type { Figure } from './figure.ts';

export type Failure = { readonly scenario: string; readonly message: string };

export type Report = {
  readonly at: string;
  readonly mode: 'full' | 'quick';
  readonly commit: string;
  readonly machine: { readonly processor: string; readonly cores: number; readonly memoryGiB: number };
  readonly node: string;
  readonly tookSec: number;
  readonly figures: readonly Figure[];
  readonly failures: readonly Failure[];
};

export async function makeReport(
  given: Pick<Report, 'mode' | 'tookSec' | 'figures' | 'failures'>,
): Promise<Report> {
  return {
    at: new Date().toISOString(),
    commit: await commit(),
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    node: process.version,
    ...given,
  };
}

/** Writes the report; answers the path. */
export async function writeReport(report: Report): Promise<string> {
  const dir = join(repository, 'bench/results');
  await mkdir(dir, { recursive: true });
  const path = join(dir, 'latest.json');
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

async function commit(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['describe', '--always', '--dirty'], {
      cwd: repository,
    });
    return stdout.trim();
  } catch {
    return 'unknown'; // a copy without its history
  }
}
