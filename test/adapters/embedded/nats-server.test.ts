import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import t from 'tap';
import {
  type NatsServer,
  type NatsServerOptions,
  openNatsServer,
} from '../../../src/adapters/embedded/nats-server.ts';
import { isAlive } from '../../../src/adapters/embedded/process-identity.ts';
import { serverVariables } from '../../../src/adapters/jetstream/door/nats-credentials.ts';
import { until } from '../../kit/log-entries.ts';
import { startOwnedServer } from '../../kit/processes/owned-server.ts';
import { gone } from '../../kit/servers/killable-server.ts';
import { startNats, testNatsBinary } from '../../kit/servers/nats.ts';
import { makeTestCredentials, testPassword } from '../../kit/servers/nats-credentials.ts';
import { repository, type Teardown, temporaryDir } from '../../kit/temporary.ts';

const credentials = { user: 'core', password: testPassword };
const variables = serverVariables(makeTestCredentials().credentials);

async function dataDir(t: Teardown, name = 'data'): Promise<string> {
  const dir = await temporaryDir('embedded');
  t.teardown(dir.remove);
  return join(dir.path, name);
}

async function open(t: Teardown, dir: string, more: Partial<NatsServerOptions> = {}): Promise<NatsServer> {
  const configPath = join(repository, 'nats-server.conf');
  const binary = await testNatsBinary();
  const server = await openNatsServer({ binary, configPath, dataDir: dir, port: 0, variables, ...more });
  t.teardown(() => server.close());
  return server;
}

async function connected(url: string, pass = credentials.password): Promise<NatsConnection> {
  return connect({ servers: url, user: credentials.user, pass, reconnect: false });
}

const patient = { timeout: 25_000 };

async function store(url: string, text: string): Promise<void> {
  const nc = await connected(url);
  await (await jetstreamManager(nc, patient)).streams.add({ name: 'KEPT', subjects: ['conv.kept'] });
  await jetstream(nc).publish('conv.kept', text, patient);
  await nc.close();
}

async function stored(url: string): Promise<string | undefined> {
  const nc = await connected(url);
  const message = await (await jetstreamManager(nc, patient)).streams.getMessage('KEPT', {
    last_by_subj: 'conv.kept',
  });
  await nc.close();
  return message?.string();
}

t.test('it serves JetStream to the user with the password and to nobody else', async (t) => {
  const server = await open(t, await dataDir(t));
  await store(server.url, 'hello');
  t.equal(await stored(server.url), 'hello');
  await t.rejects(connected(server.url, 'wrong'), /Authorization/i);
  await t.rejects(connect({ servers: server.url, reconnect: false }), /Authorization/i);
  const page = await fetch(`${server.monitorUrl}/healthz`);
  t.equal(page.status, 200);
});

t.test('a taken port makes it listen on the next free one', async (t) => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  t.teardown(() => blocker.close());
  const taken = (blocker.address() as { port: number }).port;
  const server = await open(t, await dataDir(t), { port: taken });
  t.not(server.port, taken);
  t.equal(server.url, `nats://127.0.0.1:${server.port}`);
});

t.test('a second start finds the data of the first', async (t) => {
  const dir = await dataDir(t);
  const first = await open(t, dir);
  await store(first.url, 'kept');
  await first.close();
  t.equal(await isAlive(first.pid), false);
  const second = await open(t, dir);
  t.equal(await stored(second.url), 'kept');
});

t.test('the orphan of a killed owner is ended by the next start, and its data is there', async (t) => {
  const dir = await dataDir(t);
  const orphan = await startOwnedServer(t, 'nats', dir);
  await store(orphan.url, 'acknowledged');
  await orphan.killOwner();
  t.equal(await isAlive(orphan.pid), true, 'it outlives its owner');
  const server = await open(t, dir);
  t.equal(await isAlive(orphan.pid), false, 'exactly one server works on the store');
  t.equal(await stored(server.url), 'acknowledged');
});

t.test('an orphan that was killed as well is no obstacle', async (t) => {
  const dir = await dataDir(t);
  const orphan = await startOwnedServer(t, 'nats', dir);
  await store(orphan.url, 'acknowledged');
  await orphan.killOwner();
  process.kill(orphan.pid, 'SIGKILL');
  await gone(orphan.pid);
  const server = await open(t, dir);
  t.equal(await stored(server.url), 'acknowledged');
});

t.test('a store with a living owner is refused, and its server goes on', async (t) => {
  const dir = await dataDir(t);
  const owned = await startOwnedServer(t, 'nats', dir);
  await t.rejects(open(t, dir), /already works on this store/);
  t.equal(await isAlive(owned.pid), true);
  await owned.killOwner();
  await open(t, dir); // ends the orphan, so that the test leaves nothing
});

t.test('its death is told once, its closing is not', async (t) => {
  const exits: unknown[] = [];
  const died = await open(t, await dataDir(t), { onExit: (exit) => exits.push(exit) });
  process.kill(died.pid, 'SIGKILL');
  await until(() => exits.length > 0);
  await died.close();
  t.same(exits, [{ code: null, signal: 'SIGKILL' }]);
  const closed = await open(t, await dataDir(t), { onExit: (exit) => exits.push(exit) });
  await closed.close();
  await closed.close();
  t.equal(exits.length, 1);
});

t.test('a failed start says why and leaves the store free', async (t) => {
  const dir = await dataDir(t);
  await t.rejects(open(t, dir, { configPath: join(dir, 'missing.conf') }), /missing\.conf/);
  await t.rejects(open(t, dir, { binary: join(dir, 'missing') }), /ENOENT/);
  await t.rejects(access(join(dir, 'nats/owner')), { code: 'ENOENT' });
  await open(t, dir);
});

t.test('a password of digits and a path with spaces mean what they say', async (t) => {
  const password = '0123456789';
  const server = await open(t, await dataDir(t, 'with "some" spaces'), {
    variables: { ...variables, PARLEY_NATS_CORE_PASSWORD: password },
  });
  const nc = await connected(server.url, password);
  t.equal(nc.info?.jetstream, true);
  await nc.close();
});

t.test('the kit kills, restarts, stops and continues a server on one port and store', async (t) => {
  const nats = await startNats(t);
  await store(nats.url, 'one');
  await nats.kill();
  await t.rejects(connected(nats.url), /refused/i);
  await nats.restart();
  t.equal(await stored(nats.url), 'one');
  nats.pause();
  nats.resume();
  t.equal(await stored(nats.url), 'one');
});
