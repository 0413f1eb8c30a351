/** Disks fill up under load: that of the log, and that of PostgreSQL. Runs alone: it needs both cores. */
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import t, { type Test } from 'tap';
import { isAlive } from '../../../src/adapters/embedded/process-identity.ts';
import { openAsking } from '../../kit/chaos/actors/asking-socket.ts';
import { postInEach, refusedInEach } from '../../kit/chaos/actors/each-dialect.ts';
import { Load } from '../../kit/chaos/actors/load.ts';
import { type Deployment, openDeployment } from '../../kit/chaos/faults/deployment.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import { mayMount, openSmallDisk } from '../../kit/chaos/faults/small-disk.ts';
import { call } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import { startNats, type TestNats } from '../../kit/servers/nats.ts';
import { startPostgresServer } from '../../kit/servers/postgres.ts';

t.setTimeout(900_000);
const options = { skip: mayMount ? false : 'only root may mount a tmpfs' };

t.test('the log has no room left: 507, and it goes on by itself when there is room', options, async (t) => {
  const disk = await openSmallDisk(t, 48);
  const nats = await startNats(t, undefined, disk.dir);
  const deployment = await openDeployment(t, { broker: nats });
  const load = await Load.begin(t, deployment);
  await load.more(300);
  const other = await openOtherStream(t, nats);
  const [nodePids, natsPid] = [deployment.nodes.map((node) => node.pid()), nats.pid()];
  await rounds(async () => {
    await other.fill();
    await until(() => load.ledger.refusals.has('storage_full'));
    await refusedAndRead(t, deployment, load);
    await other.purge();
    await load.more(300);
    load.ledger.refusals.delete('storage_full');
  });
  t.same([...load.ledger.refusals.keys()], [], 'nobody was refused for another reason');
  t.same([...load.ledger.closes], [], 'sockets stayed open');
  t.same([deployment.nodes.map((node) => node.pid()), nats.pid()], [nodePids, natsPid], 'nobody ended');
  t.ok(await isAlive(natsPid));
  await load.prove(t);
});

t.test(
  'others fill the disk of the log: 503, and it goes on after room and a restart',
  options,
  async (t) => {
    const disk = await openSmallDisk(t, 96);
    const nats = await startNats(t, undefined, disk.dir);
    const deployment = await openDeployment(t, { broker: nats });
    const load = await Load.begin(t, deployment);
    await load.more(300);
    await rounds(async () => {
      disk.fillUp();
      // nats-server answers no append any more, and says so where it is watched.
      const health = async (): Promise<string> =>
        JSON.stringify((await call({ url: nats.monitorUrl() }, 'GET', '/healthz')).body);
      await until(async () => (await health()).includes('no space left'), 60_000);
      load.ledger.refusals.clear();
      await until(() => load.ledger.refusals.has('unavailable'), 60_000);
      for (const node of deployment.nodes) await reads(t, node, load);
      disk.makeRoom();
      await nats.restart();
      await load.more(300);
    }, 2);
    await load.prove(t);
  },
);

t.test('the disk of PostgreSQL is full: posts go on, and the projection catches up', options, async (t) => {
  const disk = await openSmallDisk(t, 256);
  const postgres = await startPostgresServer(t, { isDurable: true, on: disk.dir });
  const deployment = await openDeployment(t, { postgres });
  const load = await Load.begin(t, deployment);
  await load.more(300);
  await rounds(async () => {
    disk.fillUp();
    await load.more(2_000);
    t.equal(disk.free(), 0, 'there was no room all the time');
    disk.makeRoom();
    // It ends by itself when it cannot write its own log.
    if (!(await isAlive(postgres.pid()))) await postgres.restart();
    await load.more(300);
  }, 2);
  t.same([...load.ledger.refusals], [], 'nobody was refused');
  await load.prove(t);
});

/** Every API refuses a post in its words; what is there can be read. */
async function refusedAndRead(t: Test, { nodes }: Deployment, load: Load): Promise<void> {
  const [conversation = ''] = load.conversations;
  for (const node of nodes) {
    refusedInEach(t, await postInEach(node, load.cast, conversation), 'storage_full');
    const socket = await openAsking(node.url, load.cast.ownerToken);
    const reply = await socket.ask('post', { conversation, content: 'no room' });
    t.match(reply, { ok: false, problem: { code: 'storage_full', retry_after_ms: Number } }, 'native');
    socket.end();
    await reads(t, node, load);
  }
}

async function reads(t: Test, node: { readonly url: string }, load: Load): Promise<void> {
  const socket = await openAsking(node.url, load.cast.ownerToken);
  for (const conversation of load.conversations) {
    const page = await socket.ask('history', { conversation, limit: 50 });
    t.equal(page['events']?.length, 50, 'what is there can be read');
  }
  socket.end();
}

/** Another stream on the same server, which takes all room that nats-server allows itself: 75 % of the disk. */
async function openOtherStream(t: Test, { url, user, pass }: TestNats) {
  const connection: NatsConnection = await connect({ servers: new URL(url).host, user, pass });
  t.teardown(() => connection.close());
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'OTHER', subjects: ['sys.other'] });
  const add = async (bytes: number): Promise<boolean> => {
    const answer = await connection.request('sys.other', new Uint8Array(bytes), { timeout: 10_000 });
    return answer.json<{ error?: unknown }>().error === undefined;
  };
  return {
    async fill() {
      while (await add(500_000));
    },
    purge: () => manager.streams.purge('OTHER'),
  };
}
