import t from 'tap';
import { BatchQueue } from '../../../../src/adapters/jetstream/projection/projection-batches.ts';
import { until } from '../../../kit/log-entries.ts';

type Message = { readonly sequence: number; readonly delivery: number };

function openQueue() {
  const projected: number[] = [];
  const acknowledged: number[] = [];
  let go = (): void => undefined;
  const queue = new BatchQueue<Message>({
    batchMax: 10,
    sequenceOf: ({ sequence }) => sequence,
    project: async (batch) => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      projected.push(...batch.map(({ sequence }) => sequence));
    },
    done: ({ delivery }) => void acknowledged.push(delivery),
    working: () => undefined,
    workingMs: 60_000,
    onFailure: () => undefined,
    paceMinMs: 0,
    busyFrom: 100,
    paceMs: 0,
  });
  return { queue, projected, acknowledged, finish: () => go() };
}

t.test('what is delivered again is projected once, and acknowledged as it was delivered last', async (t) => {
  const { queue, projected, acknowledged, finish } = openQueue();
  for (const sequence of [1, 2, 3]) queue.push({ sequence, delivery: sequence });
  await new Promise((resolve) => setImmediate(resolve));
  for (const sequence of [1, 2, 3]) queue.push({ sequence, delivery: sequence + 3 });
  t.same(acknowledged, [], 'not before it is projected');
  await until(() => {
    finish();
    return projected.length === 3;
  });
  await until(() => acknowledged.length === 2);
  t.same(acknowledged, [3, 6]);
  queue.push({ sequence: 2, delivery: 7 });
  t.same(acknowledged, [3, 6, 7], 'nor is it left to be delivered for ever');
  t.same(projected, [1, 2, 3]);
  await queue.close();
});

t.test('the more entries wait, the longer they wait for others; the first never does', async (t) => {
  const begun: { atMs: number; sequences: number[] }[] = [];
  const queue = new BatchQueue<Message>({
    ...{ batchMax: 1_000, workingMs: 60_000, paceMinMs: 10, busyFrom: 11, paceMs: 110 },
    sequenceOf: ({ sequence }) => sequence,
    project: async (batch) => {
      begun.push({ atMs: performance.now(), sequences: batch.map(({ sequence }) => sequence) });
    },
    ...{ done: () => undefined, working: () => undefined, onFailure: () => undefined },
  });
  const push = (from: number, to: number): void => {
    for (let sequence = from; sequence <= to; sequence += 1) queue.push({ sequence, delivery: 1 });
  };
  const beganMs = performance.now();
  push(1, 1);
  await until(() => begun.length === 1);
  push(2, 6);
  await until(() => begun.length === 2);
  push(7, 17);
  await until(() => begun.length === 3);
  const [, second, third] = begun;
  t.same(second?.sequences, [2, 3, 4, 5, 6]);
  t.equal(third?.sequences.length, 11);
  // From before the first began: a batch may be told of long after its pause was over, never before.
  const sinceMs = (batch: typeof second): number => (batch?.atMs ?? 0) - beganMs;
  t.ok(sinceMs(second) >= 49, 'five wait for half as long as eleven');
  t.ok(sinceMs(third) >= 49 + 109);
  await queue.close();
});
