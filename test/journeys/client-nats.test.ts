/** `parley/nats`: a service over a NATS connection of its own, that misses nothing. */
import { connect as connectNats } from '@nats-io/transport-node';
import fc from 'fast-check';
import t from 'tap';
import * as names from '../../src/adapters/jetstream/subjects.ts';
import {
  apiSubject,
  decodeLive,
  type Event,
  inboxPrefix,
  inboxSubject,
  liveSubject,
  type NatsConnection,
  ParleyNats,
  placeOf,
  pulseSubject,
  token,
  untoken,
} from '../../src/client/nats/index.ts';
import { makeService, signUp } from '../kit/clients/accounts.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

t.test('subjects are those of the nodes, for every id', async (t) => {
  const id = fc.oneof(
    fc.string({ minLength: 1, unit: 'grapheme' }),
    fc.uuid(),
    fc.constantFrom('_', 'assistant:x', 'YTpi', 'X18', '\u{feff}a'),
  );
  fc.assert(
    fc.property(id, (text) => {
      t.equal(token(text), names.token(text));
      t.equal(untoken(token(text)), text);
    }),
  );
  const ref = { tenant: 'harbour', service: 'pilot:1', conversation: 'c1' };
  t.equal(liveSubject(ref), names.liveSubject(ref));
  t.equal(
    pulseSubject({ ...ref, service: null, kind: 'typing' }),
    names.pulseSubject({ ...ref, service: null }, 'typing'),
  );
  t.equal(apiSubject('harbour', 'a:b', 'post'), `api.harbour.${names.token('a:b')}.post`);
  t.equal(inboxSubject('harbour', 'a:b', 'added'), names.inboxSubject('harbour', 'a:b', 'added'));
  t.equal(liveSubject({ tenant: 'harbour', kind: 'control' }), 'live.harbour.*.*.control');
  t.same(placeOf(liveSubject({ ...ref, kind: 'message' })), { ...ref, kind: 'message' });
  t.throws(() => placeOf('conv.0.a.b.c.message'));
});

t.test('a service asks, follows and fills gaps', async (t) => {
  const nats = await startNats(t);
  const node = await startNode(
    { nats, database: await startPostgres(t), env: { NATS_CREDS: nats.credsFile } },
    t,
  );
  const ada = await signUp(node);
  const service = await makeService(node, ada);
  const connection = await connectNats({
    servers: nats.url,
    token: service.token,
    inboxPrefix: inboxPrefix(service.id),
  });
  t.teardown(() => connection.close());
  const lossy = losing(connection);
  const parley = new ParleyNats(lossy, { tenant: ada.tenant, id: service.id });

  const { conversation } = (await parley.ask('create', { type: 'group' })) as {
    conversation: { id: string };
  };
  const ending = new AbortController();
  const events: Event[] = [];
  const following = (async () => {
    const from = { positions: { [conversation.id]: 0 }, signal: ending.signal };
    for await (const event of parley.follow(from)) events.push(event);
  })();
  await until(() => events.length === 1);
  await parley.post(conversation.id, 'one');
  await until(() => events.length === 2);
  lossy.lose = 2;
  await parley.post(conversation.id, 'two');
  await parley.post(conversation.id, 'three');
  const posted = await parley.post(conversation.id, { content: 'four', client_id: 'fixed' });
  t.equal((await parley.post(conversation.id, { content: 'four', client_id: 'fixed' })).id, posted.id);
  await until(() => events.length === 5);
  t.same(
    events.map(({ position }) => position),
    [1, 2, 3, 4, 5],
  );
  const own = connection.subscribe(liveSubject({ tenant: ada.tenant, kind: 'message' }), { max: 1 });
  await connection.flush();
  await parley.post(conversation.id, 'five');
  for await (const message of own) {
    const { event, kind, dataClass } = decodeLive(message);
    t.match(
      { kind, dataClass, content: event.data },
      { kind: 'message', dataClass: 'none', content: { content: 'five' } },
    );
  }
  await t.rejects(parley.ask('post', { conversation: conversation.id }), { code: 'invalid_request' });
  ending.abort();
  await following;
});

/** A connection that loses the next `lose` messages of its subscriptions. */
function losing(connection: NatsConnection): NatsConnection & { lose: number } {
  return {
    lose: 0,
    request: (...args) => connection.request(...args),
    status: () => connection.status(),
    subscribe(subject) {
      const subscription = connection.subscribe(subject);
      const kept = async function* (this: { lose: number }) {
        for await (const message of subscription) {
          if (this.lose > 0) this.lose -= 1;
          else yield message;
        }
      }.bind(this);
      return { unsubscribe: () => subscription.unsubscribe(), [Symbol.asyncIterator]: kept };
    },
  };
}
