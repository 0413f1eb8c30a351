/** The load of `parley bench`: posters, each with one post on its way, and readers that check what they get. */
import { randomBytes } from 'node:crypto';
import type { Event } from '../../../domain/event.ts';
import { type Account, tokenOf } from '../account.ts';
import { type BareSocket, type Frame, openBareSocket, RefusedNow } from './bare-socket.ts';
import { Times } from './figures.ts';
import type { Poster } from './stage.ts';

export interface LoadOptions {
  readonly account: Account;
  readonly posters: readonly Poster[];
  /** What readers follow. */
  readonly conversations: readonly string[];
  readonly readers: number;
  readonly seconds: number;
  /** Characters of a message. */
  readonly size: number;
  /** Posts a second of each poster; 0: the next one when the last was answered. */
  readonly rate: number;
  onSecond(second: number): void;
  /** Somebody wants it to end now. */
  isStopped(): boolean;
}

export interface LoadOutcome {
  readonly acknowledged: number;
  /** Code of a problem -> how often it was the answer. */
  readonly refused: Readonly<Record<string, number>>;
  readonly tookSec: number;
  readonly posts: Times;
  readonly connects: Times;
  readonly deliveries: Times;
  /** Acknowledged posts times readers. */
  readonly expected: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
}

/** How long readers may lag behind the last acknowledgement. */
const catchUpMsMax = 15_000;
/** Sockets that connect at the same time: nodes bound how many do. */
const connectingMax = 20;

export async function runLoad(options: LoadOptions): Promise<LoadOutcome> {
  const run = randomBytes(6).toString('hex');
  const sentAt = new Map<string, number>();
  const acknowledged = new Set<string>();
  const watched = new Watched(sentAt);
  const connects = new Times();
  const sockets: BareSocket[] = [];
  try {
    const readers = Array.from({ length: options.readers }, () => watched.reader());
    for (let at = 0; at < readers.length; at += connectingMax) {
      const opened = await Promise.all(
        readers
          .slice(at, at + connectingMax)
          .map((reader) => connect(options, connects, (push) => reader.take(push))),
      );
      sockets.push(...opened);
      for (const socket of opened) await openAll(socket, options.conversations);
    }
    const posters = await Promise.all(
      options.posters.map(({ account }) => connect({ account }, connects, () => undefined)),
    );
    sockets.push(...posters);
    const refused: Record<string, number> = {};
    const posts = new Times();
    const startedMs = performance.now();
    const endMs = startedMs + options.seconds * 1_000;
    const seconds = setInterval(() => options.onSecond((performance.now() - startedMs) / 1_000), 250);
    await Promise.all(
      posters.map((socket, index) =>
        post({
          ...{
            size: options.size,
            rate: options.rate,
            isStopped: options.isStopped,
            posters: posters.length,
          },
          conversations: options.posters[index]?.conversations ?? [],
          ...{ socket, index, run, endMs, sentAt, acknowledged, posts, refused },
        }),
      ),
    ).finally(() => clearInterval(seconds));
    const tookSec = (performance.now() - startedMs) / 1_000;
    await watched.caughtUp(acknowledged, performance.now() + catchUpMsMax);
    const { doubled, outOfOrder, deliveries } = watched;
    return {
      ...{
        acknowledged: acknowledged.size,
        refused,
        tookSec,
        posts,
        connects,
        deliveries,
        doubled,
        outOfOrder,
      },
      expected: acknowledged.size * readers.length,
      lost: watched.missing(acknowledged),
    };
  } finally {
    for (const socket of sockets) socket.close();
  }
}

async function connect(
  { account }: { readonly account: Account },
  times: Times,
  onPush: (push: Frame) => void,
): Promise<BareSocket> {
  await tokenOf(account); // a login is none of the connection's time
  const startedMs = performance.now();
  const socket = await openBareSocket(account, onPush);
  times.add(performance.now() - startedMs);
  return socket;
}

/** What one `open` may name. */
const openMax = 500;

async function openAll(socket: BareSocket, conversations: readonly string[]): Promise<void> {
  for (let at = 0; at < conversations.length; at += openMax)
    await socket.patientRequest('open', { conversations: conversations.slice(at, at + openMax) });
}

interface Posting extends Pick<LoadOptions, 'size' | 'rate' | 'isStopped'> {
  readonly conversations: readonly string[];
  /** How many post. */
  readonly posters: number;
  readonly socket: BareSocket;
  readonly index: number;
  readonly run: string;
  readonly endMs: number;
  readonly sentAt: Map<string, number>;
  readonly acknowledged: Set<string>;
  readonly posts: Times;
  readonly refused: Record<string, number>;
}

async function post(posting: Posting): Promise<void> {
  const { socket, index, run, endMs, conversations, rate, size, posters } = posting;
  const { sentAt, acknowledged, posts, refused } = posting;
  const stepMs = rate === 0 ? 0 : 1_000 / rate;
  // Not all in the same moment of each second.
  let dueMs = performance.now() + (stepMs * index) / posters;
  for (let count = 0; performance.now() < endMs && !posting.isStopped(); count += 1) {
    dueMs += stepMs;
    await until(dueMs, endMs);
    const client = `${run}-${index}-${count}`;
    const conversation = conversations[count % conversations.length] ?? '';
    const startedMs = performance.now();
    sentAt.set(client, startedMs);
    try {
      await socket.request('post', { conversation, client_id: client, content: client.padEnd(size, '.') });
      posts.add(performance.now() - startedMs);
      acknowledged.add(client);
    } catch (error) {
      if (!(error instanceof RefusedNow)) throw error;
      refused[error.code] = (refused[error.code] ?? 0) + 1;
      await until(performance.now() + (error.retryAfterMs ?? refusedPauseMs), endMs);
    }
  }
}

const refusedPauseMs = 100;

function until(ms: number, endMs: number): Promise<void> {
  const waitMs = Math.min(ms, endMs) - performance.now();
  return waitMs <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, waitMs));
}

/** What all readers saw together. */
class Watched {
  readonly deliveries = new Times();
  doubled = 0;
  outOfOrder = 0;
  readonly #sentAt: ReadonlyMap<string, number>;
  readonly #seen: Set<string>[] = [];

  constructor(sentAt: ReadonlyMap<string, number>) {
    this.#sentAt = sentAt;
  }

  reader(): { take(push: Frame): void } {
    const seen = new Set<string>();
    const positions = new Map<string, number>();
    this.#seen.push(seen);
    return {
      take: (push) => {
        const event = push['ev'] as Event | undefined;
        if (event?.type !== 'message.posted') return;
        const last = positions.get(event.conversation);
        if (last !== undefined && event.position !== last + 1) this.outOfOrder += 1;
        positions.set(event.conversation, event.position);
        const client = event.client_id ?? '';
        const sentMs = this.#sentAt.get(client);
        if (sentMs === undefined) return;
        if (seen.has(client)) this.doubled += 1;
        seen.add(client);
        this.deliveries.add(performance.now() - sentMs);
      },
    };
  }

  missing(acknowledged: ReadonlySet<string>): number {
    let lost = 0;
    for (const seen of this.#seen) for (const client of acknowledged) if (!seen.has(client)) lost += 1;
    return lost;
  }

  async caughtUp(acknowledged: ReadonlySet<string>, untilMs: number): Promise<void> {
    while (performance.now() < untilMs && this.#seen.some((seen) => seen.size < acknowledged.size))
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
