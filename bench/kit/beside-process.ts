/** Runs a part of a bench as a process of its own, so that its heap, its JIT and its loop are its own. */
import { type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { within } from './wait.ts';

export type BesideProcess<Ready> = {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly ready: Ready;
  /** Sends one order and waits for its answer; one order at a time. */
  ask<Answer>(order: unknown, waitMs: number): Promise<Answer>;
  close(): Promise<void>;
};

export type BesideOptions = {
  /** Added to our own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How it is run where it is not as we are: replaces what is usual. */
  readonly run?: ForkOptions;
  readonly startMs?: number;
};

const startMs = 20_000;
const endMs = 3_000;

/** Starts a compiled script that ends in serveBeside(); it ends when this process does. `what` is for errors. */
export async function startBeside<Ready>(
  what: string,
  script: string,
  args: readonly string[] = [],
  options: BesideOptions = {},
): Promise<BesideProcess<Ready>> {
  const child = fork(script, [...args], {
    env: { ...process.env, ...options.environment },
    execArgv: ['--enable-source-maps'],
    ...options.run,
  });
  const exited = once(child, 'exit');
  const answer = async <T>(step: string, waitMs: number): Promise<T> => {
    const ended = exited.then(([code]) => {
      throw new Error(`${step}: the process ended (${String(code)})`);
    });
    const [message] = await within(step, waitMs, Promise.race([once(child, 'message'), ended]));
    const { error, ...said } = message as { error?: string };
    if (error !== undefined) throw new Error(`${step}: ${error}`);
    return said as T;
  };
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), endMs);
    await exited;
    clearTimeout(hard);
  };
  try {
    const ready = await answer<Ready>(`start of ${what}`, options.startMs ?? startMs);
    return {
      pid: child.pid ?? 0,
      ready,
      ask: (order, waitMs) => {
        child.send(order as object);
        return answer(what, waitMs);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The other side: says it is ready, answers each order, ends with its parent. */
export function serveBeside<Order>(ready: object, obey: (order: Order) => Promise<object>): void {
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
  process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; our parent ends us in order
  process.on('message', (order) => {
    obey(order as Order).then(
      (answer) => process.send?.(answer),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
  process.send?.(ready);
}
