/** `parley replay`: prints what was, once, and ends. A conversation by a node; a whole tenant from the log itself. */
import { Command } from 'commander';
import { openTenantLog } from '../../adapters/jetstream/log/tenant-log.ts';
import type { Event } from '../../domain/event.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { print, printed, printJson } from '../output.ts';
import { openProgress, type Progress } from '../progress.ts';
import { quietLogger } from '../quiet-logger.ts';
import { readConfig } from '../read-config.ts';
import { findServers, needNats } from '../upkeep/servers.ts';
import { type AccountOptions, openAccount, withAccountOptions } from './account.ts';
import { type EventBounds, isWithin } from './event-bounds.ts';
import { eventLine } from './event-line.ts';
import { Disconnected, openNativeSocket, Refused } from './native-socket.ts';
import { eventTypesOption, positionOption, timeOption } from './option-values.ts';

type ReplayOptions = AccountOptions &
  EventBounds & {
    readonly conversation?: string;
    readonly tenant?: string;
    readonly json?: boolean;
  };

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('print the events of a conversation, or of a whole tenant, and end')
    .option('--conversation <id>', 'of this conversation; its participant asks a node')
    .option('--tenant <id>', 'of this tenant, from the log (needs NATS_URL and NATS_CREDS of a node)')
    .option('--from <position>', 'the first position of each conversation', positionOption, 1)
    .option('--to <position>', 'the last position of each conversation', positionOption)
    .option('--since <time>', 'what was written from then on: 2026-01-31, 2026-01-31T10:00Z', timeOption)
    .option('--until <time>', 'what was written before then', timeOption)
    .option('--types <types>', 'only these, with commas: message.posted,control', eventTypesOption)
    .option('--json', 'print each event as one line of JSON');
  withAccountOptions(command).action(replay);
  return explain(command, {
    notes: [
      'With both, of one conversation from the log. Texts of class `phi` and `secret` stay sealed in what is read from the log; who takes part reads them by a node.',
    ],
    json: 'each event as one line, as PROTOCOL.md has it.',
    examples: [
      ['replay --conversation ID', 'all of a conversation'],
      ['replay --conversation ID --from 100 --to 200', 'a part of it'],
      ['replay --conversation ID --types control --json', 'who paused, routed and preempted what'],
      [
        'replay --tenant TENANT --since 2026-01-31 --json > events.jsonl',
        'what all of a tenant did since then',
      ],
    ],
  });
}

async function replay(options: ReplayOptions): Promise<void> {
  const { conversation, tenant, from, to = Number.POSITIVE_INFINITY } = options;
  if (to < from) throw new Failure('--to is before --from', 2);
  if (tenant !== undefined) return replayLog(tenant, options);
  if (conversation === undefined) throw new Failure('give --conversation, or --tenant', 2);
  await replayConversation(conversation, options);
}

function show(event: Event, { json, conversation, ...bounds }: ReplayOptions): void {
  if (!isWithin(event, bounds)) return;
  if (json === true) printJson(event);
  else print(eventLine(event, conversation === undefined));
}

/** A bar between the lines of a terminal would only disturb. */
function openReplayProgress(): Progress | null {
  return process.stdout.isTTY ? null : openProgress('replay', 'events');
}

async function replayLog(tenant: string, options: ReplayOptions): Promise<void> {
  const config = readConfig();
  const servers = await findServers(config, options.dataDir ?? config.dataDir);
  const log = await openTenantLog({
    ...{ url: needNats(servers), credsFile: servers.natsCreds, log: quietLogger },
  });
  const progress = openReplayProgress();
  try {
    const { conversation, since } = options;
    let found = 0;
    for await (const { event } of log.entries(tenant, since ?? null)) {
      found += 1;
      progress?.update(log.progress.read, log.progress.total);
      if (conversation !== undefined && event.conversation !== conversation) continue;
      show(event, options);
      await printed(); // a slow reader of a long log must not fill the memory
    }
    if (found > 0) progress?.end();
    if (found === 0 && since === undefined) throw new Failure(`the log holds nothing of a tenant ${tenant}`);
  } finally {
    await log.close();
  }
}

async function replayConversation(conversation: string, options: ReplayOptions): Promise<void> {
  const { from, to = Number.POSITIVE_INFINITY } = options;
  const account = await openAccount(options, process.env);
  const progress = openReplayProgress();
  let reached = 0;
  let wake = (): void => undefined;
  const socket = await openNativeSocket(account, (push) => {
    const event = push['ev'] as Event | undefined;
    if (event === undefined) return;
    show(event, options);
    reached = event.position;
    wake();
  });
  try {
    const after = Math.max(from, 1) - 1;
    const reply = await socket.request('open', { conversation, after });
    const [opened] = reply['conversations'] as { position: number }[];
    if (opened === undefined) {
      throw new Refused(
        'not_found',
        `there is no conversation ${conversation}, or this account is not in it`,
      );
    }
    // What is posted while it prints comes after the end that was asked for, but may be printed, too.
    const end = Math.min(opened.position, to);
    if (end < from) return;
    const isOver = new Promise<void>((resolve) => {
      wake = () => {
        progress?.update(Math.min(reached, end) - after, end - after);
        if (reached >= end) resolve();
      };
      wake();
    });
    const lost = socket.closed.then(() => {
      throw new Disconnected('the connection was lost before the end');
    });
    await Promise.race([isOver, lost]);
    progress?.end();
  } catch (error) {
    throw error instanceof Failure ? error : new Failure('the replay failed', 1, { cause: error });
  } finally {
    socket.close();
  }
}
