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
import { eventTypesOption, positionOption, timeOption } from './option-values.ts';
import { placeSentences, Refused, tellOfLosses, withClient } from './with-client.ts';

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

/** How long a node may be away in the middle. */
const awayMsMax = 60_000;

async function replayConversation(id: string, options: ReplayOptions): Promise<void> {
  const { to = Number.POSITIVE_INFINITY } = options;
  const from = Math.max(options.from, 1);
  const account = await openAccount(options, process.env);
  const sentences = placeSentences(id);
  await withClient(account, { sentences }, async (client) => {
    tellOfLosses(client, awayMsMax);
    const conversation = client.conversation(id);
    const end = Math.min((await conversation.state()).position, to);
    if (end < from) return;
    const progress = openReplayProgress();
    let reached = from - 1;
    for await (const event of conversation.replay({ after: from - 1, to: end })) {
      show(event, options);
      reached = event.position;
      progress?.update(reached - from + 1, end - from + 1);
      if (reached < end) await printed();
    }
    if (reached < end) throw new Refused('cursor_expired', `cursor_expired: ${sentences.cursor_expired}`);
    progress?.end();
  });
}
