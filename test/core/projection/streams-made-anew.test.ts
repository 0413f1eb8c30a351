/** The streams are lost and made again under a living node: what is written then is projected, too. */
import { jetstreamManager } from '@nats-io/jetstream';
import t from 'tap';
import { partitionOf } from '../../../src/adapters/jetstream/subjects.ts';
import { must, openReader } from '../../kit/clients/reader.ts';
import { until } from '../../kit/log-entries.ts';
import { post } from '../../kit/memory/memory-commands.ts';
import { startTwoNodes } from '../../kit/servers/two-nodes.ts';

t.setTimeout(120_000);
const { server, here, there, owner, one, conversation, send } = await startTwoNodes(t);
const manager = await jetstreamManager(here.nats.connection);

async function loseStreams(): Promise<void> {
  for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
}

/** Up to which position the projection knows it. */
async function projected(id: string): Promise<number> {
  return must(await there.reader.snapshot(owner.tenant, id, 1))?.state.position ?? 0;
}

async function begun(messages: number): Promise<string> {
  let id = '';
  // A stream has its name before it listens: until then a creation is refused as `unavailable`.
  await until(async () => {
    id = await conversation(one('ben')).catch(() => '');
    return id !== '';
  });
  for (let n = 1; n <= messages; n += 1) must(await send(here, owner, id, post(`message ${n}`)));
  return id;
}

/** Makes conversations until there is one in each partition. */
async function inEachPartition(): Promise<string[]> {
  const found = new Map<number, string>();
  while (found.size < here.feed.partitions) {
    const id = await begun(2);
    found.set(partitionOf(id, here.feed.partitions), id);
  }
  return [...found.values()];
}

t.test('after a reconnect the projector begins with the new streams', async (t) => {
  const before = await inEachPartition();
  // Sequences of the new streams begin far below those that were seen.
  for (const id of before) for (let n = 0; n < 40; n += 1) must(await send(here, owner, id, post('more')));
  await until(async () => (await here.feed.lag()) === 0);
  const epochs = before.map((id) => here.log.epoch(id));
  await loseStreams();
  await server.restart();
  await until(() => before.every((id, index) => here.log.epoch(id) !== epochs[index]), 60_000);
  await until(() => before.every((id, index) => there.log.epoch(id) !== epochs[index]), 60_000);
  const after = await inEachPartition();
  await until(
    async () => (await Promise.all(after.map(projected))).every((position) => position === 3),
    60_000,
  );
  for (const id of before) t.match(await send(here, owner, id, post('lost')), { code: 'not_found' });

  for (const [index, id] of after.entries()) {
    const refusals: string[] = [];
    const { session } = await openReader(there, one('ben'), []);
    for (const epoch of epochs) {
      await there.core.live.open(
        session,
        [{ conversation: id, after: { epoch, position: 1 } }],
        (_, refused) => {
          refusals.push(...refused.map(({ problem }) => problem.code));
        },
      );
    }
    t.same(refusals, ['cursor_expired', 'cursor_expired'], `conversation ${index}`);
  }
});

t.test('the same without a reconnect', async (t) => {
  const before = await inEachPartition();
  const epochs = before.map((id) => here.log.epoch(id));
  const readers = await Promise.all([here, there].map((node) => openReader(node, one('ben'), before, null)));
  await loseStreams();
  for (const node of [here, there])
    await until(() => before.every((id, index) => node.log.epoch(id) !== epochs[index]), 60_000);
  // Nobody wrote to them, and no connection was lost.
  await until(() => readers.every(({ socket }) => socket.closedWith === 'restarting'));
  const after = await inEachPartition();
  await until(
    async () => (await Promise.all(after.map(projected))).every((position) => position === 3),
    60_000,
  );
  t.equal(after.length, 2);
});
