/**
 * Puts what a work queue delivers into lanes, one for each subject, and hands the items of a lane out one after
 * another in the order of the stream. A server delivers again what a dead node had, and by then it may have
 * delivered what came later: so an item begins only when none of its lane that is older is left in the stream.
 * Whoever had that one still has it (and this waits), or it is delivered again soon.
 */
import { setMaxListeners } from 'node:events';
import { Problem } from '../../../domain/problem.ts';
import type { Logger } from '../../../ports/logger.ts';

export interface LaneItem<T> {
  readonly item: T;
  readonly subject: string;
  readonly sequence: number;
  /** 1 for the first. */
  readonly delivery: number;
  /** It is over; resolves when the server knows. */
  done(): Promise<unknown>;
  /** It shall come again. */
  giveBack(afterMs: number): void;
  /** It shall never come again. */
  giveUp(): void;
  /** It is still in hand. */
  working(): void;
}

export interface TakenItem<T> {
  readonly item: T;
  /** 1 for the first. */
  readonly delivery: number;
  /** Aborted when the lanes begin to close… */
  readonly draining: AbortSignal;
  /** …and when they wait no longer. */
  readonly signal: AbortSignal;
}

interface Options<T> {
  /** Null: it is over. Else it comes again after so many milliseconds; so it does, by `failed`, after a rejection. */
  readonly take: (taken: TakenItem<T>) => Promise<number | null>;
  /** After how many milliseconds one whose `take` rejected comes again; null: never. */
  readonly failed: (error: unknown, delivery: number) => number | null;
  /** Sequence of the oldest item on a subject that is left in the stream after `after`; null when there is none. */
  readonly oldest: (subject: string, after: number) => Promise<number | null | Problem>;
  /** How long an item waits for an older one, looking so often. */
  readonly waitMs: number;
  readonly lookMs: number;
  /** How long closing waits for who was told to give back. */
  readonly returnMs: number;
  readonly log: Logger;
}

interface Lane<T> {
  /** In stream order. */
  waiting: LaneItem<T>[];
  running: LaneItem<T> | null;
  /** Up to here nothing is to be waited for. */
  doneSequence: number;
  wake: () => void;
}

export class OrderedLanes<T> {
  readonly #options: Options<T>;
  /** Bounded by the consumer's max_ack_pending. */
  readonly #lanes = new Map<string, Lane<T>>();
  readonly #draining = new AbortController();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: Options<T>) {
    this.#options = options;
    // Each item in hand may listen, and no more: from the eleventh on Node would warn of a leak.
    setMaxListeners(0, this.#draining.signal, this.#stop.signal);
  }

  push(item: LaneItem<T>): void {
    if (this.#draining.signal.aborted) return item.giveBack(0);
    const known = this.#lanes.get(item.subject);
    const lane: Lane<T> = known ?? { waiting: [], running: null, doneSequence: 0, wake: () => undefined };
    put(lane, item);
    lane.wake();
    if (known !== undefined) return;
    this.#lanes.set(item.subject, lane);
    const running = this.#run(item.subject, lane).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Tells the server that everything here is in hand: called regularly. */
  working(): void {
    for (const { waiting, running } of this.#lanes.values()) {
      running?.working();
      for (const item of waiting) item.working();
    }
  }

  /** Begins nothing any more, gives back what waits, and after `graceMs` what was begun, too. */
  async close(graceMs: number): Promise<void> {
    this.#draining.abort();
    for (const lane of this.#lanes.values()) {
      for (const item of lane.waiting.splice(0)) item.giveBack(0);
      lane.wake();
    }
    const ended = Promise.all(this.#running);
    if (await within(ended, graceMs)) return;
    this.#stop.abort();
    await within(ended, this.#options.returnMs);
  }

  async #run(subject: string, lane: Lane<T>): Promise<void> {
    for (;;) {
      await this.#untilOldest(subject, lane);
      const item = lane.waiting.shift();
      if (item === undefined) break;
      lane.running = item;
      await this.#handOut(lane, item);
      lane.running = null;
    }
    this.#lanes.delete(subject);
  }

  async #handOut(lane: Lane<T>, { item, delivery, sequence }: LaneItem<T>): Promise<void> {
    const [draining, signal] = [this.#draining.signal, this.#stop.signal];
    // Delivered again meanwhile, it is the newest delivery that counts.
    const newest = (): LaneItem<T> => lane.running as LaneItem<T>;
    let againMs: number | null;
    try {
      againMs = await this.#options.take({ item, delivery, draining, signal });
    } catch (error) {
      this.#handBack(newest(), error);
      return;
    }
    if (againMs !== null) return newest().giveBack(againMs);
    lane.doneSequence = Math.max(lane.doneSequence, sequence);
    await newest().done();
  }

  #handBack(item: LaneItem<T>, error: unknown): void {
    if (this.#draining.signal.aborted) return item.giveBack(0);
    const againMs = this.#options.failed(error, item.delivery);
    if (againMs === null) item.giveUp();
    else item.giveBack(againMs);
  }

  async #untilOldest(subject: string, lane: Lane<T>): Promise<void> {
    const { lookMs, waitMs } = this.#options;
    const untilMs = performance.now() + waitMs;
    for (let next = lane.waiting[0]; next !== undefined; next = lane.waiting[0]) {
      const oldest = await this.#options.oldest(subject, lane.doneSequence);
      if (this.#draining.signal.aborted || lane.waiting[0] !== next) continue;
      if (!(oldest instanceof Problem) && (oldest === null || oldest >= next.sequence)) return;
      if (performance.now() > untilMs) {
        this.#options.log.warn(
          { oldest, sequence: next.sequence },
          'An item of a work queue waits for an older one no longer',
        );
        if (typeof oldest === 'number') lane.doneSequence = oldest;
        return;
      }
      await lookAgain(lane, lookMs);
    }
  }
}

/** In its place; one that is here already only has a newer delivery now. */
function put<T>(lane: Lane<T>, item: LaneItem<T>): void {
  if (lane.running?.sequence === item.sequence) {
    lane.running = item;
    return;
  }
  const before = lane.waiting.filter(({ sequence }) => sequence < item.sequence);
  const after = lane.waiting.filter(({ sequence }) => sequence > item.sequence);
  lane.waiting = [...before, item, ...after];
}

function lookAgain<T>(lane: Lane<T>, lookMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, lookMs);
    lane.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

async function within(done: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const isDone = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}
