/** `parley check-config`: every variable with its present value, its default and its meaning. */
import { Command } from 'commander';
import { configTable, readEnvironment, shownConfig } from '../../config/config.ts';
import { Failure } from '../failure.ts';
import { columns, note, print, printJson } from '../output.ts';

type CheckConfigOptions = { readonly mode: string; readonly json?: boolean };

export function checkConfigCommand(): Command {
  return new Command('check-config')
    .description(
      'print every environment variable: value (secrets hidden), default, meaning; say what is wrong',
    )
    .option('--mode <mode>', 'whose defaults: those of `dev` or of `serve`', 'serve')
    .option('--json', 'print variables, errors and warnings as JSON')
    .action(checkConfig);
}

function checkConfig({ mode, json }: CheckConfigOptions): void {
  if (mode !== 'dev' && mode !== 'serve') throw new Failure('--mode is dev or serve', 2);
  const { config, errors, warnings } = readEnvironment(process.env, mode);
  const values = new Map(shownConfig(config).map(({ name, value }) => [name, value]));
  const rows = configTable().map((row) => ({ ...row, value: values.get(row.name) ?? 'unset' }));
  if (json === true) printJson({ variables: rows, errors, warnings });
  else {
    const head = ['VARIABLE', 'VALUE', 'DEFAULT', 'MEANING'];
    print(columns([head, ...rows.map((row) => [row.name, row.value, row.default, row.meaning])]));
    for (const warning of warnings) note(`warning: ${warning}`);
    for (const error of errors) note(`error: ${error}`);
  }
  if (errors.length > 0) process.exitCode = 1;
}
