/** What the live feed loses is found again: nobody misses an event, nobody gets one twice. */
import t from 'tap';
import type { LiveEntry } from '../../../src/ports/live-feed.ts';
import { must, openReader } from '../../kit/clients/reader.ts';
import { openCuttableProxy } from '../../kit/links/cuttable-proxy.ts';
import { until } from '../../kit/log-entries.ts';
import { post } from '../../kit/memory/memory-commands.ts';
import { openCoreNode } from '../../kit/servers/core-node.ts';
import { startTwoNodes } from '../../kit/servers/two-nodes.ts';

/** Live entries that the second node does not get. */
let isLost: (entry: LiveEntry) => boolean = () => false;
const { server, natsUrl, databaseUrl, here, there, owner, one, conversation, send } = await startTwoNodes(t, {
  there: {
    wrapLive: (live) => ({
      ...live,
      get isConnected() {
        return live.isConnected;
      },
      follow: (ref, onEntry) => live.follow(ref, (entry) => (isLost(entry) ? undefined : onEntry(entry))),
    }),
  },
});
const proxy = await openCuttableProxy(t, server.port);
const proxied = new URL(natsUrl);
proxied.port = String(proxy.port);
const apart = await openCoreNode({ natsUrl: proxied.href, databaseUrl, name: 'apart', projects: false });
t.teardown(() => apart.close());
const ben = one('ben');

const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

t.test('an entry that the feed lost comes when the next one arrives', async (t) => {
  const id = await conversation(ben);
  const reader = await openReader(there, ben, [id], 0);
  isLost = (entry) => entry.position % 3 !== 0;
  for (let n = 0; n < 59; n += 1) must(await send(here, owner, id, post(`message ${n}`)));
  isLost = () => false;
  await until(() => reader.socket.positions().length === 60);
  t.same(reader.socket.positions(), upTo(60));
  t.ok(there.metrics.gapRepairs.total > 0);
});

t.test('so it does when everything around it is lost, as long as one arrives', async (t) => {
  const id = await conversation(ben);
  const readers = [await openReader(there, ben, [id]), await openReader(there, owner, [id], 0)];
  isLost = () => true;
  // More than a node remembers: the rest is in the log alone.
  for (let n = 0; n < 700; n += 50) {
    await Promise.all(upTo(50).map((k) => send(here, owner, id, post(`message ${n + k}`))));
  }
  isLost = () => false;
  must(await send(here, owner, id, post('arrives')));
  await until(() => readers.every((reader) => reader.socket.positions().at(-1) === 702));
  t.same(readers[0]?.socket.positions(), upTo(702, 2));
  t.same(readers[1]?.socket.positions(), upTo(702));
});

t.test('a reader that opens while a gap is repaired gets nothing twice', async (t) => {
  const id = await conversation(ben);
  const before = await openReader(there, ben, [id]);
  isLost = () => true;
  for (let n = 0; n < 600; n += 50) {
    await Promise.all(upTo(50).map((k) => send(here, owner, id, post(`message ${n + k}`))));
  }
  isLost = () => false;
  must(await send(here, owner, id, post('arrives')));
  await until(() => before.socket.positions().length > 0);
  const opened = await Promise.all([null, 0, 300, 595].map((after) => openReader(there, ben, [id], after)));
  must(await send(here, owner, id, post('last')));
  await until(() => [before, ...opened].every((reader) => reader.socket.positions().at(-1) === 603));
  t.same(before.socket.positions(), upTo(603, 2));
  for (const [index, after] of [null, 0, 300, 595].entries()) {
    const first = (after ?? opened[index]?.openedAt.get(id) ?? 0) + 1;
    t.same(opened[index]?.socket.positions(), upTo(603, first));
  }
});

t.test('messages that were posted, edited and erased meanwhile leave their stubs', async (t) => {
  const id = await conversation(ben);
  const reader = await openReader(there, ben, [id], 0);
  isLost = () => true;
  for (let n = 0; n < 5; n += 1) {
    const posted = must(await send(here, owner, id, post(`secret ${n}`)));
    const message = String(posted.events[0]?.id);
    must(await send(here, owner, id, { op: 'edit', message, content: 'secret still', metadata: null }));
    if (n % 2 === 0) must(await send(here, owner, id, { op: 'delete', message }));
  }
  isLost = () => false;
  must(await send(here, owner, id, post('arrives')));
  await until(() => reader.socket.positions().at(-1) === 15);
  t.same(reader.socket.positions(), upTo(15));
  const stubs = reader.socket.events().filter((event) => event.data['deleted'] === true);
  t.same(
    stubs.map((event) => event.position),
    [2, 3, 7, 8, 12, 13],
  );
});

t.test('a node that was cut off delivers what others wrote meanwhile, by itself', async (t) => {
  const id = await conversation(ben);
  must(await send(apart, owner, id, post('before')));
  const readers = [await openReader(apart, ben, [id], 0), await openReader(apart, owner, [id])];
  proxy.cut();
  await until(() => !apart.nats.isConnected());
  for (let n = 0; n < 40; n += 1) must(await send(here, owner, id, post(`meanwhile ${n}`)));
  t.match(await send(apart, owner, id, post('cut off')), { code: 'unavailable' });
  t.ok(readers.every((reader) => reader.socket.isOpen));
  proxy.heal();
  // Nothing new is written: the node finds out by itself.
  await until(() => readers.every((reader) => reader.socket.positions().at(-1) === 42));
  t.same(readers[0]?.socket.positions(), upTo(42));
  t.same(readers[1]?.socket.positions(), upTo(42, 3));
  must(await send(apart, owner, id, post('after')));
  await until(() => readers.every((reader) => reader.socket.positions().at(-1) === 43));
});

t.test(
  'a reader that opens right after a reconnect misses nothing of what the node does not know',
  async (t) => {
    const id = await conversation(ben);
    must(await send(apart, owner, id, post('before')));
    proxy.cut();
    await until(() => !apart.nats.isConnected());
    for (let n = 0; n < 10; n += 1) must(await send(here, owner, id, post(`meanwhile ${n}`)));
    proxy.heal();
    await until(() => apart.nats.isConnected());
    const reader = await openReader(apart, ben, [id], 2);
    must(await send(apart, owner, id, post('after')));
    await until(() => reader.socket.positions().at(-1) === 13);
    t.same(reader.socket.positions(), upTo(13, 3));
  },
);

t.test('commands of two nodes while one is cut off and back again are all there, in one order', async (t) => {
  const id = await conversation(ben);
  const readers = [await openReader(apart, ben, [id], 0), await openReader(there, ben, [id], 0)];
  let isDone = false;
  const accepted: string[] = [];
  const line = async (node: typeof here, name: string): Promise<void> => {
    for (let n = 0; !isDone; n += 1) {
      const text = `${name} ${n}`;
      for (;;) {
        // Until it is accepted, as a client does.
        const outcome = await send(node, owner, id, post(text, { clientId: text }));
        if (!('code' in outcome)) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      accepted.push(text);
    }
  };
  const lines = [line(here, 'here'), line(apart, 'apart'), line(there, 'there')];
  for (let n = 0; n < 4; n += 1) {
    await until(() => accepted.length > 40 * (n + 1));
    proxy.cut();
    await until(() => !apart.nats.isConnected());
    proxy.heal();
    await until(() => apart.nats.isConnected());
  }
  isDone = true;
  await Promise.all(lines);
  const last = must(await here.core.bus.stateFor(owner, id, null)).state.position;
  t.equal(last, accepted.length + 1);
  await until(() => readers.every((reader) => reader.socket.positions().at(-1) === last));
  for (const reader of readers) {
    t.same(reader.socket.positions(), upTo(last));
    t.same(
      reader.socket
        .events()
        .slice(1)
        .map((event) => event.data['content'])
        .toSorted(),
      accepted.toSorted(),
    );
  }
});
