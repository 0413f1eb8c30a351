/** What a load needs at the node: conversations, and agents that post into them. All of it is taken away again. */
import { Failure, sentenceOf } from '../../failure.ts';
import { note } from '../../output.ts';
import { openProgress } from '../../progress.ts';
import { type Account, accountOfToken, tokenOf, unreachable } from '../account.ts';

export interface Poster {
  readonly account: Account;
  /** Those that it posts to, one after the other. */
  readonly conversations: readonly string[];
}

export interface Stage {
  readonly conversations: readonly string[];
  readonly posters: readonly Poster[];
  /** Deletes what was made. Notes what could not be. */
  close(): Promise<void>;
}

export interface StageWanted {
  readonly conversations: number;
  readonly posters: number;
  readonly seconds: number;
  /** Then no more is made, what was made is taken away, and opening it fails. */
  isStopped(): boolean;
}

interface Made {
  readonly what: string;
  readonly path: string;
}

/** What a request may take. */
const requestMsMax = 15_000;
/** Keys that nobody took away, because this process was killed, end by themselves. */
const keySecMore = 600;

export async function openStage(account: Account, wanted: StageWanted): Promise<Stage> {
  const made: Made[] = [];
  const close = (): Promise<void> => takeAway(account, made);
  const progress = openProgress('make ready', 'agents and conversations');
  const told = (done: number): void => {
    progress.update(done, wanted.posters + wanted.conversations);
    if (wanted.isStopped()) throw new Failure('ended before the load began');
  };
  try {
    const posters: { readonly id: string | null; readonly account: Account }[] = [];
    for (let index = 1; index <= wanted.posters; index += 1) {
      const poster = await makePoster(account, index, wanted.seconds + keySecMore);
      if (poster === null) break;
      made.push(...poster.made);
      posters.push(poster);
      told(index);
    }
    if (posters.length === 0) {
      note(
        'this account may make no API keys: it posts itself, and the limit of one principal counts for all posts',
      );
      posters.push(...Array.from({ length: wanted.posters }, () => ({ id: null, account })));
    }
    const conversations: string[] = [];
    for (const participants of participantsOf(posters, wanted.conversations)) {
      const id = await makeConversation(account, conversations.length + 1, participants);
      made.push({ what: `conversation ${id}`, path: `/api/conversations/${id}` });
      conversations.push(id);
      told(wanted.posters + conversations.length);
    }
    progress.end();
    const withConversations = posters.map((poster, index) => ({
      account: poster.account,
      conversations: conversations.filter((_, at) => isOf(index, at, posters.length, wanted.conversations)),
    }));
    return { conversations, posters: withConversations, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Newest first, so that nobody posts to what is gone. */
async function takeAway(account: Account, made: readonly Made[]): Promise<void> {
  const progress = openProgress('take away', 'agents, keys and conversations');
  let done = 0;
  for (const { what, path } of made.toReversed()) {
    await ask(account, 'DELETE', path).catch((error: unknown) => note(`${what} stays: ${sentenceOf(error)}`));
    done += 1;
    progress.update(done, made.length);
  }
  progress.end();
}

/** An agent with a key; null: the account may not. */
async function makePoster(account: Account, index: number, expiresInSec: number) {
  const body = { name: `parley bench ${index}`, kind: 'agent', expires_in_sec: expiresInSec };
  const answer = await ask(account, 'POST', '/auth/api-keys', body);
  if (answer === null) return null;
  const {
    id,
    key,
    principal_id: principal,
  } = answer as Readonly<Record<'id' | 'key' | 'principal_id', string>>;
  return {
    id: principal,
    account: accountOfToken(account.url, key),
    made: [
      { what: `agent ${principal}`, path: `/auth/agents/${principal}` },
      { what: `API key ${id}`, path: `/auth/api-keys/${id}` },
    ],
  };
}

/** Posters and conversations are dealt out evenly, whichever there are more of. */
function isOf(poster: number, conversation: number, posters: number, conversations: number): boolean {
  return posters >= conversations
    ? poster % conversations === conversation
    : conversation % posters === poster;
}

/** For each conversation who is in it beside the account. */
function participantsOf(
  posters: readonly { readonly id: string | null }[],
  conversations: number,
): readonly (readonly object[])[] {
  return Array.from({ length: conversations }, (_, conversation) =>
    posters.flatMap(({ id }, index) =>
      id !== null && isOf(index, conversation, posters.length, conversations)
        ? [{ userId: id, userType: 'agent' }]
        : [],
    ),
  );
}

async function makeConversation(
  account: Account,
  index: number,
  participants: readonly object[],
): Promise<string> {
  const body = { type: 'group', name: `parley bench ${index}`, participants };
  const { id } = (await ask(account, 'POST', '/api/conversations', body)) as { id: string };
  return id;
}

/** The JSON of an answer; null when it is 403. Waits where the node says so. */
async function ask(account: Account, method: string, path: string, body?: object): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${account.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await tokenOf(account)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(requestMsMax),
    }).catch((error: unknown) => {
      throw unreachable(account.url, error);
    });
    const text = await response.text();
    if (response.ok) return text === '' ? {} : JSON.parse(text);
    if (response.status === 403) return null;
    if (response.status === 401) throw new Failure(account.whenRefused);
    const waitSec = Number(response.headers.get('retry-after') ?? Number.NaN);
    if (attempt > attemptsMax || Number.isNaN(waitSec)) {
      throw new Failure(`${method} ${path} was answered ${response.status}: ${text.slice(0, 200)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, waitSec * 1_000));
  }
}

const attemptsMax = 5;
