/**
 * More than a node can do while a server is slow: 2,000 callers who post every other second, others by REST,
 * readers of histories and lists, 200 followers, and readers who do not read.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Asking, openAsking } from '../../test/kit/chaos/actors/asking-socket.ts';
import { type CallersLedger, callUntil, comeBack, newLedger } from '../../test/kit/chaos/actors/callers.ts';
import { makeAgent, signUp } from '../../test/kit/clients/accounts.ts';
import { call } from '../../test/kit/clients/http-client.ts';
import { type Follower, follow } from './followers.ts';

/** Since they were last taken. */
export type Counts = {
  readonly ackMs: readonly number[];
  readonly acks: number;
  /** Problem code -> how often; REST posts by status. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly reads: number;
  readonly refusedReads: number;
};

export type Load = {
  readonly tenant: string;
  readonly ledger: CallersLedger;
  /** Contents that REST acknowledged with 201. */
  readonly restAcks: readonly string[];
  readonly followers: readonly Follower[];
  take(): Counts;
  /** Ends all of it; resolves when every post in flight is acknowledged. */
  stop(): Promise<void>;
};

const callers = 2_000;
const sockets = 100;
const conversationsCount = 40;
const callerRestMs = 2_000;
const restCallers = 40;
const readers = 80;
const followersCount = 200;
const stalledCount = 10;

export async function openLoad(node: { readonly url: string }): Promise<Load> {
  const owner = await signUp(node, 'soak');
  // A key: tokens end after a quarter of an hour.
  const { tenant, token } = await makeAgent(node, owner, 'soak');
  const lister = await makeAgent(node, owner, 'lister');
  const open = await Promise.all(Array.from({ length: sockets }, () => openAsking(node.url, token)));
  const conversations = await makeConversations(open[0] as Asking);
  const pick = (index: number): string => conversations[index % conversations.length] ?? '';
  const over = new AbortController();
  // Each reader listens to it.
  setMaxListeners(0, over.signal);
  const ledger = newLedger();
  const restAcks: string[] = [];
  const reads = { done: 0, refused: 0 };
  const followers = Array.from({ length: followersCount }, (_, index) =>
    follow(node.url, token, [pick(index), pick(index + 1)], over.signal),
  );
  const stalled = Array.from({ length: stalledCount }, () =>
    stall(node.url, token, conversations, over.signal),
  );
  const posting = Array.from({ length: callers }, (_, index) =>
    callUntil(
      open[index % sockets] as Asking,
      `caller ${index}`,
      pick(index),
      ledger,
      over.signal,
      callerRestMs,
    ).catch((error: unknown) => void ledger.faults.push(`caller ${index}: ${String(error)}`)),
  );
  const asking = [
    ...Array.from({ length: restCallers }, (_, index) =>
      postByRest(node, token, `rest ${index}`, pick(index), { ledger, acks: restAcks }, over.signal),
    ),
    ...Array.from({ length: readers }, (_, index) => {
      const asks = asksOf(open[index] as Asking, node, pick(index), { ledger, listerToken: lister.token });
      return read(asks[index % asks.length] as () => Promise<Reply>, reads, ledger, over.signal);
    }),
  ];

  let [before, refusedBefore] = [{ acks: 0, reads: 0, refusedReads: 0 }, new Map<string, number>()];
  return {
    ...{ tenant, ledger, restAcks, followers },
    take() {
      const now = {
        acks: ledger.acks.length + restAcks.length,
        reads: reads.done,
        refusedReads: reads.refused,
      };
      const refusals = Object.fromEntries(
        [...ledger.refusals].map(([code, count]) => [code, count - (refusedBefore.get(code) ?? 0)]),
      );
      const counts = {
        ackMs: ledger.ackMs.splice(0),
        acks: now.acks - before.acks,
        refusals,
        reads: now.reads - before.reads,
        refusedReads: now.refusedReads - before.refusedReads,
      };
      [before, refusedBefore] = [now, new Map(ledger.refusals)];
      return counts;
    },
    async stop() {
      over.abort();
      await Promise.all([...posting, ...asking, ...stalled]);
      await Promise.all(followers.map((one) => one.ended));
      for (const socket of open) socket.end();
    },
  };
}

async function makeConversations(socket: Asking): Promise<readonly string[]> {
  const made: string[] = [];
  for (let index = 0; index < conversationsCount; index += 1)
    made.push((await socket.ask('create', { type: 'group', name: `soak ${index}` }))['conversation'].id);
  return made;
}

// biome-ignore lint/suspicious/noExplicitAny: replies of every shape
type Reply = Record<string, any>;

/** What readers ask for: the newest messages, which are in memory; old ones and lists, which are in PostgreSQL. */
function asksOf(
  socket: Asking,
  node: { readonly url: string },
  conversation: string,
  { ledger, listerToken: token }: { readonly ledger: CallersLedger; readonly listerToken: string },
): readonly (() => Promise<Reply>)[] {
  const history = (range: object): Promise<Reply> =>
    socket.ask('history', { conversation, ...range }, 30_000);
  return [
    () => history({ limit: 50 }),
    () => history({ limit: 200, before: 1 + Math.floor(Math.random() * (ledger.acks.at(-1)?.seq ?? 1)) }),
    () => call(node, 'GET', '/api/conversations', { token }).then(replyOf),
    () => history({ limit: 200, before: 1 + Math.floor(Math.random() * (ledger.acks.at(-1)?.seq ?? 1)) }),
  ];
}

/** As a frame says it. */
function replyOf({ status, headers }: Awaited<ReturnType<typeof call>>): Reply {
  const afterMs = Number(headers.get('retry-after')) * 1_000;
  const code = status === 503 ? 'unavailable' : status === 429 ? 'rate_limited' : `status ${status}`;
  return status < 300 ? { ok: true } : { ok: false, problem: { code, retry_after_ms: afterMs } };
}

async function postByRest(
  node: { readonly url: string },
  token: string,
  name: string,
  conversation: string,
  { ledger, acks }: { readonly ledger: CallersLedger; readonly acks: string[] },
  signal: AbortSignal,
): Promise<void> {
  for (let number = 0; !signal.aborted; number += 1) {
    const content = `${name}: ${number}`;
    try {
      const path = `/api/conversations/${conversation}/messages`;
      const reply = replyOf(await call(node, 'POST', path, { token, body: { content } }));
      if (reply['ok'] === true) acks.push(content);
      else await comeBack(reply['problem'], name, ledger);
    } catch (error) {
      ledger.faults.push(`${name}: ${String(error)}`);
    }
    await pause(500, signal);
  }
}

async function read(
  ask: () => Promise<Reply>,
  reads: { done: number; refused: number },
  ledger: CallersLedger,
  signal: AbortSignal,
): Promise<void> {
  const own = newLedger();
  while (!signal.aborted) {
    try {
      const reply = await ask();
      if (reply['ok'] === true) reads.done += 1;
      else {
        reads.refused += 1;
        await comeBack(reply['problem'], 'a reader', own);
      }
    } catch (error) {
      own.faults.push(`a reader: ${String(error)}`);
    }
    await pause(400, signal);
  }
  ledger.faults.push(...own.faults);
}

/** Opens everything and reads nothing; sent away, it comes back after a while. */
async function stall(
  url: string,
  token: string,
  conversations: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const socket = await openAsking(url, token);
      for (const conversation of conversations) await socket.ask('open', { conversation });
      socket.socket.pause();
      const gone = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      // A socket that does not read does not hear of its end, either.
      await Promise.race([gone, socket.ended, delay(20_000)]);
      socket.end();
    } catch {
      // A slow server may refuse an open: it tries again.
    }
    await pause(1_000, signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
}
