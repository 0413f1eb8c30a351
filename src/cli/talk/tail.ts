/** `parley tail`: follows conversations, over lost connections, without a gap or a repetition. */
import { Command } from 'commander';
import type { Event } from '../../domain/event.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { note, print, printJson } from '../output.ts';
import { type Account, type AccountOptions, openAccount, withAccountOptions } from './account.ts';
import { eventLine } from './event-line.ts';
import { mayPass, type NativeSocket, openNativeSocket, type Push, Refused } from './native-socket.ts';
import { positionOption } from './option-values.ts';

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
  withAccountOptions(command).action(async (options: TailOptions) => {
    if (options.after !== undefined && options.conversation === undefined) {
      throw new Failure('--after needs --conversation', 2);
    }
    await tail(await openAccount(options, process.env), options);
  });
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

/** Where a reader is in a conversation, as the native protocol has it. */
type Cursor = string | number;

const pauseMinMs = 200;
const pauseMaxMs = 5_000;
/** Closes after which connecting again would only be refused again. */
const finalCloses: Readonly<Record<number, string>> = {
  1008: 'the node closed the connection: too many bad frames',
  4403: 'this account is suspended',
};

async function tail(account: Account, options: TailOptions): Promise<never> {
  const follower = new Follower(options);
  for (let pauseMs = pauseMinMs, isFirst = true; ; isFirst = false) {
    let socket: NativeSocket | null = null;
    try {
      socket = await openNativeSocket(account, (push) => follower.take(push));
      await follower.follow(socket);
      if (isFirst) note(following(options, account.url));
      pauseMs = pauseMinMs;
      const { code } = await socket.closed;
      if (finalCloses[code] !== undefined) throw new Failure(finalCloses[code]);
      if (code === 4401) await account.token(true);
      note('the connection was lost; connecting again');
    } catch (error) {
      // A node that cannot be reached at all is an error; one that was lost comes back.
      if (isFirst || !mayPass(error)) throw error;
    } finally {
      socket?.close();
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2)));
    pauseMs = Math.min(pauseMs * 2, pauseMaxMs);
  }
}

function following({ conversation }: TailOptions, url: string): string {
  return `following ${conversation ?? 'every conversation'} at ${url}; Ctrl-C ends`;
}

/** What has been shown, so that a new connection resumes exactly behind it. */
class Follower {
  readonly #options: TailOptions;
  readonly #epochs = new Map<string, string>();
  readonly #positions = new Map<string, number>();

  constructor(options: TailOptions) {
    this.#options = options;
    const { conversation, after } = options;
    if (conversation !== undefined && after !== undefined) this.#positions.set(conversation, after);
  }

  async follow(socket: NativeSocket): Promise<void> {
    const { conversation } = this.#options;
    if (conversation === undefined) {
      const cursors = Object.fromEntries([...this.#positions.keys()].map((id) => [id, this.#cursor(id)]));
      await socket.request('hello', { follow: 'all', cursors });
      return;
    }
    const after = this.#cursor(conversation);
    const reply = await socket.request('open', { conversation, ...(after === undefined ? {} : { after }) });
    const [refused] = reply['refused'] as { code: string }[];
    if (refused !== undefined) throw new Refused(refused.code, refusal(refused.code, conversation));
    const [opened] = reply['conversations'] as { epoch: string; position: number }[];
    if (opened === undefined) throw new Failure('the node did not open the conversation');
    this.#epochs.set(conversation, opened.epoch);
    if (after === undefined) this.#positions.set(conversation, opened.position);
  }

  take(push: Push): void {
    const event = push['ev'] as Event | undefined;
    if (push['ok'] === false) noteProblem(push);
    if (event === undefined) return;
    // Under the name that was asked for: a UUID may have been given in capitals.
    this.#positions.set(this.#options.conversation ?? event.conversation, event.position);
    if (this.#options.json === true) printJson(event);
    else print(eventLine(event, this.#options.conversation === undefined));
  }

  /** With the epoch where it is known: a log that was made anew is then noticed, not misread. */
  #cursor(conversation: string): Cursor | undefined {
    const position = this.#positions.get(conversation);
    const epoch = this.#epochs.get(conversation);
    return position === undefined || epoch === undefined ? position : `${epoch}:${position}`;
  }
}

/** A conversation that `follow: all` could not resume, or any other frame that was refused unasked. */
function noteProblem(push: Push): void {
  const { code = 'internal', message = '' } = (push['problem'] ?? {}) as { code?: string; message?: string };
  note(`${String(push['conversation'] ?? 'the node')}: ${code}: ${message}`);
}

function refusal(code: string, conversation: string): string {
  if (code === 'cursor_expired')
    return `the log of ${conversation} was made anew; start again without a cursor`;
  return `there is no conversation ${conversation}, or this account is not in it`;
}
