/**
 * The connections of a pool: who waits for one, with whom it is shared, and which of them are given up.
 * A lane is idle, or occupied for one tenant, or ended. One that is given up is ended at once.
 *
 * Statements of one tenant share a lane when no other is free: they go in one packet, and measured with 100
 * callers a read costs half the processor time. As soon as anybody waits, nobody joins any more.
 */

import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Logger } from '../../../ports/logger.ts';
import { isAway, sqlState } from '../sql-state.ts';
import type { ConnectionOptions } from './driver.ts';
import { Lane, type Use } from './lane.ts';

export interface LanesOptions extends ConnectionOptions {
  readonly max: number;
}

/** For whom a lane is wanted; `isAlone`: for a transaction. */
export interface Wanted {
  readonly tenant: string | null;
  readonly isAlone: boolean;
}

/** A lane that somebody is on. */
interface Share extends Wanted {
  readonly lane: Lane;
  users: number;
  /** How often it has answered. */
  answers: number;
}

interface Waiter {
  readonly wanted: Wanted;
  /** Null: it is given up. */
  readonly answer: (share: Share | null) => void;
}

const givenUp = Symbol('given up');

export class Lanes {
  readonly #options: LanesOptions;
  readonly #patienceMs: number;
  /** The one used last is used next: quiet times keep few connections busy. */
  readonly #idle: Lane[] = [];
  readonly #shares = new Set<Share>();
  /** Oldest first. */
  readonly #waiting = new Set<Waiter>();
  readonly #ending = new Set<Promise<void>>();
  #answers = 0;
  #isClosed = false;

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#patienceMs = options.statementMs + limits.sqlGraceMs;
  }

  /** Who waits for a connection, and how many connections are in use. */
  get load(): { readonly waiting: number; readonly inUse: number } {
    return { waiting: this.#waiting.size, inUse: this.#shares.size };
  }

  /** Runs `work` on a lane; see TenantPool (pool.ts) for what it answers. */
  async use<T>(wanted: Wanted, work: (lane: Lane, use: Use) => Promise<T>): Promise<T | Problem> {
    const share = await this.#take(wanted);
    if (share instanceof Problem) return share;
    const before = { answers: this.#answers, ofLane: share.answers };
    const use: Use = { isOver: false };
    try {
      const outcome = await withDeadline(work(share.lane, use), this.#patienceMs);
      if (outcome !== givenUp) {
        this.#answers += 1;
        share.answers += 1;
        return outcome;
      }
      if (share.answers === before.ofLane) this.#giveUp(share, this.#answers === before.answers);
      return new Problem('unavailable');
    } catch (error) {
      return refusalOf(error, this.#options.log);
    } finally {
      use.isOver = true;
      this.#leave(share);
    }
  }

  /** Waits shortly for what is running, then ends every connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { answer } of this.#waiting) answer(null);
    const lanes = [...this.#idle.splice(0), ...[...this.#shares].map(({ lane }) => lane)];
    for (const lane of lanes) this.#end(lane, limits.sqlGraceMs);
    await Promise.all(this.#ending);
  }

  async #take(wanted: Wanted): Promise<Share | Problem> {
    if (this.#isClosed) return new Problem('unavailable');
    if (this.#shares.size < this.#options.max) return this.#occupy(this.#idleLane(), wanted);
    const share = this.#waiting.size === 0 ? this.#joinable(wanted) : undefined;
    if (share !== undefined) return join(share);
    if (this.#waiting.size >= limits.sqlWaitingMax) return overloaded('sql');
    return this.#wait(wanted);
  }

  #idleLane(): Lane {
    for (let lane = this.#idle.pop(); lane !== undefined; lane = this.#idle.pop()) {
      if (!lane.isEnded) return lane;
      this.#end(lane, 0);
    }
    return new Lane(this.#options);
  }

  #occupy(lane: Lane, { tenant, isAlone }: Wanted): Share {
    lane.occupy(tenant);
    const share: Share = { lane, tenant, isAlone, users: 1, answers: 0 };
    this.#shares.add(share);
    return share;
  }

  /** The one with the fewest on it. */
  #joinable(wanted: Wanted): Share | undefined {
    let best: Share | undefined;
    for (const share of this.#shares)
      if (mayJoin(share, wanted) && share.users < (best?.users ?? limits.sqlLaneUsersMax)) best = share;
    return best;
  }

  /** Half as long as a statement may take: whoever waits longer would hardly be answered in time. */
  #wait(wanted: Wanted): Promise<Share | Problem> {
    const answersBefore = this.#answers;
    return new Promise((resolve) => {
      const answer = (share: Share | null): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        const isSilent = this.#isClosed || this.#answers === answersBefore;
        resolve(share ?? (isSilent ? new Problem('unavailable') : overloaded('sql')));
      };
      const waiter: Waiter = { wanted, answer };
      const timer = setTimeout(answer, this.#patienceMs / 2, null);
      this.#waiting.add(waiter);
    });
  }

  #leave(share: Share): void {
    share.users -= 1;
    if (share.users > 0) return;
    this.#shares.delete(share);
    const { lane } = share;
    const isSpent = lane.isEnded || this.#isClosed;
    if (isSpent) this.#end(lane, 0);
    const [next] = this.#waiting;
    if (next !== undefined) this.#admit(next, isSpent ? new Lane(this.#options) : lane);
    else if (!isSpent) this.#idle.push(lane);
  }

  /** Hands the lane to who has waited longest, and to those of its tenant who may come along. */
  #admit(first: Waiter, lane: Lane): void {
    const share = this.#occupy(lane, first.wanted);
    first.answer(share);
    for (const { wanted, answer } of this.#waiting) {
      if (share.users >= limits.sqlLaneUsersMax) return;
      if (mayJoin(share, wanted)) answer(join(share));
    }
  }

  /** Nobody got any answer for longer than a statement may take: then the idle ones are dead, too. */
  #giveUp({ lane }: Share, isServerSilent: boolean): void {
    this.#options.log.warn({}, 'PostgreSQL does not answer; connecting anew');
    lane.abandon();
    if (isServerSilent) for (const other of this.#idle.splice(0)) this.#end(other, 0);
  }

  #end(lane: Lane, graceMs: number): void {
    const ended = lane.end(graceMs).finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

function join(share: Share): Share {
  share.users += 1;
  return share;
}

function mayJoin(share: Share, { tenant, isAlone }: Wanted): boolean {
  return !isAlone && !share.isAlone && share.tenant === tenant && !share.lane.isEnded;
}

async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T | typeof givenUp> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<typeof givenUp>((resolve) => {
    timer = setTimeout(resolve, ms, givenUp);
  });
  // What was given up may still reject; nobody listens then.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function refusalOf(error: unknown, log: Logger): Problem {
  if (error instanceof Problem) return error;
  const state = sqlState(error);
  if (state === null) throw error;
  if (isAway(state)) return new Problem('unavailable');
  log.error({ sql_state: state }, 'PostgreSQL refused a statement');
  return new Problem('internal');
}
