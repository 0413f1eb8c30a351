/**
 * Puts delivered turns into lanes, one for each agent in a conversation, and hands those of a lane out one after
 * another in the order of the stream. A server delivers again what a dead node had, and by then it may have
 * delivered what came later: so a turn begins only when none of its lane that is older is left in the stream.
 * Whoever had that one still has it (and this waits), or it is delivered again soon.
 */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AgentTurn, TakenTurn } from '../../../ports/agent-turns.ts';
import type { Logger } from '../../../ports/logger.ts';

export interface DeliveredTurn {
  readonly turn: AgentTurn;
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

interface Options {
  readonly take: (taken: TakenTurn) => Promise<void>;
  /** Sequence of the oldest turn on a subject that is left in the stream after `after`; null when there is none. */
  readonly oldest: (subject: string, after: number) => Promise<number | null | Problem>;
  readonly log: Logger;
}

interface Lane {
  /** In stream order. */
  waiting: DeliveredTurn[];
  running: DeliveredTurn | null;
  /** Up to here nothing is to be waited for. */
  doneSequence: number;
  wake: () => void;
}

export class TurnLanes {
  readonly #options: Options;
  /** Bounded by the consumer's max_ack_pending. */
  readonly #lanes = new Map<string, Lane>();
  readonly #draining = new AbortController();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: Options) {
    this.#options = options;
  }

  push(turn: DeliveredTurn): void {
    if (this.#draining.signal.aborted) return turn.giveBack(0);
    const known = this.#lanes.get(turn.subject);
    const lane = known ?? { waiting: [], running: null, doneSequence: 0, wake: () => undefined };
    put(lane, turn);
    lane.wake();
    if (known !== undefined) return;
    this.#lanes.set(turn.subject, lane);
    const running = this.#run(turn.subject, lane).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Tells the server that everything here is in hand: called regularly. */
  working(): void {
    for (const { waiting, running } of this.#lanes.values()) {
      running?.working();
      for (const turn of waiting) turn.working();
    }
  }

  /** Begins nothing any more, gives back what waits, and after `graceMs` what was begun, too. */
  async close(graceMs: number): Promise<void> {
    this.#draining.abort();
    for (const lane of this.#lanes.values()) {
      for (const turn of lane.waiting.splice(0)) turn.giveBack(0);
      lane.wake();
    }
    const ended = Promise.all(this.#running);
    if (await within(ended, graceMs)) return;
    this.#stop.abort();
    await within(ended, limits.agentTurnReturnMs);
  }

  async #run(subject: string, lane: Lane): Promise<void> {
    for (;;) {
      await this.#untilOldest(subject, lane);
      const turn = lane.waiting.shift();
      if (turn === undefined) break;
      lane.running = turn;
      await this.#handOut(lane, turn);
      lane.running = null;
    }
    this.#lanes.delete(subject);
  }

  async #handOut(lane: Lane, turn: DeliveredTurn): Promise<void> {
    const isRepeated = turn.delivery > 1;
    try {
      await this.#options.take({
        ...{ turn: turn.turn, isRepeated },
        ...{ draining: this.#draining.signal, signal: this.#stop.signal },
      });
    } catch (error) {
      this.#handBack(lane.running ?? turn, error);
      return;
    }
    lane.doneSequence = Math.max(lane.doneSequence, turn.sequence);
    // Delivered again meanwhile, it is the newest delivery that counts.
    await (lane.running ?? turn).done();
  }

  #handBack(turn: DeliveredTurn, error: unknown): void {
    if (this.#draining.signal.aborted) return turn.giveBack(0);
    this.#options.log.error({ error }, 'A turn of an agent failed');
    if (turn.delivery >= limits.agentTurnDeliveriesMax) turn.giveUp();
    else turn.giveBack(limits.agentTurnReturnMs);
  }

  async #untilOldest(subject: string, lane: Lane): Promise<void> {
    const untilMs = performance.now() + limits.agentTurnWaitMs;
    for (let next = lane.waiting[0]; next !== undefined; next = lane.waiting[0]) {
      const oldest = await this.#options.oldest(subject, lane.doneSequence);
      if (this.#draining.signal.aborted || lane.waiting[0] !== next) continue;
      if (!(oldest instanceof Problem) && (oldest === null || oldest >= next.sequence)) return;
      if (performance.now() > untilMs) {
        this.#options.log.warn(
          { oldest, sequence: next.sequence },
          'A turn waits for an older one no longer',
        );
        if (typeof oldest === 'number') lane.doneSequence = oldest;
        return;
      }
      await lookAgain(lane);
    }
  }
}

/** In its place; one that is here already only has a newer delivery now. */
function put(lane: Lane, turn: DeliveredTurn): void {
  if (lane.running?.sequence === turn.sequence) {
    lane.running = turn;
    return;
  }
  const before = lane.waiting.filter(({ sequence }) => sequence < turn.sequence);
  const after = lane.waiting.filter(({ sequence }) => sequence > turn.sequence);
  lane.waiting = [...before, turn, ...after];
}

function lookAgain(lane: Lane): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limits.agentTurnLookMs);
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
