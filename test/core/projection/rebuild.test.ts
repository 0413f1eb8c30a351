import t, { type Test } from 'tap';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { openProjector } from '../../../src/core/projection/projector.ts';
import { rebuildProjection } from '../../../src/core/projection/rebuild.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { PlacedEntry } from '../../../src/ports/projection.ts';
import type {
  ProjectionFeed,
  ProjectionProgress,
  ProjectionSink,
} from '../../../src/ports/projection-feed.ts';
import { eventStream } from '../../kit/clients/event-stream.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { startProjection } from '../../kit/projection.ts';

/** A feed over arrays: each partition delivers its batches one after another, failed ones again. */
class ArrayFeed implements ProjectionFeed, ProjectionProgress {
  readonly partitions: number;
  open = 0;
  rewinds = 0;
  readonly #streams: readonly (readonly PlacedEntry[])[];
  readonly #done: number[];

  constructor(streams: readonly (readonly PlacedEntry[])[]) {
    this.partitions = streams.length;
    this.#streams = streams;
    this.#done = streams.map(() => 0);
  }

  async consume(partition: number, { batchMax, project }: ProjectionSink) {
    this.open += 1;
    let isClosed = false;
    const running = this.#run(partition, Math.min(batchMax, 40), project, () => isClosed);
    return {
      close: async () => {
        isClosed = true;
        await running;
        this.open -= 1;
      },
    };
  }

  async lag(): Promise<number | null> {
    return this.#streams.reduce((lag, stream, index) => lag + stream.length - this.#done[index]!, 0);
  }

  async ends(): Promise<readonly number[]> {
    return this.#streams.map((stream) => stream.length);
  }

  async projected(): Promise<readonly number[]> {
    return [...this.#done];
  }

  async rewind(): Promise<void> {
    this.rewinds += 1;
    this.#done.fill(0);
  }

  async #run(
    partition: number,
    size: number,
    project: (batch: readonly PlacedEntry[]) => Promise<void>,
    isClosed: () => boolean,
  ): Promise<void> {
    const stream = this.#streams[partition]!;
    while (!isClosed() && this.#done[partition]! < stream.length) {
      const batch = stream.slice(this.#done[partition], this.#done[partition]! + size);
      await project(batch).then(
        () => (this.#done[partition]! += batch.length),
        () => new Promise((resolve) => setImmediate(resolve)),
      );
    }
  }
}

async function rebuildable(t: Test, seed: number) {
  const projection = await startProjection(t);
  const { appended } = eventStream({ seed, conversations: 6, commands: 500 });
  const conversations = [...new Set(appended.map(({ ref }) => ref.conversation))];
  const partition = ({ ref }: PlacedEntry): number => conversations.indexOf(ref.conversation) % 2;
  const feed = new ArrayFeed([0, 1].map((index) => appended.filter((placed) => partition(placed) === index)));
  const log = { erase: async () => null, purgeBefore: async () => null };
  const common = { log, logger: silentLogger(), metrics: quietMetrics(), clock: openClock() };
  return { ...projection, ...common, feed, appended };
}

t.test('a rebuild empties the projection and fills it with the same rows', async (t) => {
  const parts = await rebuildable(t, 41);
  await parts.applyInBatches(parts.appended, 1_000);
  const before = await parts.dump();
  await parts.sql`update messages set content = 'damaged'`;
  await parts.sql`delete from participants`;
  const progress: number[] = [];
  t.equal(await rebuildProjection(parts, ({ remaining }) => progress.push(remaining)), null);
  t.strictSame(await parts.dump(), before);
  t.equal(progress.at(-1), 0);
  t.equal(parts.feed.rewinds, 1);
  t.equal(parts.feed.open, 0, 'nothing goes on');
});

t.test('a rebuild ends although somebody goes on posting', async (t) => {
  const parts = await rebuildable(t, 45);
  await parts.applyInBatches(parts.appended, 1_000);
  const before = await parts.dump();
  // As under a load: whenever one looks, something came that is not projected.
  parts.feed.lag = async () => 3;
  const progress: number[] = [];
  t.equal(await rebuildProjection(parts, ({ remaining }) => progress.push(remaining)), null);
  t.strictSame(await parts.dump(), before);
  t.equal(progress.at(-1), 0);
});

t.test('a rebuild that Postgres refuses to begin leaves the feed alone', async (t) => {
  const parts = await rebuildable(t, 42);
  const writer = { ...parts.writer, reset: () => Promise.reject(new Problem('unavailable')) };
  t.match(await rebuildProjection({ ...parts, writer }, () => {}), { code: 'unavailable' });
  t.equal(parts.feed.rewinds, 0);
});

t.test('a rebuild without progress gives up', async (t) => {
  const parts = await rebuildable(t, 43);
  const writer = { ...parts.writer, apply: () => Promise.reject(new Problem('unavailable')) };
  let nowMs = 0;
  const clock: Clock = {
    nowMicros: () => nowMs * 1000,
    monotonicMs: () => nowMs,
    after(ms, run) {
      nowMs += ms;
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
  };
  t.match(await rebuildProjection({ ...parts, writer, clock }, () => {}), { code: 'unavailable' });
  t.ok(nowMs > limits.rebuildStallMsMax);
  t.equal(parts.feed.open, 0);
});

t.test('a projector that cannot consume one partition leaves none open', async (t) => {
  const parts = await rebuildable(t, 44);
  const consume: ProjectionFeed['consume'] = (partition, ...rest) =>
    partition === 1 ? Promise.reject(new Error('no consumer')) : parts.feed.consume(partition, ...rest);
  const feed: ProjectionFeed = {
    partitions: 2,
    consume,
    lag: () => parts.feed.lag(),
    rewind: () => parts.feed.rewind(),
  };
  await t.rejects(openProjector({ ...parts, feed }), { message: 'no consumer' });
  t.equal(parts.feed.open, 0);
});
