/** `parley bench`: runs the programs of bench/, with its arguments passed on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { packagePath } from '../../config/package-path.ts';
import { Failure } from '../failure.ts';

export function benchCommand(): Command {
  return new Command('bench')
    .description('measure this machine: the same programs as `make bench`')
    .option('--quick', 'in less than a minute')
    .allowExcessArguments(false)
    .action(async ({ quick }: { quick?: boolean }) => {
      const script = packagePath('dist/bench/run.js');
      if (!existsSync(script)) throw new Failure('the benches are not built; run `make bench`');
      const args = [...process.execArgv, script, ...(quick === true ? ['--quick'] : [])];
      const child = spawn(process.execPath, args, { stdio: 'inherit' });
      const [code] = (await once(child, 'exit')) as [number | null];
      process.exitCode = code ?? 1;
    });
}
