/** Who may do what on NATS: each permission that is given, and each that is not, on the real server. */
import { connect } from '@nats-io/transport-node';
import t, { type Test } from 'tap';
import { natsUsers } from '../../../src/adapters/jetstream/door/nats-credentials.ts';
import { limits } from '../../../src/domain/limits.ts';
import {
  type Account,
  type KeyHolder,
  makeAgent,
  makeService,
  signUp,
  signUpInto,
} from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { complaintOf, connectAs, type NatsClient } from '../../kit/clients/nats-client.ts';
import { until } from '../../kit/log-entries.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

const [nats, database] = [await startNats(t), await startPostgres(t)];
const node = await startNode({ nats, database, env: { NATS_CREDS: nats.credsFile } }, t);
const [owner, stranger] = [await signUp(node), await signUp(node)];

/** What nobody may, whoever it is. */
async function refusedToAll(t: Test, client: NatsClient, { tenant, id }: Account | KeyHolder): Promise<void> {
  const conversation = `${tenant}._.11111111-1111-4111-8111-111111111111`;
  const publish = [
    `conv.0.${conversation}.message`,
    `draft.0.${conversation}.m`,
    `live.${conversation}.message`,
    `pulse.${conversation}.typing`,
    `inbox.${tenant}.${id}.added`,
    'sys.tell.identity.changed',
    '$JS.API.INFO',
    '$JS.API.STREAM.PURGE.CONV_0',
    '$SYS.REQ.USER.AUTH',
    `api.${tenant}.${stranger.id}.post`,
    `api.${stranger.tenant}.${stranger.id}.post`,
    `api.${stranger.tenant}.${id}.post`,
    `_INBOX_${stranger.id}.x`,
    `_INBOX_${id}.x`,
    '_INBOX.parley.x',
    'anything',
  ];
  const subscribe = [
    '>',
    '*',
    '*.>',
    'live.>',
    'live.*._.*.message',
    `live.${stranger.tenant}.>`,
    `pulse.${stranger.tenant}.>`,
    'pulse.>',
    'conv.>',
    'draft.>',
    'inbox.>',
    `inbox.${tenant}.>`,
    `inbox.${stranger.tenant}.${id}.>`,
    `inbox.${tenant}.${stranger.id}.>`,
    'api.>',
    `api.${tenant}.${id}.>`,
    'sys.>',
    '$SYS.>',
    '$SRV.>',
    '$JS.>',
    '_INBOX.>',
    '_INBOX.parley.>',
    '_INBOX_parley.>',
    `_INBOX_${stranger.id}.>`,
    `_INBOX_${stranger.tenant}_${stranger.id}.>`,
    `_INBOX_${stranger.tenant}_${id}.>`,
  ];
  for (const subject of publish)
    t.match(await client.publish(subject), /Permissions Violation/, `publish ${subject}`);
  for (const subject of subscribe) {
    t.match(await client.subscribe(subject), /Permissions Violation/, `subscribe ${subject}`);
  }
}

async function allowed(t: Test, client: NatsClient, { tenant, id }: Account | KeyHolder): Promise<void> {
  for (const subject of [`_INBOX_${id}.>`, `_INBOX_${tenant}_${id}.>`, `inbox.${tenant}.${id}.>`]) {
    t.equal(await client.subscribe(subject), null, `subscribe ${subject}`);
  }
  t.equal(await client.publish(`api.${tenant}.${id}.list`), null);
  t.equal(await client.publish('$SRV.PING'), null);
  t.match(await client.ask('list'), { ok: true });
}

t.test('a person and an agent have their inbox and their verbs, and nothing live', async (t) => {
  const [person, agent] = [await signUpInto(node, owner), await makeAgent(node, owner)];
  for (const who of [owner, person, agent]) {
    const client = await connectAs(t, nats, who);
    await allowed(t, client, who);
    for (const tree of ['live', 'pulse']) {
      t.match(await client.subscribe(`${tree}.${who.tenant}.>`), /Permissions Violation/, tree);
    }
    await refusedToAll(t, client, who);
  }
});

t.test('a service that observes follows its tenant and no other', async (t) => {
  const service = await makeService(node, owner);
  const client = await connectAs(t, nats, service);
  await allowed(t, client, service);
  for (const tree of ['live', 'pulse'])
    t.equal(await client.subscribe(`${tree}.${service.tenant}.>`), null, tree);
  t.equal(await client.subscribe(`live.${service.tenant}.*.*.control`), null, 'or only a kind of it');
  await refusedToAll(t, client, service);
});

t.test('a service without the scope follows nothing', async (t) => {
  const service = await makeService(node, owner, { scopes: ['cap:messaging.interrupt'] });
  const client = await connectAs(t, nats, service);
  t.match(await client.subscribe(`live.${service.tenant}.>`), /Permissions Violation/);
});

t.test('a key that is bound to a service follows that service only', async (t) => {
  const service = await makeService(node, owner, { service_id: 'billing v2' });
  const client = await connectAs(t, nats, service);
  const token = Buffer.from('billing v2').toString('base64url');
  for (const tree of ['live', 'pulse']) {
    t.equal(await client.subscribe(`${tree}.${service.tenant}.${token}.>`), null);
    t.match(await client.subscribe(`${tree}.${service.tenant}.>`), /Permissions Violation/);
    t.match(await client.subscribe(`${tree}.${service.tenant}.*.>`), /Permissions Violation/);
    t.match(await client.subscribe(`${tree}.${service.tenant}._.>`), /Permissions Violation/);
    t.match(await client.subscribe(`${tree}.${service.tenant}.other.>`), /Permissions Violation/);
  }
});

t.test('an observer gets the committed events as they are, and makes a gap good by its verbs', async (t) => {
  const service = await makeService(node, owner);
  const client = await connectAs(t, nats, service);
  const events: { position: number; type: string }[] = [];
  const sequences: string[] = [];
  client.connection.subscribe(`live.${service.tenant}.>`, {
    callback: (_error, message) => {
      events.push(message.json());
      sequences.push(message.headers?.get('Nats-Sequence') ?? '');
    },
  });
  await client.connection.flush();
  const { conversation } = await client.ask('create', { type: 'group' });
  await client.ask('post', { conversation: conversation.id, content: 'hello' });
  await client.connection.flush();
  t.match(events, [
    { position: 1, type: 'conversation.created' },
    { position: 2, type: 'message.posted', data: { content: 'hello' } },
  ]);
  t.ok(sequences.every((sequence) => Number(sequence) > 0));
});

t.test('who is nobody does not get in', async (t) => {
  const { tenant, id } = owner;
  const wrong = ['nonsense', 'pk_nonsense', `${owner.token}x`, 'x'.repeat(5_000), 'a.b.c', ' '];
  for (const token of wrong)
    await t.rejects(connectAs(t, nats, { tenant, id, token }), /Authorization/i, token.slice(0, 20));
  const open = (options: object) =>
    connect({ servers: nats.url, reconnect: false, ...options }).then((connection) => connection.close());
  await t.rejects(open({}), /Authorization/i, 'nothing shown');
  await t.rejects(open({ user: 'parley', pass: 'not-a-secret' }), /Authorization/i);
  for (const user of natsUsers) await t.rejects(open({ user, pass: 'wrong' }), /Authorization/i, user);
  await t.rejects(open({ user: 'core' }), /Authorization/i);
  await t.resolves(open({ user: 'anything', pass: owner.token }), 'a token as the password is a token');
});

t.test('a token that has ended is refused', async (t) => {
  const account = await signUp(node);
  await call(node, 'POST', '/auth/logout', { token: account.token, body: {} });
  await t.rejects(connectAs(t, nats, account), /Authorization/i);
});

t.test('a client with a thousand and one subscriptions is disconnected', async (t) => {
  const agent = await makeAgent(node, owner);
  const client = await connectAs(t, nats, agent);
  for (let i = 0; i <= 1_000; i += 1) {
    client.connection.subscribe(`_INBOX_${agent.id}.${i}`, { callback: () => undefined });
  }
  await client.ended;
  t.pass('nodes look for those every ten seconds');
});

t.test('of a burst of connections of one principal no more stay than it may have', async (t) => {
  const service = await makeService(node, owner);
  const wanted = limits.natsClientsPerPrincipalMax + 12;
  const trying = Array.from({ length: wanted }, () => connectAs(t, nats, service).catch(() => null));
  const clients = (await Promise.all(trying)).filter((client) => client !== null);
  const staying = (): number => clients.filter(({ connection }) => !connection.isClosed()).length;
  await until(() => staying() <= limits.natsClientsPerPrincipalMax);
  // On a slow machine nobody answers some of them in time: fewer have entered then.
  t.equal(staying(), Math.min(clients.length, limits.natsClientsPerPrincipalMax));
});

t.test("Parley's own users do no more than their work", async (t) => {
  const asUser = async (user: (typeof natsUsers)[number]) => {
    const pass = nats.credentials.passwords[user];
    const connection = await connect({ servers: nats.url, user, pass, reconnect: false });
    t.teardown(() => connection.close());
    return connection;
  };
  const refused = {
    core: [
      ['live.t._.c.message', 'api.t.p.post', '_INBOX_somebody.x', '$SRV.PING', '$SYS.REQ.USER.AUTH'],
      ['conv.>', 'api.>', '>', '_INBOX_x.>'],
    ],
    api: [
      [
        'conv.0.t._.c.message',
        'draft.0.t._.c.m',
        'live.t._.c.message',
        'pulse.t._.c.typing',
        'inbox.t.p.added',
        'sys.x',
        '$JS.API.INFO',
        '_INBOX.parley.x',
        'api.t.p.post',
        '$SYS.REQ.USER.AUTH',
        '$SRV.PING',
        'x',
      ],
      ['live.>', 'conv.>', '>', '_INBOX.>', 'sys.>', 'inbox.>'],
    ],
    callout: [
      ['conv.0.t._.c.message', '_INBOX_x.y', '_INBOX.x', 'live.t._.c.m', '$JS.API.INFO', 'x.y'],
      ['>', 'live.>', 'api.>', '$SYS.>', '_INBOX.>'],
    ],
    sys: [
      [
        '$SYS.REQ.SERVER.PING.VARZ',
        '$SYS.REQ.SERVER.x.RELOAD',
        '$SYS.REQ.ACCOUNT.PARLEY.JSZ',
        'conv.0.t._.c.m',
      ],
      ['$SYS.>', '>', '$SYS.ACCOUNT.*.>'],
    ],
  } as const;
  for (const user of natsUsers) {
    const connection = await asUser(user);
    const [publish, subscribe] = refused[user];
    for (const subject of publish) {
      t.match(
        await complaintOf(connection, () => connection.publish(subject, '')),
        /Permissions Violation/,
        `${user} publishes ${subject}`,
      );
    }
    for (const subject of subscribe) {
      const act = () => void connection.subscribe(subject, { callback: () => undefined });
      t.match(await complaintOf(connection, act), /Permissions Violation/, `${user} subscribes ${subject}`);
    }
  }
  const api = await asUser('api');
  t.equal(await complaintOf(api, () => api.publish('_INBOX_somebody.x', '')), null, 'api answers principals');
});
