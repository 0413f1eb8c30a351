/** `parley tail`: follows conversations, over lost connections, without a gap or a repetition. */
import { Command } from 'commander';
import type { Event, Reset } from '../../client/node.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { note, print, printed, printJson } from '../output.ts';
import { type AccountOptions, openAccount, withAccountOptions } from './account.ts';
import { eventLine } from './event-line.ts';
import { positionOption } from './option-values.ts';
import { placeSentences, Refused, tellOfLosses, withClient } from './with-client.ts';

type TailOptions = AccountOptions & {
  readonly conversation?: string;
  readonly after?: number;
  readonly json?: boolean;
};

export function tailCommand(): Command {
  const command = new Command('tail')
    .description("follow a conversation, or all of one's own, until Ctrl-C")
    .option('--conversation <id>', 'the conversation (default: every one the account is in)')
    .option('--after <position>', 'first what came after this position; 0: everything', positionOption)
    .option('--json', 'print each event as one line of JSON');
  withAccountOptions(command).action(tail);
  return explain(command, {
    notes: ['A lost connection is opened again, and nothing is missed or shown twice.'],
    json: 'each event as one line, as PROTOCOL.md has it.',
    examples: [
      ['tail', 'all conversations of the administrator of `parley dev`'],
      ['tail --conversation ID --after 0', 'everything of one, then what comes'],
      ['tail --json | jq -r .data.content', 'texts only'],
    ],
  });
}

async function tail(options: TailOptions): Promise<void> {
  const { conversation, after } = options;
  if (after !== undefined && conversation === undefined) throw new Failure('--after needs --conversation', 2);
  const account = await openAccount(options, process.env);
  const sentences = conversation === undefined ? {} : placeSentences(conversation);
  await withClient(account, { sentences }, async (client) => {
    tellOfLosses(client);
    const feed =
      conversation === undefined
        ? client.follow()
        : client.conversation(conversation).events(after === undefined ? {} : { after });
    await feed.ready;
    note(`following ${conversation ?? 'every conversation'} at ${account.url}; Ctrl-C ends`);
    let last: Event | null = null;
    for await (const item of feed) {
      if (item.type === 'reset') tellOfReset(item, options);
      else {
        last = item;
        show(item, options);
      }
      await printed(); // a slow reader must not fill the memory: the rest is read when there is room
    }
    await printed(); // else it ended because nobody reads
    const end = last?.type === 'conversation.deleted' ? 'was deleted' : 'is not for this account any more';
    note(`${conversation} ${end}`);
  });
}

function show(event: Event, { json, conversation }: TailOptions): void {
  if (json === true) printJson(event);
  else print(eventLine(event, conversation === undefined));
}

/** What was promised cannot be kept: of one conversation that is the end, of many the others go on. */
function tellOfReset({ conversation, reason }: Reset, options: TailOptions): void {
  const sentence = `${reason}: ${placeSentences(options.conversation ?? conversation)[reason]}`;
  if (options.conversation !== undefined) throw new Refused(reason, sentence);
  note(sentence);
}
