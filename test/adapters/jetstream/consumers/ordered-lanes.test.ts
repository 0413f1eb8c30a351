import t from 'tap';
import {
  type LaneItem,
  OrderedLanes,
  type TakenItem,
} from '../../../../src/adapters/jetstream/consumers/ordered-lanes.ts';
import { until } from '../../../kit/log-entries.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';

interface Turn {
  readonly seq: number;
}
type TakenTurn = TakenItem<Turn>;

/** A work queue in memory: what is stored by subject, and what was said of each delivery. */
function stage(begin: (taken: TakenTurn) => Promise<number | null> = async () => null) {
  const stored = new Map<string, Set<number>>();
  const said: string[] = [];
  const taken: number[] = [];
  const lanes = new OrderedLanes<Turn>({
    log: silentLogger(),
    ...{ waitMs: 30_000, lookMs: 250, returnMs: 500 },
    failed: (_error, delivery) => (delivery < 8 ? 500 : null),
    take: (one) => {
      taken.push(one.item.seq);
      return begin(one);
    },
    oldest: async (subject, after) => {
      const left = [...(stored.get(subject) ?? [])].filter((sequence) => sequence > after);
      return left.length === 0 ? null : Math.min(...left);
    },
  });
  const delivered = (sequence: number, subject = 'a', delivery = 1): LaneItem<Turn> => ({
    item: { seq: sequence },
    ...{ subject, sequence, delivery },
    done: async () => {
      stored.get(subject)?.delete(sequence);
      said.push(`done ${sequence}`);
    },
    giveBack: (afterMs) => said.push(afterMs === 7 ? `later ${sequence}` : `back ${sequence}`),
    giveUp: () => said.push(`up ${sequence}`),
    working: () => said.push(`working ${sequence}`),
  });
  const store = (subject: string, ...sequences: number[]): void => {
    stored.set(subject, new Set([...(stored.get(subject) ?? []), ...sequences]));
  };
  return { lanes, said, taken, stored, delivered, store };
}

/** Turns that end when the test says so. */
function gates() {
  const open = new Map<number, { resolve(): void; reject(error: Error): void }>();
  const begin = ({ item, signal }: TakenTurn): Promise<null> =>
    new Promise((resolve, reject) => {
      open.set(item.seq, { resolve: () => resolve(null), reject });
      signal.addEventListener('abort', () => reject(new Error('closing')));
    });
  return { open, begin };
}

t.test('as many lanes as there are may heed the end of it, and nobody is warned of a leak', async (t) => {
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  t.teardown(() => process.off('warning', warn));
  const { open, begin } = gates();
  const { lanes, delivered } = stage(begin);
  for (let sequence = 1; sequence <= 40; sequence += 1) lanes.push(delivered(sequence, `lane ${sequence}`));
  await until(() => open.size === 40);
  for (const { resolve } of open.values()) resolve();
  await lanes.close(1_000);
  t.same(warnings, []);
});

t.test('turns of one lane come one after another, those of others at once', async (t) => {
  const { open, begin } = gates();
  const { lanes, taken, delivered, store } = stage(begin);
  store('a', 1, 2);
  store('b', 3);
  for (const turn of [delivered(1), delivered(2), delivered(3, 'b')]) lanes.push(turn);
  await until(() => taken.length === 2);
  t.same(taken, [1, 3]);
  open.get(1)?.resolve();
  await until(() => taken.length === 3);
  open.get(2)?.resolve();
  open.get(3)?.resolve();
  await lanes.close(1_000);
});

t.test('one whose elder is left in the stream waits until that is delivered here', async (t) => {
  const { lanes, taken, delivered, store } = stage();
  store('a', 1, 2);
  lanes.push(delivered(2));
  lanes.working();
  await new Promise((resolve) => setImmediate(resolve));
  t.same(taken, [], 'a dead node had the elder');
  lanes.push(delivered(1, 'a', 2));
  await until(() => taken.length === 2);
  t.same(taken, [1, 2]);
  await lanes.close(1_000);
});

t.test('or until another node has done it', async (t) => {
  const { lanes, taken, stored, delivered, store } = stage();
  store('a', 1, 2);
  lanes.push(delivered(2));
  await new Promise((resolve) => setImmediate(resolve));
  t.same(taken, []);
  stored.get('a')?.delete(1);
  await until(() => taken.length === 1);
  t.same(taken, [2]);
  await lanes.close(1_000);
});

t.test('one that fails is given back, and at last given up', async (t) => {
  const { lanes, said, delivered, store } = stage(async () => {
    throw new Error('failed');
  });
  store('a', 1);
  lanes.push(delivered(1));
  await until(() => said.length === 1);
  lanes.push(delivered(1, 'a', 8));
  await until(() => said.length === 2);
  t.same(said, ['back 1', 'up 1']);
  await lanes.close(1_000);
});

t.test('one that is to come later is given back, and what follows it waits for it', async (t) => {
  const { lanes, said, taken, stored, delivered, store } = stage(async ({ delivery }) =>
    delivery === 1 ? 7 : null,
  );
  store('a', 1, 2);
  lanes.push(delivered(1));
  lanes.push(delivered(2, 'a', 2));
  await until(() => said.length === 1);
  t.same(said, ['later 1']);
  t.same(taken, [1]);
  lanes.push(delivered(1, 'a', 2));
  await until(() => stored.get('a')?.size === 0);
  t.same(taken, [1, 1, 2]);
  await lanes.close(1_000);
});

t.test('one that is delivered again while it runs is not run again', async (t) => {
  const { open, begin } = gates();
  const { lanes, taken, said, delivered, store } = stage(begin);
  store('a', 1);
  lanes.push(delivered(1));
  await until(() => taken.length === 1);
  lanes.push(delivered(1, 'a', 2));
  open.get(1)?.resolve();
  await until(() => said.includes('done 1'));
  await lanes.close(1_000);
  t.same(taken, [1]);
});

t.test('everything in hand gives a sign of life', async (t) => {
  const { open, begin } = gates();
  const { lanes, taken, said, delivered, store } = stage(begin);
  store('a', 1, 2);
  lanes.push(delivered(1));
  lanes.push(delivered(2));
  await until(() => taken.length === 1);
  lanes.working();
  t.same(said, ['working 1', 'working 2']);
  for (const seq of [1, 2]) {
    await until(() => open.has(seq));
    open.get(seq)?.resolve();
  }
  await lanes.close(1_000);
});

t.test('closing waits for what was begun, then aborts it, and gives back the rest', async (t) => {
  const { open, begin } = gates();
  const inHand: TakenTurn[] = [];
  const { lanes, taken, said, delivered, store } = stage((one) => {
    inHand.push(one);
    return begin(one);
  });
  store('a', 1, 2);
  store('b', 3);
  for (const turn of [delivered(1), delivered(2), delivered(3, 'b')]) lanes.push(turn);
  await until(() => taken.length === 2);
  const drained: number[] = [];
  for (const { item, draining } of inHand) draining.addEventListener('abort', () => drained.push(item.seq));
  const closing = lanes.close(300);
  t.same(said, ['back 2']);
  t.same(drained, [1, 3], 'who has one is told at once that it need not wait for anything');
  open.get(3)?.resolve();
  await closing;
  t.same(said, ['back 2', 'done 3', 'back 1']);
  lanes.push(delivered(4));
  t.equal(said.at(-1), 'back 4', 'and what comes too late');
  t.same(taken, [1, 3]);
});
