/** `parley` and its commands. Exit codes: 0 done, 1 failed, 2 called wrongly. */
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../config/package-version.ts';
import { Failure, sentenceOf } from './failure.ts';
import { firstSteps } from './help.ts';
import { note, ReaderGone } from './output.ts';

/**
 * Name of a command -> what makes it, in the order of the help, below its heading. Loaded when it is asked for: a `send`
 * does not wait for the code of databases.
 */
const groups: Readonly<Record<string, Readonly<Record<string, () => Promise<Command>>>>> = {
  'Run it:': {
    dev: async () => (await import('./run/dev.ts')).devCommand(),
    cluster: async () => (await import('./run/cluster.ts')).clusterCommand(),
    serve: async () => (await import('./run/serve.ts')).serveCommand(),
  },
  'Talk to a node:': {
    send: async () => (await import('./talk/send.ts')).sendCommand(),
    tail: async () => (await import('./talk/tail.ts')).tailCommand(),
    replay: async () => (await import('./talk/replay.ts')).replayCommand(),
    bench: async () => (await import('./talk/bench.ts')).benchCommand(),
    token: async () => (await import('./talk/token.ts')).tokenCommand(),
  },
  'Look after a deployment:': {
    doctor: async () => (await import('./upkeep/doctor.ts')).doctorCommand(),
    'check-config': async () => (await import('./upkeep/check-config.ts')).checkConfigCommand(),
    admin: async () => (await import('./admin/admin.ts')).adminCommand(),
    migrate: async () => (await import('./upkeep/migrate.ts')).migrateCommand(),
    'rebuild-projection': async () =>
      (await import('./upkeep/rebuild-projection.ts')).rebuildProjectionCommand(),
    backup: async () => (await import('./upkeep/backup/backup.ts')).backupCommand(),
    restore: async () => (await import('./upkeep/backup/restore.ts')).restoreCommand(),
  },
  'Work on Parley itself:': {
    schemas: async () => (await import('./upkeep/schemas.ts')).schemasCommand(allCommands),
  },
};

/** Every command, in the order of the help. */
export async function allCommands(): Promise<readonly Command[]> {
  const made: Command[] = [];
  for (const [heading, commands] of Object.entries(groups)) {
    for (const make of Object.values(commands)) made.push((await make()).helpGroup(heading));
  }
  return made;
}

async function commandsFor(name: string): Promise<readonly Command[]> {
  for (const commands of Object.values(groups)) {
    const make = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (make !== undefined) return [await make()];
  }
  return allCommands();
}

/** Runs one command line (without node and script) and answers the exit code. Never rejects. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const isJson = asksForJson(args);
  const program = new Command('parley')
    .description('A conversation bus for users, agents and services over NATS JetStream')
    .version(packageVersion())
    .addHelpText('after', firstSteps)
    .exitOverride();
  if (isJson) program.configureOutput({ writeErr: () => undefined });
  else program.showHelpAfterError('(add --help for what is possible)');
  for (const command of await commandsFor(args[0] ?? '')) {
    inherit(program, command);
    program.addCommand(command);
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return exitCodeOf(error, isJson);
  }
}

/** Then errors are JSON, too: they are read by a program. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).includes('--json');
}

/** A command answers to its errors as its parent does, and so do the commands below it. */
function inherit(parent: Command, command: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(command, child);
}

function exitCodeOf(error: unknown, isJson: boolean): number {
  // Commander has printed what is to be said: the help (0) or, for people, what is wrong with the arguments.
  if (error instanceof CommanderError) {
    const code = error.exitCode === 0 ? 0 : 2;
    if (isJson && code !== 0) noteError(error.message.replace(/^error: /, ''), code);
    return code;
  }
  if (error instanceof ReaderGone) return 0;
  const exitCode = error instanceof Failure ? error.exitCode : 1;
  if (isJson) noteError(sentenceOf(error), exitCode, error instanceof Failure ? error.code : null);
  else note(`parley: ${sentenceOf(error)}`);
  if (!(error instanceof Failure) && process.env['LOG_LEVEL'] === 'debug' && error instanceof Error) {
    note(error.stack ?? '');
  }
  return exitCode;
}

/** `code`: of the table of problems, where a node refused. */
function noteError(message: string, exitCode: number, code: string | null = null): void {
  note(JSON.stringify({ error: { ...(code === null ? {} : { code }), message, exit_code: exitCode } }));
}
