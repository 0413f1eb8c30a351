import t from 'tap';
import { Places } from '../../src/core/places.ts';

const never = new AbortController().signal;

t.test('each agent has so many places, and the node so many in all', async (t) => {
  const places = new Places({ perKeyMax: 1, inAllMax: 2 });
  const order: string[] = [];
  const wait = (agent: string, name: string) =>
    places.take(agent, never).then((leave) => {
      order.push(name);
      return leave;
    });
  const first = await wait('a', 'a1');
  const second = wait('a', 'a2');
  const other = await wait('b', 'b1');
  const third = wait('c', 'c1');
  await new Promise((resolve) => setImmediate(resolve));
  t.same(order, ['a1', 'b1']);
  other?.();
  other?.();
  await third;
  t.same(order, ['a1', 'b1', 'c1'], 'a free place is for who may have it; once');
  first?.();
  await second;
  t.same(order, ['a1', 'b1', 'c1', 'a2']);
});

t.test('who is told to stop waits no longer, and takes nothing', async (t) => {
  const places = new Places({ perKeyMax: 1, inAllMax: 1 });
  const leave = await places.take('a', never);
  const stop = new AbortController();
  const waiting = places.take('a', stop.signal);
  stop.abort();
  t.equal(await waiting, null);
  t.equal(await places.take('a', stop.signal), null);
  t.equal(places.takeNow('b'), null, 'who does not wait is told so');
  leave?.();
  const left = places.takeNow('b');
  t.equal(places.takeNow('b'), null);
  left?.();
  t.ok(await places.take('a', never));
});
