/**
 * One connection to PostgreSQL, used by one piece of work at a time. The tenant is a setting of the
 * connection, so nobody else's statement may come between setting it and using it.
 *
 * Each use sets its tenant first, in the same round trip as its statement. A lane ends with its
 * connection: work that goes on regardless is refused its statements, and its result is not answered.
 */
import { type Client, type ConnectionOptions, connect, type Sql, type Transaction } from './driver.ts';

export class Lane {
  readonly #client: Client;
  #isEnded = false;
  /** It has set a tenant before: it is open, and knows the statement. */
  #isWarm = false;

  constructor(options: ConnectionOptions) {
    this.#client = connect(options, () => {
      this.#isEnded = true;
    });
  }

  /** Its connection is lost, or could not be made: it serves nobody any more. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Runs `work` for the tenant, or for none. Rejects with the driver's error. */
  answering<T>(tenant: string | null, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#guarding<Sql, T>(async (guarded) => {
      const sql = guarded(this.#client);
      if (tenant === null) return work(sql);
      const setting = this.#client`select set_config('parley.tenant', ${tenant}, false)`.execute();
      // A statement that waits for a connection would be sent on the next one if this one fails.
      if (!this.#isWarm) await setting;
      const [result] = await Promise.all([work(sql), setting]);
      this.#isWarm = true;
      return result;
    });
  }

  /** The same in a transaction: it is committed when `work` resolves, else rolled back. */
  transacting<T>(tenant: string | null, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#guarding<Transaction, T>(async (guarded) => {
      const inside = async (tx: Transaction): Promise<T> => {
        if (tenant === null) return work(guarded(tx));
        const setting = tx`select set_config('parley.tenant', ${tenant}, true)`.execute();
        const [result] = await Promise.all([work(guarded(tx)), setting]);
        return result;
      };
      const outcome = await this.#client.begin(async (tx): Promise<{ readonly result: T }> => {
        try {
          const result = await inside(tx);
          if (!this.#isEnded) return { result };
        } catch (error) {
          if (!this.#isEnded) throw error;
        }
        // The driver has rejected already, and would send its commit or rollback into the closed socket,
        // which ends the process (postgres 3.4.9): it never hears from this one again.
        return new Promise(() => undefined);
      });
      return (outcome as { readonly result: T }).result;
    });
  }

  /** It does not answer: whatever still runs on it is refused further statements. */
  abandon(): void {
    this.#isEnded = true;
  }

  /** Ends the connection, after what is running if that takes no longer than `graceMs`. */
  end(graceMs: number): Promise<void> {
    return this.#client.end({ timeout: graceMs / 1000 });
  }

  /** Gives `run` a client that refuses statements once the connection is lost, and once `run` is over. */
  async #guarding<Called extends Sql | Transaction, T>(
    run: (guarded: (client: Called) => Called) => Promise<T>,
  ): Promise<T> {
    let isOver = false;
    const guarded = (client: Called): Called =>
      new Proxy(client, {
        apply: (target, self, args) => {
          if (isOver || this.#isEnded) throw lost();
          return Reflect.apply(target as (...args: unknown[]) => unknown, self, args);
        },
      });
    try {
      const result = await run(guarded);
      if (this.#isEnded) throw lost();
      return result;
    } finally {
      isOver = true;
    }
  }
}

/** As the driver says it: sqlState() knows that this is `unavailable`. */
function lost(): Error {
  return Object.assign(new Error('the connection ended'), { code: 'CONNECTION_CLOSED' });
}
