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
