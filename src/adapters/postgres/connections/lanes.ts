/**
 * The connections of a pool: who waits for one, for how long, and which of them are given up.
 * A lane is used, or idle, or ended; one that is given up is ended at once, so that work which still runs
 * on it cannot meet the next one.
 */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Logger } from '../../../ports/logger.ts';
import { isAway, sqlState } from '../sql-state.ts';
import type { ConnectionOptions } from './driver.ts';
import { Lane } from './lane.ts';

export interface LanesOptions extends ConnectionOptions {
  readonly max: number;
}

export interface Lanes {
  /** Runs `work` on a lane of its own; see TenantPool (pool.ts) for what it answers. */
  use<T>(work: (lane: Lane) => Promise<T>): Promise<T | Problem>;
  close(): Promise<void>;
}

const givenUp = Symbol('given up');

export function openLanes(options: LanesOptions): Lanes {
  const { log, max } = options;
  const patienceMs = options.statementMs + limits.sqlGraceMs;
  /** The one used last is used next: quiet times keep few connections busy. */
  const idle: Lane[] = [];
  const used = new Set<Lane>();
  /** Callers that wait for a lane, oldest first; null tells them to give up. */
  const waiting = new Set<(lane: Lane | null) => void>();
  const ending = new Set<Promise<void>>();
  let answers = 0;
  let isClosed = false;

  function end(lane: Lane, graceMs: number): void {
    const ended = lane.end(graceMs).finally(() => ending.delete(ended));
    ending.add(ended);
  }

  async function take(): Promise<Lane | Problem> {
    if (isClosed) return new Problem('unavailable');
    if (used.size < max) return begin(idleLane() ?? new Lane(options));
    if (waiting.size >= limits.sqlWaitingMax) return new Problem('overloaded');
    return wait();
  }

  function begin(lane: Lane): Lane {
    used.add(lane);
    return lane;
  }

  function idleLane(): Lane | undefined {
    for (let lane = idle.pop(); lane !== undefined; lane = idle.pop()) {
      if (!lane.isEnded) return lane;
      end(lane, 0);
    }
    return undefined;
  }

  function wait(): Promise<Lane | Problem> {
    return new Promise((resolve) => {
      const answer = (lane: Lane | null): void => {
        clearTimeout(timer);
        waiting.delete(answer);
        resolve(lane ?? new Problem('unavailable'));
      };
      const timer = setTimeout(answer, patienceMs, null);
      waiting.add(answer);
    });
  }

  /** Hands the lane, or a fresh one in its place, to who has waited longest. */
  function give(lane: Lane): void {
    used.delete(lane);
    const isSpent = lane.isEnded || isClosed;
    if (isSpent) end(lane, 0);
    const [next] = waiting;
    if (next !== undefined) next(begin(isSpent ? new Lane(options) : lane));
    else if (!isSpent) idle.push(lane);
  }

  /** Nobody got any answer for longer than a statement may take: then the idle ones are dead, too. */
  function giveUp(lane: Lane, isServerSilent: boolean): void {
    log.warn({}, 'PostgreSQL does not answer; connecting anew');
    lane.abandon();
    if (isServerSilent) for (const other of idle.splice(0)) end(other, 0);
  }

  async function use<T>(work: (lane: Lane) => Promise<T>): Promise<T | Problem> {
    const lane = await take();
    if (lane instanceof Problem) return lane;
    const answersBefore = answers;
    try {
      const outcome = await withDeadline(work(lane), patienceMs);
      if (outcome !== givenUp) {
        answers += 1;
        return outcome;
      }
      giveUp(lane, answers === answersBefore);
      return new Problem('unavailable');
    } catch (error) {
      return refusalOf(error, log);
    } finally {
      give(lane);
    }
  }

  return {
    use,
    async close() {
      isClosed = true;
      for (const answer of waiting) answer(null);
      for (const lane of [...idle.splice(0), ...used]) end(lane, limits.sqlGraceMs);
      await Promise.all(ending);
    },
  };
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
  log.error({ sqlState: state }, 'PostgreSQL refused a statement');
  return new Problem('internal');
}
