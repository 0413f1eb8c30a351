/**
 * `parley serve --workers N`: N processes on one port (SO_REUSEPORT), each a whole node. This process only
 * watches them: it starts a worker again that ended, and passes signals on. It holds no connection.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from '../../ports/logger.ts';
import { Failure } from '../failure.ts';
import { listenForStop } from './stop-signals.ts';
import { MetricsGathering } from './worker-metrics.ts';

export interface WorkersOptions {
  readonly count: number;
  /** The program and its arguments: what makes one worker. */
  readonly command: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** The pause before the second attempt; doubles with each. Default 250. */
  readonly pauseMinMs?: number;
}

export const workersMax = 64;
/** What a worker says to its supervisor when somebody asked the server to stop. */
export const stopRequest = 'stop';
/** A worker that lives shorter than this did not start: the pause before the next one doubles. */
const settledMs = 10_000;
const pauseMaxMs = 10_000;
/** So many workers in a row that did not start: it is not one of them, it is the configuration. */
const failuresMax = 5;

/** Runs until a signal ended all workers. Throws when they do not start at all. */
export async function superviseWorkers(options: WorkersOptions): Promise<void> {
  const running = new Map<number, ChildProcess>();
  const metrics = new MetricsGathering(running, options.count);
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const child of running.values()) child.kill(signal);
  };
  const stop = listenForStop(() => {
    signalAll('SIGKILL');
    process.exit(1);
  });
  const ended = new AbortController();
  void stop.asked.then((reason) => {
    options.log.info({ reason, workers: running.size }, 'ending the workers');
    signalAll('SIGTERM');
    ended.abort();
  });
  const onExit = (): void => signalAll('SIGKILL');
  process.once('exit', onExit);
  try {
    const slots = Array.from({ length: options.count }, (_, slot) =>
      keepRunning(slot, options, { running, metrics, ended: ended.signal, onStop: stop.request }).catch(
        (error: unknown) => {
          signalAll('SIGTERM');
          ended.abort();
          throw error;
        },
      ),
    );
    const outcomes = await Promise.allSettled(slots);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } finally {
    process.off('exit', onExit);
    stop.release();
  }
}

interface Supervision {
  readonly running: Map<number, ChildProcess>;
  readonly metrics: MetricsGathering;
  readonly ended: AbortSignal;
  readonly onStop: () => void;
}

/** One worker after another in one slot, until `ended`. */
async function keepRunning(
  slot: number,
  options: WorkersOptions,
  { running, metrics, ended, onStop }: Supervision,
): Promise<void> {
  const { env, log } = options;
  const [program, ...args] = options.command;
  for (let failures = 0; !ended.aborted; ) {
    const startedMs = performance.now();
    // Detached: Ctrl-C in a terminal reaches only this process, and a worker gets one signal, not two.
    // The end of the channel tells a worker that this process is gone (kill -9), so that it ends too.
    const child = spawn(program, args, {
      env: { ...env, PARLEY_WORKER: String(slot) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
    });
    child.on('message', (said) => {
      if (said === stopRequest) onStop();
      else metrics.heard(child, said);
    });
    running.set(slot, child);
    log.info({ slot, pid: child.pid }, 'worker started');
    const how = await endOf(child);
    running.delete(slot);
    if (ended.aborted) return;
    metrics.restarted();
    failures = performance.now() - startedMs < settledMs ? failures + 1 : 0;
    log.error({ slot, pid: child.pid, exit_code: how.code, signal: how.signal }, 'worker ended by itself');
    if (failures >= failuresMax) throw new Failure('the workers do not start; their log says why');
    await pause(Math.min((options.pauseMinMs ?? 250) * 2 ** failures, pauseMaxMs), ended);
  }
}

function endOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const wake = (): void => {
      clearTimeout(timer);
      resolve();
    };
    ended.addEventListener('abort', wake, { once: true });
  });
}
