/** `parley migrate`: brings the schema up to date, or says what is missing. */
import { Command } from 'commander';
import { type MigrationStep, migrate, pendingMigrations } from '../../adapters/postgres/migrate.ts';
import { Failure, sentenceOf } from '../failure.ts';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { openProgress } from '../progress.ts';
import { quietLogger } from '../quiet-logger.ts';
import { readConfig } from '../read-config.ts';
import { findServers, needDatabase } from './servers.ts';

type MigrateOptions = { readonly dryRun?: boolean; readonly json?: boolean };

export function migrateCommand(): Command {
  const command = new Command('migrate')
    .description('bring the schema of DATABASE_URL up to date')
    .option('--dry-run', 'only say what would run')
    .option('--json', 'print progress and the names of the migrations as JSON')
    .action(async (options: MigrateOptions) => {
      const config = readConfig();
      const url = needDatabase(await findServers(config, config.dataDir));
      const names = options.dryRun === true ? await pending(url) : await run(url, options.json === true);
      if (options.json === true) printJson({ migrations: names, ran: options.dryRun !== true });
      else if (names.length === 0) print('nothing to do: the schema is up to date');
      else for (const name of names) print(`${options.dryRun === true ? 'pending' : 'ran'}  ${name}`);
    });
  return explain(command, {
    notes: [
      'A node does the same when it starts. Each migration is a transaction of its own; a second run finds nothing to do, and who comes at the same time waits. There is no way back but a restore.',
    ],
    json: 'a line for each migration that has run, `{"migration","number","total","ms"}`; at last `{"migrations":[…],"ran":true|false}`.',
    examples: [
      ['migrate --dry-run', 'what would run'],
      ['migrate', 'run it; before the first new node, or in a deployment pipeline'],
    ],
  });
}

function pending(url: string): Promise<readonly string[]> {
  return pendingMigrations(url).catch((error: unknown) => {
    throw new Failure(`the migration failed: ${sentenceOf(error)}`, 1, { cause: error });
  });
}

async function run(url: string, isJson: boolean): Promise<readonly string[]> {
  const progress = isJson ? jsonSteps() : shownSteps();
  try {
    return await migrate(url, quietLogger, progress.step);
  } catch (error) {
    throw new Failure(failureOf(error, progress.running()), 1, { cause: error });
  } finally {
    progress.end();
  }
}

/** Each is whole or not at all: who is told where it stopped can mend the cause and go on. */
function failureOf(error: unknown, running: MigrationStep | null): string {
  const why = `the migration failed: ${sentenceOf(error)}`;
  if (running === null) return why;
  const { name, number, total } = running;
  return `${why}\n  ${name} was number ${number} of ${total} and is undone, those before it have run: mend it, and run this again`;
}

interface ShownSteps {
  step(step: MigrationStep): void;
  /** The one that has begun and is not done. */
  running(): MigrationStep | null;
  end(): void;
}

function shownSteps(): ShownSteps {
  const progress = openProgress('schema', 'migrations');
  let running: MigrationStep | null = null;
  let hasBegun = false;
  return {
    step(step) {
      hasBegun = true;
      running = step.isDone ? null : step;
      progress.update(step.isDone ? step.number : step.number - 1, step.total);
    },
    running: () => running,
    end: () => (hasBegun ? progress.end() : undefined),
  };
}

function jsonSteps(): ShownSteps {
  let running: MigrationStep | null = null;
  let begunMs = 0;
  return {
    step(step) {
      running = step.isDone ? null : step;
      if (!step.isDone) begunMs = performance.now();
      else {
        const { name: migration, number, total } = step;
        printJson({ migration, number, total, ms: Math.round(performance.now() - begunMs) });
      }
    },
    running: () => running,
    end: () => undefined,
  };
}
