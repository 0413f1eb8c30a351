/** Starts the projector's thread, passes its logs and counts on, and starts it again should it end. */
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { TracedBatch } from '../../core/projection/project-batch.ts';
import type { NodeId } from '../../domain/ids.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Tracing } from '../../ports/tracing.ts';

/** What the thread needs to connect. */
export interface ProjectorSettings {
  readonly natsUrl: string;
  readonly natsCreds: string | null;
  readonly databaseUrl: string;
  readonly node: NodeId;
  readonly partitions: number;
  readonly replicas: number;
  readonly isTraced: boolean;
}

export type ToProjector = { readonly kind: 'close' };

export type FromProjector =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'projected'; readonly partition: string; readonly value: number }
  | { readonly kind: 'skipped'; readonly value: number }
  | { readonly kind: 'batch'; readonly seconds: number }
  | { readonly kind: 'traced'; readonly batch: TracedBatch }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly fields: object;
      readonly message: string;
    };

/** It has many causes and belongs to the trace of none: linked to each. */
function traceBatch(tracing: Tracing, { partition, events, seconds, causes }: TracedBatch): void {
  const of = { name: 'project batch', kind: 'consumer', parent: null, links: causes } as const;
  tracing.begin({ ...of, facts: { partition, events }, agoMs: seconds * 1000 })?.end();
}

const restartMs = 1_000;

/** Resolves when the thread projects; rejects with its reason when it cannot start. `close()` waits for the batch in hand. */
export async function openProjectorSide(
  settings: ProjectorSettings,
  logger: Logger,
  metrics: Metrics,
  tracing: Tracing,
): Promise<{ close(): Promise<void> }> {
  let isClosing = false;
  let thread: Worker | null = null;
  let ended: Promise<void> = Promise.resolve();

  function take(message: FromProjector): void {
    if (message.kind === 'log') logger[message.level](message.fields, message.message);
    else if (message.kind === 'projected') metrics.projected.add(message.partition, message.value);
    else if (message.kind === 'skipped') metrics.projectionSkipped.add(message.value);
    else if (message.kind === 'traced') traceBatch(tracing, message.batch);
    else if (message.kind === 'batch') metrics.projectionBatchSeconds.observe(message.seconds);
  }

  function start(): Promise<void> {
    const worker = new Worker(new URL('./projector-thread.js', import.meta.url), { workerData: settings });
    thread = worker;
    ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('error', (error) => logger.error({ error }, 'The projector ended with an error'));
    worker.once('exit', () => {
      thread = null;
    });
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromProjector) => {
        take(message);
        if (message.kind === 'ready') {
          worker.once('exit', () => void startAgain());
          resolve();
        }
        if (message.kind === 'failed') reject(new Error(message.message));
      });
      worker.once('exit', () => reject(new Error('the projector ended before it was ready')));
    });
  }

  async function startAgain(): Promise<void> {
    while (!isClosing) {
      logger.error({}, 'The projector ended and is started again');
      await delay(restartMs, undefined, { ref: false });
      if (isClosing) return;
      try {
        await start();
        return;
      } catch (error) {
        logger.error({ error }, 'The projector could not be started again');
      }
    }
  }

  await start();
  return {
    async close() {
      isClosing = true;
      thread?.postMessage({ kind: 'close' } satisfies ToProjector);
      await ended;
    },
  };
}
