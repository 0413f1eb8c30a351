import t from 'tap';
import {
  type Delivered,
  DeliveryOrder,
} from '../../../../src/adapters/jetstream/projection/delivery-order.ts';
import { until } from '../../../kit/log-entries.ts';

interface Order {
  readonly passed: number[];
  readonly order: DeliveryOrder<Delivered, { readonly sequence: number }>;
  floor: number;
  failures: number;
  /** It cannot be read. */
  isAway: boolean;
}

/** A stream of the numbers 1, 2, 3… */
function open(isAway = false): Order {
  const passed: number[] = [];
  const made: Order = {
    passed,
    floor: 0,
    failures: 0,
    isAway,
    order: new DeliveryOrder<Delivered, { readonly sequence: number }>({
      pass: ({ sequence }) => void passed.push(sequence),
      projectedUpTo: async () => {
        if (made.isAway) throw new Error('away');
        return made.floor;
      },
      read: async function* (after, before) {
        for (let sequence = after + 1; sequence < before; sequence += 1) yield { sequence };
      },
      onGap: () => undefined,
      onFailure: () => {
        made.failures += 1;
      },
    }),
  };
  return made;
}

t.test('what is delivered one after another is passed on at once', async (t) => {
  const { order, passed } = open();
  order.take({ sequence: 1, delivery: 1 });
  await until(() => passed.length === 1);
  order.take({ sequence: 2, delivery: 2 });
  t.same(passed, [1, 2]);
});

t.test('a jump of the delivery sequence is filled from what was acknowledged', async (t) => {
  const made = open();
  made.order.take({ sequence: 1, delivery: 1 });
  await until(() => made.passed.length === 1);
  made.floor = 3;
  made.order.take({ sequence: 7, delivery: 9 });
  made.order.take({ sequence: 8, delivery: 10 });
  await until(() => made.passed.length === 6);
  t.same(made.passed, [1, 4, 5, 6, 7, 8]);
});

t.test('a second jump while the first is filled is filled too', async (t) => {
  const made = open();
  made.order.take({ sequence: 3, delivery: 5 });
  made.order.take({ sequence: 6, delivery: 9 });
  await until(() => made.passed.length >= 8);
  t.same([...new Set(made.passed)], [1, 2, 3, 4, 5, 6]);
  t.equal(made.passed.at(-1), 6);
});

t.test('nothing newer is passed on while the stream cannot be read', async (t) => {
  const made = open(true);
  made.order.take({ sequence: 3, delivery: 3 });
  await until(() => made.failures >= 2);
  t.same(made.passed, []);
  made.isAway = false;
  await until(() => made.passed.length === 3);
  t.same(made.passed, [1, 2, 3]);
});
