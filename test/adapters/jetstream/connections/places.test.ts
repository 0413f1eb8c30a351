import t from 'tap';
import { openPlaces } from '../../../../src/adapters/jetstream/connections/places.ts';

t.test('places are given in the order in which they were asked for, to so many at once', async (t) => {
  const places = openPlaces({ atOnceMax: () => 2, waitingMax: 2, waitMsMax: 60_000 });
  t.same([await places.enter(), await places.enter()], [true, true]);
  const came: string[] = [];
  const third = places.enter().then((has) => came.push(`third ${has}`));
  const fourth = places.enter().then((has) => came.push(`fourth ${has}`));
  t.equal(places.waiting, 2);
  t.equal(await places.enter(), false, 'no more may wait');
  places.leave();
  await third;
  t.same([...came], ['third true']);
  places.leave();
  await fourth;
  t.same(came, ['third true', 'fourth true']);
  places.leave();
  places.leave();
  t.equal(await places.enter(), true, 'all places are free again');
});

t.test('nobody waits for ever', async (t) => {
  const places = openPlaces({ atOnceMax: () => 1, waitingMax: 2, waitMsMax: 20 });
  t.equal(await places.enter(), true);
  t.equal(await places.enter(), false);
  t.equal(places.waiting, 0);
});

t.test(
  'when there are fewer places nobody comes in until so many have left, and when there are more all may',
  async (t) => {
    let atOnce = 2;
    const places = openPlaces({ atOnceMax: () => atOnce, waitingMax: 10, waitMsMax: 60_000 });
    t.same([await places.enter(), await places.enter()], [true, true]);
    let entered = 0;
    const others = Array.from({ length: 3 }, () => places.enter().then(() => (entered += 1)));
    atOnce = 1;
    places.leave();
    await new Promise((resolve) => setImmediate(resolve));
    t.equal(entered, 0);
    atOnce = 8;
    places.leave();
    await Promise.all(others);
    t.equal(entered, 3);
  },
);
