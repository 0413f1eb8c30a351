/** `parley serve --workers`: several nodes behind one port. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import t from 'tap';
import { isAlive } from '../../src/adapters/embedded/process-identity.ts';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { logFaults } from '../kit/log-schema.ts';
import { undeclared } from '../kit/metrics-text.ts';
import { runParley, startParley } from '../kit/processes/parley-process.ts';
import { gone } from '../kit/servers/killable-server.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { quietPort } from '../kit/temporary.ts';

t.setTimeout(240_000);

const connectionsMax = 200;

t.test('two workers share a port; a killed one is replaced; SIGTERM ends both', async (t) => {
  const nats = await startNats(t);
  const database = await startPostgres(t);
  const port = await quietPort();
  const parley = startParley(t, ['serve', '--workers', '2', '--port', String(port), '--host', '127.0.0.1'], {
    NATS_URL: `nats://${nats.user}:${nats.pass}@${new URL(nats.url).host}`,
    DATABASE_URL: database.url,
    LOG_LEVEL: 'debug',
  });
  const listening = (): number => parley.printed().split('"message":"listening"').length - 1;
  await parley.says(/("message":"listening"[\s\S]*){2}/);
  const node = { url: `http://127.0.0.1:${port}` };

  const nodes = new Set<string>();
  for (let tries = 0; nodes.size < 2 && tries < connectionsMax; tries += 1) {
    // A new connection each time: the kernel chooses a worker for each.
    const { body } = await call(node, 'GET', '/docs/index.json', { headers: { connection: 'close' } });
    nodes.add(body.node);
  }
  t.equal(nodes.size, 2, 'both answer');
  const metrics: string = (await call(node, 'GET', '/metrics')).body;
  for (const worker of ['0', '1']) {
    t.match(metrics, new RegExp(`^parley_sockets{.*worker="${worker}"} 0$`, 'm'), 'one scrape shows both');
  }
  t.match(metrics, /^parley_workers_told 2$/m);
  t.same(undeclared(metrics, ['node', 'worker'], true), [], 'they show what is declared');
  const account = await signUp(node);
  const me = await call(node, 'GET', '/auth/me', { token: account.token });
  t.equal(me.status, 200);

  const pids = [...parley.printed().matchAll(/"pid":(\d+),"message":"worker started"/g)].map(([, pid]) =>
    Number(pid),
  );
  t.equal(pids.length, 2);
  const [victim = 0] = pids;
  const before = listening();
  process.kill(victim, 'SIGKILL');
  await gone(victim);
  await parley.says(new RegExp(`("message":"listening"[\\s\\S]*){${before + 1}}`));
  t.equal((await call(node, 'GET', '/healthz')).status, 200);
  t.match((await call(node, 'GET', '/metrics')).body, /^parley_worker_restarts_total 1$/m);

  parley.signal('SIGTERM');
  t.equal(await parley.exited, 0);
  const all = [...parley.printed().matchAll(/"pid":(\d+),"message":"worker started"/g)].map(([, pid]) =>
    Number(pid),
  );
  t.equal(all.length, 3);
  for (const pid of all) t.notOk(await isAlive(pid));
  t.match(parley.printed(), /"operation":"\S+","status":201,"seconds":\S+,"message":"request"/);
  t.same(logFaults(parley.printed()), [], 'every line of the log is of its schema');
});

t.test('workers end when their supervisor is killed', async (t) => {
  const nats = await startNats(t);
  const database = await startPostgres(t);
  const parley = startParley(t, ['serve', '--workers', '1', '--port', String(await quietPort())], {
    HOST: '127.0.0.1',
    NATS_URL: `nats://${nats.user}:${nats.pass}@${new URL(nats.url).host}`,
    DATABASE_URL: database.url,
    LOG_LEVEL: 'info',
  });
  await parley.says(/"message":"listening"/);
  await parley.says(/"message":"worker started"/);
  const [, pid] = /"pid":(\d+),"message":"worker started"/.exec(parley.printed()) ?? [];
  parley.signal('SIGKILL');
  await parley.exited;
  await gone(Number(pid));
  t.notOk(await isAlive(Number(pid)), 'nobody is left who listens');
});

t.test('workers do not share a port with a stranger', async (t) => {
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  t.teardown(() => stranger.close());
  const { port } = stranger.address() as AddressInfo;
  const env = { NATS_URL: 'nats://127.0.0.1:1', DATABASE_URL: 'postgres://127.0.0.1:1/x', HOST: '127.0.0.1' };
  const { code, stderr } = await runParley(['serve', '--workers', '2', '--port', String(port)], env);
  t.equal(code, 1);
  t.match(stderr, /is taken/);
});
