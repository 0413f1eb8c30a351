/** The node that delivers is killed while an endpoint is away: another one goes on, and every event arrives. */
import t from 'tap';
import { signUp } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import { startWebhookReceiver } from '../../kit/outside/webhook-receiver.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNodeProcess } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

t.setTimeout(180_000);

t.test('kill -9 of the node that delivers loses no event of an endpoint', async (t) => {
  const servers = {
    ...{ nats: await startNats(t), database: await startPostgres(t) },
    env: { PARLEY_WEBHOOK_PRIVATE: 'on', PARLEY_MASTER_KEY: 'ef'.repeat(32) },
  };
  const [first, second] = [await startNodeProcess(servers, t), await startNodeProcess(servers, t)];
  const receiver = await startWebhookReceiver(t);
  const { token } = await signUp(second);
  const hook = { url: receiver.url, types: ['message.posted'] };
  // Who makes it is the first to ask for its deliveries.
  t.equal((await call(first, 'POST', '/v1/webhooks', { token, body: hook })).status, 201);
  const conversations: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) {
    const made = await call(second, 'POST', '/api/conversations', { token, body: { type: 'group', name } });
    conversations.push(made.body.id);
  }
  // Some are answered, some fail, some are under way when the node dies.
  let answered = 0;
  receiver.answer(() => {
    answered += 1;
    if (answered <= 10) return { status: 204 };
    return answered % 2 === 0 ? { status: 503 } : { status: 0, isSilent: true };
  });
  const posted: string[] = [];
  for (let round = 0; round < 25; round += 1) {
    for (const conversation of conversations) {
      const path = `/api/conversations/${conversation}/messages`;
      const content = `${conversation} ${round}`;
      const { status } = await call(second, 'POST', path, { token, body: { content } });
      t.equal(status, 201);
      posted.push(content);
    }
  }
  await until(() => receiver.received.length > 12, 30_000);
  await first.kill();
  receiver.answer(() => ({ status: 204 }));
  const arrived = (): Set<string> =>
    new Set(receiver.received.slice(10).map(({ json }) => json.data.data.content as string));
  const early = receiver.received.slice(0, 10).map(({ json }) => json.data.data.content as string);
  await until(() => new Set([...arrived(), ...early]).size === posted.length, 120_000);
  t.same(
    [...new Set([...early, ...arrived()])].sort(),
    [...posted].sort(),
    'every event, whoever delivered it',
  );
  const ids = new Map(receiver.received.map(({ json, headers }) => [headers['webhook-id'], json.data.id]));
  t.equal(ids.size, posted.length, 'one id for each event, however often it was sent');
  for (const conversation of conversations) {
    const positions = receiver.received
      .filter(({ json }) => json.data.conversation === conversation)
      .map(({ json }) => json.data.position as number);
    const once = positions.filter((position, at) => positions.indexOf(position) === at);
    t.same(
      once,
      once.toSorted((one, other) => one - other),
      'and in order',
    );
  }
});
