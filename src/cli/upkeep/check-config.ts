/** `parley check-config`: every variable with its present value, its default and its meaning. */
import { Command } from 'commander';
import { configTable, readEnvironment, shownConfig } from '../../config/config.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { columns, note, print, printJson } from '../output.ts';

type CheckConfigOptions = { readonly mode: string; readonly json?: boolean };

export function checkConfigCommand(): Command {
  const command = new Command('check-config')
    .description('print every environment variable with its value, and say what is wrong')
    .option('--mode <mode>', 'whose defaults: those of `dev` or of `serve`', 'serve')
    .option('--json', 'print variables, errors and warnings as JSON')
    .action(checkConfig);
  return explain(command, {
    notes: ['Secrets are hidden. Ends with 1 when a node would refuse to start with them.'],
    json: '`{"variables":[{"name","value","default","meaning"}],"errors":[…],"warnings":[…]}`.',
    examples: [
      ['check-config', 'as `parley serve` sees it'],
      ['check-config --mode dev', 'as `parley dev` sees it'],
    ],
  });
}

/** The mapping of claims alone takes 230: it must not push the meanings of all others off the screen. */
const widthMax = 36;

function checkConfig({ mode, json }: CheckConfigOptions): void {
  if (mode !== 'dev' && mode !== 'serve') throw new Failure('--mode is dev or serve', 2);
  const { config, errors, warnings } = readEnvironment(process.env, mode);
  const values = new Map(shownConfig(config).map(({ name, value }) => [name, value]));
  const rows = configTable().map((row) => ({ ...row, value: values.get(row.name) ?? 'unset' }));
  if (json === true) printJson({ variables: rows, errors, warnings });
  else {
    const head = ['VARIABLE', 'VALUE', 'DEFAULT', 'MEANING'];
    const cells = rows.map((row) => [row.name, row.value, row.default, row.meaning]);
    print(columns([head, ...cells], widthMax));
    for (const warning of warnings) note(`warning: ${warning}`);
    for (const error of errors) note(`error: ${error}`);
  }
  if (errors.length > 0) process.exitCode = 1;
}
