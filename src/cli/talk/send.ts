/** `parley send`: posts one message, exactly once also over a lost connection. */
import { text as allOf } from 'node:stream/consumers';
import { Command } from 'commander';
import type { ParleyClient, Posted } from '../../client/node.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { note, print, printJson } from '../output.ts';
import { type AccountOptions, openAccount, withAccountOptions } from './account.ts';
import { placeSentences, withClient } from './with-client.ts';

type SendOptions = AccountOptions & {
  readonly conversation?: string;
  readonly name?: string;
  readonly replyTo?: string;
  readonly json?: boolean;
};

export function sendCommand(): Command {
  const command = new Command('send')
    .description('post a message')
    .argument('<text...>', 'the message; - reads it from standard input')
    .option('--conversation <id>', 'where to (default: a new group conversation, whose id is printed)')
    .option('--name <name>', 'name of the new conversation')
    .option('--reply-to <message>', 'id of the message that this one answers')
    .option('--json', "print the node's reply as one line of JSON");
  withAccountOptions(command).action(send);
  return explain(command, {
    notes: ['Posted once, also when the connection is lost in the middle; printed when it is durable.'],
    json: '`{"conversation","id","seq","position","at"}`.',
    examples: [
      ['send "hello"', 'into a new conversation of the administrator of `parley dev`'],
      ['send --conversation ID "and again"', 'into one that is there'],
      [
        'send --url https://chat.example.com --token KEY --conversation ID -',
        'standard input, as who the key is',
      ],
    ],
  });
}

/** Whoever names a conversation has had a node: it may be starting again. */
const patienceMs = 5_000;
/** How long a node may refuse the message for the moment. */
const refusedMsMax = 30_000;
/** How long all of it may take, over whatever happens to the connection. */
const allMsMax = 60_000;

async function send(words: readonly string[], options: SendOptions): Promise<void> {
  const content = await contentOf(words);
  const account = await openAccount(options, process.env);
  const { conversation, replyTo, json } = options;
  const use = {
    ...(conversation === undefined ? {} : { patienceMs }),
    sentences: {
      ...(conversation === undefined ? {} : { not_found: placeSentences(conversation).not_found }),
      disconnected: 'the connection was lost before it was known whether a conversation was made',
    },
  };
  await withClient(account, use, async (client) => {
    const signal = AbortSignal.timeout(allMsMax);
    const post = async (): Promise<Posted & { readonly place: string }> => {
      const place = conversation ?? (await create(client, options.name, signal));
      const fields = { content, ...(replyTo === undefined ? {} : { reply_to: replyTo }) };
      const posted = await client.conversation(place).post(fields, { signal, retryMs: refusedMsMax });
      return { place, ...posted };
    };
    const { place, id, seq, position, at } = await post().catch((error: unknown) => {
      throw signal.aborted ? unanswered() : error;
    });
    if (json === true) return printJson({ conversation: place, id, seq, position, at });
    if (conversation === undefined) note(`new conversation ${place}`);
    print(`${id} stored at position ${position} of ${place}`);
  });
}

/** The API takes an empty message, too: a program may mean it. Of who types one, something was lost on the way. */
async function contentOf(words: readonly string[]): Promise<string> {
  const isPiped = words.length === 1 && words[0] === '-';
  const content = isPiped ? await allOf(process.stdin) : words.join(' ');
  if (content.trim() !== '') return content;
  throw new Failure(isPiped ? 'standard input is empty: nothing to post' : 'the message is empty', 2);
}

async function create(client: ParleyClient, name: string | undefined, signal: AbortSignal): Promise<string> {
  const fields = { type: 'group' as const, participants: [], ...(name === undefined ? {} : { name }) };
  return (await client.conversations.create(fields, { signal })).id;
}

function unanswered(): Failure {
  return new Failure(
    `no answer within ${allMsMax / 1_000} seconds: it is not known whether the message is stored`,
  );
}
