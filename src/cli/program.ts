/** `parley` and its commands. Exit codes: 0 done, 1 failed, 2 called wrongly. */
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../config/package-version.ts';
import { Failure, sentenceOf } from './failure.ts';
import { note } from './output.ts';

/**
 * Name of a command -> what makes it, in the order of the help. Loaded when it is asked for: a `send` does
 * not wait for the code of databases.
 */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  dev: async () => (await import('./run/dev.ts')).devCommand(),
  cluster: async () => (await import('./run/cluster.ts')).clusterCommand(),
  serve: async () => (await import('./run/serve.ts')).serveCommand(),
  tail: async () => (await import('./talk/tail.ts')).tailCommand(),
  send: async () => (await import('./talk/send.ts')).sendCommand(),
  replay: async () => (await import('./talk/replay.ts')).replayCommand(),
  token: async () => (await import('./talk/token.ts')).tokenCommand(),
  admin: async () => (await import('./admin/admin.ts')).adminCommand(),
  doctor: async () => (await import('./upkeep/doctor.ts')).doctorCommand(),
  'check-config': async () => (await import('./upkeep/check-config.ts')).checkConfigCommand(),
  migrate: async () => (await import('./upkeep/migrate.ts')).migrateCommand(),
  'rebuild-projection': async () =>
    (await import('./upkeep/rebuild-projection.ts')).rebuildProjectionCommand(),
  backup: async () => (await import('./upkeep/backup/backup.ts')).backupCommand(),
  restore: async () => (await import('./upkeep/backup/restore.ts')).restoreCommand(),
  schemas: async () => (await import('./upkeep/schemas.ts')).schemasCommand(),
  bench: async () => (await import('./upkeep/bench.ts')).benchCommand(),
};

/** Runs one command line (without node and script) and answers the exit code. Never rejects. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const program = new Command('parley')
    .description('A conversation bus for users, agents and services over NATS JetStream')
    .version(packageVersion())
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride();
  const [first = ''] = args;
  const asked = Object.hasOwn(commands, first) ? commands[first] : undefined;
  for (const make of asked === undefined ? Object.values(commands) : [asked]) {
    const command = await make();
    inherit(program, command);
    program.addCommand(command);
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** A command answers to its errors as its parent does, and so do the commands below it. */
function inherit(parent: Command, command: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(command, child);
}

function exitCodeOf(error: unknown): number {
  // Commander has printed what is to be said: the help (0) or what is wrong with the arguments.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  note(`parley: ${sentenceOf(error)}`);
  if (!(error instanceof Failure) && process.env['LOG_LEVEL'] === 'debug' && error instanceof Error) {
    note(error.stack ?? '');
  }
  return error instanceof Failure ? error.exitCode : 1;
}
