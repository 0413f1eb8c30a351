/** `parley replay`: prints a conversation's events once, from a position on, and ends. */
import { Command } from 'commander';
import type { Event } from '../../domain/event.ts';
import { Failure } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { type AccountOptions, openAccount, withAccountOptions } from './account.ts';
import { eventLine } from './event-line.ts';
import { Disconnected, openNativeSocket, Refused } from './native-socket.ts';
import { positionOption } from './option-values.ts';

type ReplayOptions = AccountOptions & {
  readonly conversation: string;
  readonly from: number;
  readonly json?: boolean;
};

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('print a conversation once, from a position on')
    .requiredOption('--conversation <id>', 'the conversation')
    .option('--from <position>', 'the first position to print', positionOption, 1)
    .option('--json', 'print each event as one line of JSON');
  return withAccountOptions(command).action(replay);
}

async function replay(options: ReplayOptions): Promise<void> {
  const { conversation } = options;
  const account = await openAccount(options, process.env);
  let reached = 0;
  let wake = (): void => undefined;
  const socket = await openNativeSocket(account, (push) => {
    const event = push['ev'] as Event | undefined;
    if (event === undefined) return;
    if (options.json === true) printJson(event);
    else print(eventLine(event, false));
    reached = event.position;
    wake();
  });
  try {
    const after = Math.max(options.from, 1) - 1;
    const reply = await socket.request('open', { conversation, after });
    const [opened] = reply['conversations'] as { position: number }[];
    if (opened === undefined) {
      throw new Refused(
        'not_found',
        `there is no conversation ${conversation}, or this account is not in it`,
      );
    }
    if (opened.position < options.from) return;
    // What is posted while it prints comes after the end that was asked for, but may be printed, too.
    const isOver = new Promise<void>((resolve) => {
      wake = () => (reached >= opened.position ? resolve() : undefined);
      wake();
    });
    const lost = socket.closed.then(() => {
      throw new Disconnected('the connection was lost before the end');
    });
    await Promise.race([isOver, lost]);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure('the replay failed', 1, { cause: error });
  } finally {
    socket.close();
  }
}
