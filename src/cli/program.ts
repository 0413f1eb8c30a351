/** `parley` and its commands. Exit codes: 0 done, 1 failed, 2 called wrongly. */
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../config/package-version.ts';
import { Failure, sentenceOf } from './failure.ts';
import { note } from './output.ts';
import { devCommand } from './run/dev.ts';
import { serveCommand } from './run/serve.ts';
import { replayCommand } from './talk/replay.ts';
import { sendCommand } from './talk/send.ts';
import { tailCommand } from './talk/tail.ts';
import { tokenCommand } from './talk/token.ts';
import { benchCommand } from './upkeep/bench.ts';
import { checkConfigCommand } from './upkeep/check-config.ts';
import { doctorCommand } from './upkeep/doctor.ts';
import { migrateCommand } from './upkeep/migrate.ts';
import { rebuildProjectionCommand } from './upkeep/rebuild-projection.ts';
import { schemasCommand } from './upkeep/schemas.ts';

const commands = [
  devCommand,
  serveCommand,
  tailCommand,
  sendCommand,
  replayCommand,
  tokenCommand,
  doctorCommand,
  checkConfigCommand,
  migrateCommand,
  rebuildProjectionCommand,
  schemasCommand,
  benchCommand,
];

/** Runs one command line (without node and script) and answers the exit code. Never rejects. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const program = new Command('parley')
    .description('A conversation bus for users, agents and services over NATS JetStream')
    .version(packageVersion())
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride();
  for (const make of commands) {
    const command = make();
    command.copyInheritedSettings(program);
    program.addCommand(command);
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return exitCodeOf(error);
  }
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
