import { AckPolicy, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import t, { type Test } from 'tap';
import { openStreams } from '../../../../src/adapters/jetstream/streams/streams.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { startNats } from '../../../kit/servers/nats.ts';

async function connected(t: Test): Promise<NatsConnection> {
  const nats = await startNats(t);
  const connection = await connect({ servers: nats.url, user: nats.user, pass: nats.pass });
  t.teardown(() => connection.close());
  return connection;
}

/** A thousand consumers at once take their time on a busy disk. */
const managerOf = (connection: NatsConnection) => jetstreamManager(connection, { timeout: 60_000 });

const open = (connection: NatsConnection, partitions: number) =>
  openStreams(connection, { partitions, replicas: 1 }, silentLogger());

t.test('nodes that start at once agree on the number of partitions', async (t) => {
  const connection = await connected(t);
  const opened = await Promise.all(Array.from({ length: 6 }, () => open(connection, 8)));
  t.same(
    opened.map(({ partitions }) => partitions),
    Array.from(opened, () => 8),
  );
});

t.test('what another node has made so far is not taken for all', async (t) => {
  const connection = await connected(t);
  await open(connection, 4);
  const manager = await managerOf(connection);
  for (const name of ['CONV_1', 'CONV_2', 'CONV_3']) await manager.streams.delete(name);
  t.equal((await open(connection, 4)).partitions, 4);
});

t.test('the first boot decides, whatever is wanted later or at the same moment', async (t) => {
  const connection = await connected(t);
  const [one, two] = await Promise.all([open(connection, 3), open(connection, 5)]);
  t.equal(one?.partitions, two?.partitions);
  t.equal((await open(connection, 7)).partitions, one?.partitions);
});

t.test('a deployment without the note has as many partitions as streams', async (t) => {
  const connection = await connected(t);
  await open(connection, 2);
  const manager = await managerOf(connection);
  for (const name of ['CONV_0', 'CONV_1']) {
    const { config } = await manager.streams.info(name);
    await manager.streams.update(name, { ...config, metadata: {} });
  }
  t.equal((await open(connection, 6)).partitions, 2);
});

t.test('there is room for a consumer of each webhook, in streams of before, too', async (t) => {
  const connection = await connected(t);
  const manager = await managerOf(connection);
  const before = { name: 'WEBHOOKS', subjects: ['webhook.>'], retention: RetentionPolicy.Workqueue };
  await manager.streams.add(before);
  await open(connection, 1);
  const made = Array.from({ length: limits.webhooksMax / 2 + 1 }, (_, at) =>
    manager.consumers.add('WEBHOOKS', {
      ...{
        durable_name: `webhook-${at}`,
        filter_subject: `webhook.a.${at}.>`,
        ack_policy: AckPolicy.Explicit,
      },
    }),
  );
  t.equal(
    (await Promise.all(made)).length,
    1_001,
    'what nats-server takes where a stream says nothing, and one',
  );
  await manager.streams.delete('WEBHOOKS');
  await open(connection, 1);
  t.equal((await manager.streams.info('WEBHOOKS')).config.max_consumers, limits.webhooksMax * 2);
});

t.test('a stream that was made anew is told of, also when the look failed at a later one', async (t) => {
  const connection = await connected(t);
  const streams = await open(connection, 2);
  const told: (readonly number[])[] = [];
  streams.onMadeAnew((partitions) => told.push(partitions));
  const manager = await managerOf(connection);
  const { config } = await manager.streams.info('CONV_1');
  for (const name of ['CONV_0', 'CONV_1']) await manager.streams.delete(name);
  await manager.streams.add({ name: 'intruder', subjects: config.subjects });
  await t.rejects(streams.refresh());
  t.same(told, []);
  await manager.streams.delete('intruder');
  const looks = await Promise.all([streams.refresh(), streams.refresh(), streams.refresh()]);
  t.same(told, [[0, 1]]);
  t.same(looks[2], looks[1], 'who asks during a look shares the next one');
  t.same(await streams.refresh(), []);
});
