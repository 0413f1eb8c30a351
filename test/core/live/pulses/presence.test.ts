/** `offline` comes once: ten seconds after the last socket of the deployment was lost, or with the last goodbye. */
import t from 'tap';
import { openPresence, type Presence } from '../../../../src/core/live/pulses/presence.ts';
import { openPresenceNews } from '../../../../src/core/live/pulses/presence-news.ts';
import { NodeLinks } from '../../../kit/links/node-links.ts';
import { MovedClock } from '../../../kit/memory/moved-clock.ts';
import { principal } from '../../../kit/servers/core-node.ts';

const iris = principal('acme', 'iris', 'agent');

interface World {
  readonly one: Presence;
  readonly two: Presence;
  /** Statuses that were told, each with its node. */
  readonly told: string[];
  /** Time passes, and what follows from it is done. */
  pass(ms: number): Promise<void>;
}

function world(): World {
  const clock = MovedClock.still();
  const links = new NodeLinks();
  const told: string[] = [];
  const open = (node: string): Presence => {
    const live = {
      publishPulse: (_ref: object, _kind: string, body: object) =>
        void told.push(`${node} ${(body as { status: string }).status}`),
    };
    const reader = {
      refsOf: (tenant: string) => Promise.resolve([{ tenant, service: null, conversation: 'harbour' }]),
    };
    return openPresence(
      openPresenceNews(live, () => 1, clock),
      links.open(node),
      reader,
      clock,
    );
  };
  return {
    one: open('one'),
    two: open('two'),
    told,
    async pass(ms) {
      clock.advance(ms);
      // Notes between nodes and answers take a turn each.
      for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** Connected to both nodes, announced at the first. */
async function announced(t: { same(found: unknown, wanted: unknown): unknown }): Promise<World> {
  const made = world();
  made.one.connected(iris);
  made.two.connected(iris);
  await made.one.announce(iris, { status: 'online' });
  await made.pass(0);
  t.same(made.told.splice(0), ['one online']);
  return made;
}

t.test('the node that closes last tells it, wherever it was announced', async (t) => {
  const { one, two, told, pass } = await announced(t);
  one.disconnected(iris, false);
  await pass(12_000);
  t.same(told, [], 'it is still at the other node');
  two.disconnected(iris, false);
  await pass(9_900);
  t.same(told, []);
  await pass(200);
  t.same(told, ['two offline']);
  await pass(60_000);
  t.same(told, ['two offline'], 'once');
});

t.test('ten seconds begin with the last socket that closes', async (t) => {
  const { one, two, told, pass } = await announced(t);
  one.disconnected(iris, false);
  await pass(7_000);
  two.disconnected(iris, false);
  await pass(3_500);
  t.same(told, [], 'ten seconds after the first');
  await pass(6_400);
  t.same(told, []);
  await pass(200);
  t.same(told, ['two offline']);
  await pass(60_000);
  t.same(told, ['two offline']);
});

t.test('the node of the announcement tells it when it closes last', async (t) => {
  const { one, two, told, pass } = await announced(t);
  two.disconnected(iris, false);
  await pass(5_000);
  one.disconnected(iris, false);
  await pass(9_900);
  t.same(told, []);
  await pass(200);
  await pass(60_000);
  t.same(told, ['one offline']);
});

t.test('both close at the same moment: one tells it', async (t) => {
  const { one, two, told, pass } = await announced(t);
  one.disconnected(iris, false);
  two.disconnected(iris, false);
  await pass(10_100);
  await pass(60_000);
  t.equal(told.length, 1, told.join());
});

t.test('a socket that came after the announcement hears of it from the node that lost its own', async (t) => {
  const { one, two, told, pass } = world();
  one.connected(iris);
  await one.announce(iris, { status: 'online' });
  await pass(0);
  two.connected(iris);
  one.disconnected(iris, false);
  await pass(4_000);
  two.disconnected(iris, false);
  await pass(6_100);
  t.same(told, ['one online']);
  await pass(4_000);
  t.same(told, ['one online', 'two offline']);
});

t.test('who comes back within ten seconds, here or elsewhere, was never away', async (t) => {
  const { one, two, told, pass } = await announced(t);
  two.disconnected(iris, false);
  one.disconnected(iris, false);
  await pass(9_000);
  two.connected(iris);
  await pass(20_000);
  t.same(told, []);
  two.disconnected(iris, false);
  await pass(10_100);
  t.same(told, ['two offline']);
  one.connected(iris);
  one.disconnected(iris, false);
  await pass(10_100);
  t.same(told, ['two offline'], 'it announced nothing since');
});

t.test('who announced nothing is not told of', async (t) => {
  const { one, told, pass } = world();
  one.connected(iris);
  t.ok(one.isHere('acme', 'iris'));
  one.disconnected(iris, false);
  t.notOk(one.isHere('acme', 'iris'));
  await pass(10_100);
  t.same(told, []);
});

t.test('who says goodbye with the last socket is away at once, told by one node', async (t) => {
  const { one, two, told, pass } = await announced(t);
  one.disconnected(iris, true);
  await pass(1);
  t.same(told, [], 'it is still at the other node');
  two.disconnected(iris, true);
  await pass(1);
  t.same(told, ['two offline']);
  await pass(60_000);
  t.same(told, ['two offline']);
});

t.test('a goodbye does not end the ten seconds of a socket that was lost before', async (t) => {
  const { one, told, pass } = world();
  one.connected(iris);
  one.connected(iris);
  one.arrive(iris, [{ tenant: 'acme', service: null, conversation: 'harbour' }], false);
  await pass(0);
  one.disconnected(iris, false);
  await pass(4_000);
  one.disconnected(iris, true);
  await pass(5_900);
  t.same(told, ['one online'], 'the lost one may come back');
  await pass(200);
  t.same(told, ['one online', 'one offline']);
});

t.test(
  'news of one principal are told in the order in which they came, whatever the reader does',
  async (t) => {
    const clock = MovedClock.still();
    const told: string[] = [];
    const reads: (() => void)[] = [];
    const live = {
      publishPulse: (_ref: object, _kind: string, body: object) =>
        void told.push((body as { status: string }).status),
    };
    const refs = [{ tenant: 'acme', service: null, conversation: 'harbour' }];
    const reader = {
      refsOf: () =>
        new Promise<typeof refs>((resolve) => {
          reads.push(() => resolve(refs));
        }),
    };
    const presence = openPresence(
      openPresenceNews(live, () => 1, clock),
      new NodeLinks().open('one'),
      reader,
      clock,
    );
    presence.connected(iris);
    const said = ['away', 'busy', 'back'].map((status) => presence.announce(iris, { status }));
    const other = presence.announce(principal('acme', 'other'), { status: 'other' });
    reads[3]!();
    t.equal(await other, null);
    t.same(told.splice(0), ['other'], 'another one waits for nobody');
    reads[2]!();
    reads[1]!();
    reads[0]!();
    t.same(await Promise.all(said), [null, null, null]);
    t.same(told, ['away', 'busy', 'back']);
  },
);

t.test('who is back before its offline was told is not told of as offline behind that', async (t) => {
  const clock = MovedClock.still();
  const told: string[] = [];
  let read: () => void = () => undefined;
  const refs = [{ tenant: 'acme', service: null, conversation: 'harbour' }];
  const live = {
    publishPulse: (_ref: object, _kind: string, body: object) =>
      void told.push((body as { status: string }).status),
  };
  const reader = {
    refsOf: () =>
      new Promise<typeof refs>((resolve) => {
        read = () => resolve(refs);
      }),
  };
  const presence = openPresence(
    openPresenceNews(live, () => 1, clock),
    new NodeLinks().open('one'),
    reader,
    clock,
  );
  const turns = async () => {
    for (let n = 0; n < 10; n += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  presence.connected(iris);
  presence.arrive(iris, refs, false);
  presence.disconnected(iris, true);
  clock.advance(0);
  await turns();
  presence.connected(iris);
  presence.arrive(iris, refs, false);
  read();
  await turns();
  t.same(told, ['online', 'online']);
});
