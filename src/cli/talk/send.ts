/** `parley send`: posts one message, exactly once also over a lost connection. */
import { text as allOf } from 'node:stream/consumers';
import { Command } from 'commander';
import { openIdSource } from '../../adapters/system/id-source.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { note, print, printJson } from '../output.ts';
import { type Account, type AccountOptions, openAccount, withAccountOptions } from './account.ts';
import { mayPass, openNativeSocket, type Reply } from './native-socket.ts';

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
  withAccountOptions(command).action(async (words: string[], options: SendOptions) => {
    const content = words.length === 1 && words[0] === '-' ? await allOf(process.stdin) : words.join(' ');
    const account = await openAccount(options, process.env);
    const conversation = options.conversation ?? (await create(account, options.name ?? null));
    const reply = await request(account, 'post', {
      conversation,
      content,
      client_id: openIdSource().next(),
      ...(options.replyTo === undefined ? {} : { reply_to: options.replyTo }),
    });
    const { id, seq, position, at } = reply;
    if (options.json === true) return printJson({ conversation, id, seq, position, at });
    if (options.conversation === undefined) note(`new conversation ${conversation}`);
    print(`${String(id)} stored at position ${String(position)} of ${conversation}`);
  });
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

async function create(account: Account, name: string | null): Promise<string> {
  const fields = { type: 'group', participants: [], ...(name === null ? {} : { name }) };
  const { conversation } = await once(account, 'create', fields);
  const id = typeof conversation === 'string' ? conversation : (conversation as { id?: unknown })?.id;
  if (typeof id !== 'string') throw new Failure('the node did not name the new conversation');
  return id;
}

const attemptsMax = 5;
const pauseMs = 500;

/** Tries again when the connection is lost or the node is busy: the client id makes it one message. */
async function request(account: Account, op: string, fields: Reply): Promise<Reply> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(account, op, fields);
    } catch (error) {
      if (attempt === attemptsMax || !mayPass(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs * attempt));
  }
}

async function once(account: Account, op: string, fields: Reply): Promise<Reply> {
  const socket = await openNativeSocket(account, () => undefined);
  try {
    return await socket.request(op, fields);
  } finally {
    socket.close();
    await socket.closed;
  }
}
