/**
 * One connection to PostgreSQL. The tenant is a setting of the connection, so whoever is on it at once is of
 * one tenant: their statements share packets, and a transaction is alone.
 *
 * The first to come sets the tenant, in the same round trip as its statement. A lane ends with its
 * connection: work that goes on regardless is refused its statements, and its result is not answered.
 */
import { type Client, type ConnectionOptions, connect, type Sql, type Transaction } from './driver.ts';

/** One piece of work on a lane; over when it was answered or given up. */
export interface Use {
  isOver: boolean;
}

export class Lane {
  readonly #client: Client;
  #isEnded = false;
  /** It has set a tenant before: it is open, and knows the statement. */
  #isWarm = false;
  #tenant: string | null = null;
  /** The tenant on its way to the server, since the lane was occupied for it. */
  #setting: Promise<unknown> | null = null;

  constructor(options: ConnectionOptions) {
    this.#client = connect(options, () => {
      this.#isEnded = true;
    });
  }

  /** Its connection is lost, or could not be made: it serves nobody any more. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Who is on it from now on: all uses of before are over. Null: those who need no tenant. */
  occupy(tenant: string | null): void {
    this.#tenant = tenant;
    this.#setting = null;
  }

  /** Runs `work` for the tenant that the lane is occupied for. Rejects with the driver's error. */
  answering<T>(use: Use, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#unlessEnded(async () => {
      const sql = this.#guarded<Sql>(this.#client, use);
      const tenant = this.#tenant;
      if (tenant === null) return work(sql);
      this.#setting ??= this.#set(tenant);
      const setting = this.#setting;
      // A statement that waits for a connection would be sent on the next one if this one fails.
      if (!this.#isWarm) await setting;
      const [result] = await Promise.all([work(sql), setting]);
      this.#isWarm = true;
      return result;
    });
  }

  #set(tenant: string): Promise<unknown> {
    const setting = this.#client`select set_config('parley.tenant', ${tenant}, false)`.execute();
    // Work that throws at once leaves nobody to hear of it.
    setting.catch(() => undefined);
    return setting;
  }

  /** The same in a transaction, alone: it is committed when `work` resolves, else rolled back. */
  transacting<T>(use: Use, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const tenant = this.#tenant;
    const inside = async (tx: Transaction): Promise<T> => {
      const sql = this.#guarded<Transaction>(tx, use);
      if (tenant === null) return work(sql);
      const setting = tx`select set_config('parley.tenant', ${tenant}, true)`.execute();
      const [result] = await Promise.all([work(sql), setting]);
      return result;
    };
    return this.#unlessEnded(async () => {
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

  async #unlessEnded<T>(run: () => Promise<T>): Promise<T> {
    const result = await run();
    if (this.#isEnded) throw lost();
    return result;
  }

  /** The client as this use may call it: not once its connection is lost, nor when the use is over. */
  #guarded<Called extends Sql | Transaction>(client: Called, use: Use): Called {
    return new Proxy(client, {
      apply: (target, self, args) => {
        if (use.isOver || this.#isEnded) throw lost();
        return Reflect.apply(target as (...args: unknown[]) => unknown, self, args);
      },
    });
  }
}

/** As the driver says it: sqlState() knows that this is `unavailable`. */
function lost(): Error {
  return Object.assign(new Error('the connection ended'), { code: 'CONNECTION_CLOSED' });
}
