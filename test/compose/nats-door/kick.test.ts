/** Who may not be connected any more is disconnected at once, and one node's end does not close the door. */
import t, { type Test } from 'tap';
import { type Account, makeAgent, makeService, signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { connectAs, type NatsClient } from '../../kit/clients/nats-client.ts';
import { until } from '../../kit/log-entries.ts';
import { capturingLogger } from '../../kit/memory/capturing-logger.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode, startNodeProcess } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { UsualTime } from '../../kit/usual-time.ts';

t.setTimeout(240_000);
const [nats, database] = [await startNats(t), await startPostgres(t)];
const servers = { nats, database, env: { NATS_CREDS: nats.credsFile } };
const node = await startNode(servers, t);
const owner = await signUp(node);

const time = new UsualTime();

/** Waits until the server has ended the connection. */
async function endsAtOnce(t: Test, client: NatsClient, name: string): Promise<void> {
  const began = performance.now();
  await client.ended;
  time.took(t, name, performance.now() - began);
}

async function setUser(id: string, changes: object, by: Account = owner): Promise<void> {
  const answer = await call(node, 'PATCH', `/auth/users/${id}`, { token: by.token, body: changes });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

async function keysOf(principal: string): Promise<string[]> {
  const { body } = await call(node, 'GET', '/auth/api-keys', { token: owner.token });
  const keys = body.api_keys as { id: string; principal_id: string }[];
  return keys.filter((key) => key.principal_id === principal).map((key) => key.id);
}

t.test('a deleted key, a logout and a suspension each end the connection, and nobody else', async (t) => {
  const [agent, service, person] = [
    await makeAgent(node, owner),
    await makeService(node, owner),
    await signUpInto(node, owner),
  ];
  const stays = await connectAs(t, nats, await makeAgent(node, owner, 'other'));

  const byKey = await connectAs(t, nats, service);
  const [key = ''] = await keysOf(service.id);
  await call(node, 'DELETE', `/auth/api-keys/${key}`, { token: owner.token });
  await endsAtOnce(t, byKey, 'key deleted');
  await t.rejects(connectAs(t, nats, service), /Authorization/i, 'and it does not come back');

  const byLogout = await connectAs(t, nats, person);
  await call(node, 'POST', '/auth/logout', { token: person.token, body: {} });
  await endsAtOnce(t, byLogout, 'logout');

  const second = await signUpInto(node, owner, 'carol');
  const bySuspension = await connectAs(t, nats, second);
  await setUser(second.id, { status: 'suspended' });
  await endsAtOnce(t, bySuspension, 'suspended');
  await t.rejects(connectAs(t, nats, second), /Authorization/i);

  const deleted = await connectAs(t, nats, agent);
  await call(node, 'DELETE', `/auth/agents/${agent.id}`, { token: owner.token });
  await endsAtOnce(t, deleted, 'agent deleted');

  t.notOk(stays.connection.isClosed());
  t.match(await stays.ask('list'), { ok: true });
});

t.test('a change that changes no permission disconnects nobody', async (t) => {
  const person = await signUpInto(node, owner, 'dave');
  const client = await connectAs(t, nats, person);
  await setUser(person.id, { role: 'admin', scopes: ['cap:messaging.observe'] });
  t.match(await client.ask('list'), { ok: true });
  t.notOk(client.connection.isClosed());
});

t.test('a key that ends ends its connection', async (t) => {
  const body = { name: 'short', kind: 'service', expires_in_sec: 3 };
  const made = await call(node, 'POST', '/auth/api-keys', { token: owner.token, body });
  const { key: token, principal_id: id } = made.body;
  const client = await connectAs(t, nats, { tenant: owner.tenant, id, token });
  await client.ended;
  await t.rejects(connectAs(t, nats, { tenant: owner.tenant, id, token }), /Authorization/i);
});

t.test('a callout that was overtaken by the revocation leaves nobody in', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const service = await makeService(node, owner);
    const [key = ''] = await keysOf(service.id);
    const [connecting] = await Promise.allSettled([
      connectAs(t, nats, service),
      call(node, 'DELETE', `/auth/api-keys/${key}`, { token: owner.token }),
    ]);
    if (connecting.status === 'fulfilled') await endsAtOnce(t, connecting.value, `round ${round}`);
    else t.match(String(connecting.reason), /Authorization/i);
  }
});

t.test('another node answers when one dies, and ends what the dead one let in', async (t) => {
  const alone = { nats: await startNats(t), database: await startPostgres(t) };
  const env = { NATS_CREDS: alone.nats.credsFile };
  const dying = await startNodeProcess({ ...alone, env }, t);
  const person = await signUp(dying);
  const service = await makeService(dying, person);
  const client = await connectAs(t, alone.nats, service);
  const other = await startNode({ ...alone, env }, t);
  await dying.kill();
  let again: NatsClient | null = null;
  await until(async () => {
    again ??= await connectAs(t, alone.nats, service).catch(() => null);
    return again !== null;
  });
  t.match(await (again as NatsClient | null)?.ask('list'), { ok: true });
  const { body } = await call(other, 'GET', '/auth/api-keys', { token: person.token });
  await call(other, 'DELETE', `/auth/api-keys/${body.api_keys[0].id}`, { token: person.token });
  await endsAtOnce(t, client, 'let in by the dead node');
  if (again !== null) await endsAtOnce(t, again, 'let in by the living one');
});

t.test(
  'with no node to answer nobody gets in, and what was revoked meanwhile is ended by the next',
  async (t) => {
    const alone = { nats: await startNats(t), database: await startPostgres(t) };
    const env = { NATS_CREDS: alone.nats.credsFile };
    const first = await startNode({ ...alone, env });
    const person = await signUp(first);
    const [service, kept] = [await makeService(first, person), await makeService(first, person)];
    const [revoked, stays] = [await connectAs(t, alone.nats, service), await connectAs(t, alone.nats, kept)];
    await first.close();
    await t.rejects(connectAs(t, alone.nats, service), /Authorization|timeout/i);
    // Without a door: it deletes the key, and can tell no server.
    const without = await startNode(alone);
    const { body } = await call(without, 'GET', '/auth/api-keys', { token: person.token });
    const { id } = body.api_keys.find((key: { principal_id: string }) => key.principal_id === service.id);
    await call(without, 'DELETE', `/auth/api-keys/${id}`, { token: person.token });
    await without.close();
    t.notOk(revoked.connection.isClosed());
    await startNode({ ...alone, env }, t);
    await revoked.ended;
    t.match(await stays.ask('list'), { ok: true }, 'and only that');
  },
);

t.test('all of these usually take less than a second', async (t) => time.prove(t));

t.test('a node whose nats-server is away closes its door without a word', async (t) => {
  const alone = { nats: await startNats(t), database: await startPostgres(t) };
  const logger = capturingLogger();
  const leaving = await startNode({ ...alone, env: { NATS_CREDS: alone.nats.credsFile }, logger });
  await alone.nats.kill();
  await until(() => /NATS connection lost.*callout/.test(logger.text()));
  await leaving.close();
  t.notMatch(logger.text(), /failed to close/);
});
