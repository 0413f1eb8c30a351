/** `parley migrate`: brings the schema up to date, or says what is missing. */
import { Command } from 'commander';
import { migrate, pendingMigrations } from '../../adapters/postgres/migrate.ts';
import { Failure, sentenceOf } from '../failure.ts';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { quietLogger } from '../quiet-logger.ts';
import { readConfig } from '../read-config.ts';
import { findServers, needDatabase } from './servers.ts';

type MigrateOptions = { readonly dryRun?: boolean; readonly json?: boolean };

export function migrateCommand(): Command {
  const command = new Command('migrate')
    .description('bring the schema of DATABASE_URL up to date')
    .option('--dry-run', 'only say what would run')
    .option('--json', 'print the names of the migrations as JSON')
    .action(async (options: MigrateOptions) => {
      const config = readConfig();
      const url = needDatabase(await findServers(config, config.dataDir));
      const names = await run(url, options.dryRun === true);
      if (options.json === true) printJson({ migrations: names, ran: options.dryRun !== true });
      else if (names.length === 0) print('nothing to do: the schema is up to date');
      else for (const name of names) print(`${options.dryRun === true ? 'pending' : 'ran'}  ${name}`);
    });
  return explain(command, {
    notes: [
      'A node does the same when it starts. Each migration is a transaction of its own; a second run finds nothing to do, and who comes at the same time waits. There is no way back but a restore.',
    ],
    json: '`{"migrations":[…],"ran":true|false}`.',
    examples: [
      ['migrate --dry-run', 'what would run'],
      ['migrate', 'run it; before the first new node, or in a deployment pipeline'],
    ],
  });
}

async function run(url: string, isDryRun: boolean): Promise<readonly string[]> {
  try {
    return isDryRun ? await pendingMigrations(url) : await migrate(url, quietLogger);
  } catch (error) {
    throw new Failure(`the migration failed: ${sentenceOf(error)}`, 1, { cause: error });
  }
}
