/**
 * Connections to PostgreSQL, and the edge where what goes wrong there becomes a Problem. Nothing
 * waits for ever: the server ends a statement after `sqlStatementMsMax`; a server that does not even
 * do that (stopped, cut off) is given up by the client, which then starts with fresh connections.
 */
import postgres from 'postgres';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Logger } from '../../ports/logger.ts';
import { isAway, sqlState } from './sql-state.ts';

/** The driver's client; bigint columns are JavaScript numbers (all of ours are below 2^53). */
export type Sql = postgres.Sql<{ bigint: number }>;
/** The client inside of a transaction. */
export type Transaction = postgres.TransactionSql<{ bigint: number }>;

export interface PoolOptions {
  readonly url: string;
  /** Connections at most. */
  readonly max: number;
  readonly log: Logger;
  /** Where the server ends a statement; default limits.sqlStatementMsMax. */
  readonly statementMs?: number;
}

export interface Pool {
  /** The present client. Ask for it each time: a stuck one is replaced. */
  readonly sql: Sql;
  /**
   * Runs `work` and answers its result: `unavailable` when Postgres is away or does not answer in
   * time, `overloaded` when too many wait already, `internal` when it refuses a statement. Errors of
   * the program itself are thrown. No SQL and no driver text leaves.
   */
  answering<T>(work: (sql: Sql) => Promise<T>): Promise<T | Problem>;
  /** Waits shortly for what is running, then ends every connection. */
  close(): Promise<void>;
}

const givenUp = Symbol('given up');

/** Opens a pool; connections are made when they are needed, so this never fails. */
export function openPool(options: PoolOptions): Pool {
  const { log } = options;
  const statementMs = options.statementMs ?? limits.sqlStatementMsMax;
  let sql = connect(options, statementMs);
  let running = 0;
  let answers = 0;
  const closing = new Set<Promise<void>>();

  function release(old: Sql, graceMs: number): Promise<void> {
    const end = old.end({ timeout: graceMs / 1000 }).finally(() => closing.delete(end));
    closing.add(end);
    return end;
  }

  /** Nobody got any answer for longer than a statement may take: these connections are dead. */
  function replace(stuck: Sql): void {
    if (stuck !== sql) return;
    log.warn({}, 'PostgreSQL does not answer; connecting anew');
    sql = connect(options, statementMs);
    void release(stuck, 0);
  }

  async function answering<T>(work: (sql: Sql) => Promise<T>): Promise<T | Problem> {
    if (running >= options.max + limits.sqlWaitingMax) return new Problem('overloaded');
    running += 1;
    const used = sql;
    const answersBefore = answers;
    try {
      const outcome = await withDeadline(work(used), statementMs + limits.sqlGraceMs);
      if (outcome !== givenUp) {
        answers += 1;
        return outcome;
      }
      if (answers === answersBefore) replace(used);
      return new Problem('unavailable');
    } catch (error) {
      return refusalOf(error, log);
    } finally {
      running -= 1;
    }
  }

  return {
    get sql() {
      return sql;
    },
    answering,
    async close() {
      void release(sql, limits.sqlGraceMs);
      await Promise.all(closing);
    },
  };
}

function connect({ url, max, log }: PoolOptions, statementMs: number): Sql {
  return postgres(url, {
    max,
    connect_timeout: limits.sqlConnectMsMax / 1000,
    // A restarted server is found again at once; the default waits up to 20 s.
    backoff: () => limits.sqlReconnectMs / 1000,
    prepare: true,
    onnotice: ({ code }) => log.debug({ code }, 'notice of PostgreSQL'),
    connection: {
      application_name: 'parley',
      statement_timeout: statementMs,
      // A node that stops in the middle of a transaction must not keep its locks.
      idle_in_transaction_session_timeout: limits.sqlStatementMsMax,
    },
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
  });
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
