import { Alarm } from './alarm.ts';
import type { Accounts } from './clients/accounts.ts';
import { type NativeClient, openNative, type Pushes } from './clients/native-client.ts';
import { Closers } from './closers.ts';
import type { Figure } from './figures/figure.ts';
import { type CpuReader, cpuOf, descendantsCpuMs, watchProcesses } from './references/process-usage.ts';
import type { Stack } from './stack.ts';

/** How long and how often a scenario measures. */
export type Pace = {
  /** One round of a reference or a scenario. */
  readonly roundMs: number;
  readonly rounds: number;
  /** Rounds before the first that counts: code is compiled for speed only after seconds under load. */
  readonly warmUpRounds: number;
};

export type Scenario = {
  readonly name: string;
  /** Measures and proves; throws when something acknowledged is not as it should be. */
  readonly run: (context: ScenarioContext) => Promise<readonly Figure[]>;
};

/** Rounds with a look at the processes. */
export type Watched = {
  round(): Promise<number>;
  shares(): string;
  parleyMicros(): number | null;
};

/** What one scenario works with; what it opened is closed after it. */
export class ScenarioContext {
  readonly stack: Stack;
  readonly accounts: Accounts;
  readonly pace: Pace;
  readonly alarm = new Alarm();
  readonly closers = new Closers();

  constructor(stack: Stack, accounts: Accounts, pace: Pace) {
    this.stack = stack;
    this.accounts = accounts;
    this.pace = pace;
  }

  async warmUp(round: () => Promise<unknown>): Promise<void> {
    for (let n = 0; n < this.pace.warmUpRounds; n += 1) await round();
  }

  /** A socket that rings the alarm when it is closed, or when one of its checks throws. */
  async open(token: string, pushes: Pushes = {}): Promise<NativeClient> {
    const { socketUrl } = await this.stack.parley();
    const client = await openNative(socketUrl, token, pushes, (error) => this.alarm.ring(error));
    this.closers.add(() => client.close());
    return client;
  }

  /**
   * `round` with a look at the processes: `shares` tells what each took in its last round, of a core and for
   * each of the operations that `counted` has counted since the beginning; `beside`: other processes of the load.
   * `parleyMicros`: processor time of Parley for one operation, over all these rounds; null where that cannot be read.
   */
  async watched(
    round: () => Promise<number>,
    counted: () => number,
    beside: Readonly<Record<string, CpuReader>> = {},
  ): Promise<Watched> {
    const { pid } = await this.stack.parley();
    const parleyMs = cpuOf(pid);
    let last = '';
    let [spentMs, operations] = [0, 0];
    return {
      shares: () => last,
      parleyMicros: () => (operations === 0 || Number.isNaN(spentMs) ? null : (spentMs * 1_000) / operations),
      round: async () => {
        const before = counted();
        const beforeMs = parleyMs() ?? Number.NaN;
        const usage = watchProcesses({
          load: cpuOf(process.pid),
          ...beside,
          parley: parleyMs,
          nats: cpuOf(this.stack.natsPid),
          postgres: () => descendantsCpuMs(pid),
        });
        const value = await round();
        const done = counted() - before;
        last = usage.stop(done);
        spentMs += (parleyMs() ?? Number.NaN) - beforeMs;
        operations += done;
        return value;
      },
    };
  }
}
