/**
 * Agents that stream messages word by word, and readers that hold every piece against what was to be said. Both come
 * back at another node when their own is gone: the agent goes on after the last word that `drafts` shows.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openIdSource } from '../../../../src/adapters/system/id-source.ts';
import type { KeyHolder } from '../../clients/accounts.ts';
import type { ServerFrame } from '../../clients/native-client.ts';
import { type Asking, openAsking } from './asking-socket.ts';
import { follow } from './follow.ts';

const ids = openIdSource();

/** What agents said and readers saw, and what must never happen. */
export type Talk = {
  readonly faults: string[];
  /** Messages that were acknowledged, by id, with their number of words. */
  readonly posted: Map<string, number>;
  /** How often an agent went on in the middle of a message. */
  resumed: number;
  /** …and began one anew, because nothing of it was kept. */
  begunAnew: number;
};

export type TalkPlan = {
  readonly who: KeyHolder;
  readonly conversation: string;
  /** Tried in this order, again from the first after the last. */
  readonly urls: readonly string[];
  readonly words: number;
  /** Between two words, ms. */
  readonly restMs: number;
  /** Aborted when the test has ended: then nobody waits for an acknowledgement any more. */
  readonly gone: AbortSignal;
};

/** The words `from` to `index` of a message: each tells whose and which it is. */
function wordsOf(message: string, from: number, index: number): string {
  let text = '';
  for (let word = from; word <= index; word += 1) text += `${message.slice(-4)}.${word} `;
  return text;
}

/** Streams one message after another until `signal`; resolves when the last one is acknowledged. */
export async function streamMessages(plan: TalkPlan, talk: Talk, signal: AbortSignal): Promise<void> {
  let socket: Asking | null = null;
  let refused = false;
  let known: number | null = null;
  let attempt = 0;
  while (!signal.aborted) {
    const [message, run] = [ids.next(), ids.next()];
    const post = {
      conversation: plan.conversation,
      message_id: message,
      run,
      client_id: ids.next(),
      end_run: true,
    };
    for (let isDone = false, isFirst = true; !isDone && !plan.gone.aborted; isFirst = false) {
      try {
        if (socket === null || refused) {
          socket?.end();
          const url = plan.urls[attempt++ % plan.urls.length] ?? '';
          refused = false;
          socket = await openAsking(url, plan.who.token, (frame) => {
            if (frame['ok'] !== false) return;
            refused = true;
            // What is kept of it is the truth: nats-server forgets its drafts when it ends, nodes remember them.
            if (frame['problem'].code === 'index_gap')
              known = Number(/is (\d+)/.exec(frame['problem'].message)?.[1]);
          });
        }
        const from = isFirst ? 0 : (known ?? (await resumeAt(socket, plan, message, talk)));
        if (known === 0) talk.begunAnew += 1;
        known = null;
        await say(socket, plan, { message, run, from }, () => refused);
        if (refused) throw new Error('a word was refused');
        const reply = await socket.ask('post', { ...post, content: wordsOf(message, 0, plan.words - 1) });
        if (reply['ok'] !== true) throw new Error(reply['problem'].code);
        talk.posted.set(message, plan.words);
        isDone = true;
      } catch {
        socket?.end();
        socket = null;
        await delay(20 + Math.random() * 80);
      }
    }
  }
  socket?.end();
}

/** The word after the last that is kept; 0: none is. */
async function resumeAt(socket: Asking, plan: TalkPlan, message: string, talk: Talk): Promise<number> {
  const reply = await socket.ask('open', { conversation: plan.conversation });
  const opened = reply['conversations']?.[0];
  if (opened === undefined) throw new Error('not opened');
  await socket.ask('close', { conversation: plan.conversation });
  const draft = opened.drafts.find((one: ServerFrame) => one['message_id'] === message);
  if (draft === undefined) talk.begunAnew += 1;
  else talk.resumed += 1;
  return draft === undefined ? 0 : draft.index + 1;
}

async function say(
  { socket }: Asking,
  { conversation, words, restMs }: TalkPlan,
  { message, run, from }: { readonly message: string; readonly run: string; readonly from: number },
  isRefused: () => boolean,
): Promise<void> {
  for (let index = from; index < words; index += 1) {
    if (socket.readyState !== socket.OPEN) throw new Error('the socket ended');
    if (isRefused()) return;
    const text = wordsOf(message, index, index);
    socket.send(JSON.stringify({ op: 'delta', conversation, message_id: message, run, index, text }));
    await delay(restMs);
  }
}

export type TalkReader = {
  readonly name: string;
  /** Messages that came as events, in their order. */
  readonly ended: readonly string[];
  /** Words that came piece by piece before their message. */
  readonly heard: () => number;
  end(): Promise<void>;
};

/** Follows a conversation, and holds every piece of every message against what its agent says. */
export function readTalk(name: string, plan: TalkPlan, talk: Talk): TalkReader {
  const ended: string[] = [];
  const next = new Map<string, number>();
  const fault = (words: string): void => void talk.faults.push(`${name}: ${words}`);
  let [cursor, heard] = ['', 0];
  /** What came before the words that are kept of open messages were looked at; null: all that comes is heard at once. */
  let early: ServerFrame[] | null = null;

  function piece({ message_id: message, from, index, text }: ServerFrame, isAgain: boolean): void {
    const expected = isAgain ? 0 : (next.get(message) ?? 0);
    if (ended.includes(message)) fault(`words of ${message} after its end`);
    else if (from !== expected) fault(`${from} to ${index} of ${message} after ${expected - 1}`);
    else if (text !== wordsOf(message, from, index)) fault(`${from} to ${index} of ${message} is ${text}`);
    heard += Math.max(0, index + 1 - (next.get(message) ?? 0));
    next.set(message, index + 1);
  }

  function event(ev: ServerFrame): void {
    cursor = `${cursor.split(':')[0]}:${ev['position']}`;
    if (ev['type'] !== 'message.posted') return;
    const { message_id: message, content } = ev['data'];
    if (ended.includes(message)) fault(`${message} came twice`);
    if (content !== wordsOf(message, 0, plan.words - 1)) fault(`${message} is not what was said: ${content}`);
    ended.push(message);
    next.delete(message);
  }

  function hear(frame: ServerFrame): void {
    if (early !== null) early.push(frame);
    else if (frame['ev'] !== undefined) event(frame['ev']);
    else if (frame['delta'] !== undefined) piece(frame['delta'], false);
  }

  async function begin(socket: Asking): Promise<void> {
    const held: ServerFrame[] = [];
    early = held;
    const after = cursor === '' ? 0 : cursor;
    const reply = await socket.ask('open', { conversation: plan.conversation, after });
    const opened = reply['conversations']?.[0];
    if (opened === undefined) throw new Error('not opened');
    if (cursor === '') cursor = `${opened.epoch}:0`;
    next.clear();
    for (const draft of opened.drafts) if (!ended.includes(draft.message_id)) piece(draft, true);
    early = null;
    held.forEach(hear);
  }

  const following = follow({ token: plan.who.token, urls: plan.urls, begin, hear });
  return { name, ended, heard: () => heard, end: following.end };
}
