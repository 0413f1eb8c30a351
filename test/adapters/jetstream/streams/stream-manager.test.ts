import { connect } from '@nats-io/transport-node';
import t from 'tap';
import { openStreamManager } from '../../../../src/adapters/jetstream/streams/stream-manager.ts';
import { startNats } from '../../../kit/servers/nats.ts';

t.test('a request that a young cluster drops is made again', async (t) => {
  const { url, user, pass } = await startNats(t);
  const connection = await connect({ servers: url, user, pass });
  t.teardown(() => connection.close());
  const asked: string[] = [];
  const forgetful = Object.create(connection, {
    request: {
      value: async (subject: string, ...rest: []) => {
        asked.push(subject);
        if (asked.length > 1) return await connection.request(subject, ...rest);
        throw Object.assign(new Error('timeout'), { name: 'TimeoutError' });
      },
    },
  });
  const manager = await openStreamManager(forgetful);
  t.same(asked, ['$JS.API.INFO', '$JS.API.INFO']);
  t.same((await manager.getAccountInfo()).streams, 0);
});

t.test('one who may not ask is told at once', async (t) => {
  const { url, user, pass } = await startNats(t);
  const connection = await connect({ servers: url, user, pass });
  t.teardown(() => connection.close());
  let asked = 0;
  const refused = Object.create(connection, {
    request: {
      value: async () => {
        asked += 1;
        throw new Error('Permissions Violation');
      },
    },
  });
  await t.rejects(openStreamManager(refused), /Permissions Violation/);
  t.equal(asked, 1);
});
