/** The log of one partition is lost under live cursors, while the other goes on. Runs alone: it needs both cores. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import t, { type Test } from 'tap';
import { partitionOf } from '../../../src/adapters/jetstream/subjects.ts';
import { type Asking, openAsking } from '../../kit/chaos/actors/asking-socket.ts';
import { Load } from '../../kit/chaos/actors/load.ts';
import { type Deployment, openDeployment } from '../../kit/chaos/faults/deployment.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import type { ServerFrame } from '../../kit/clients/native-client.ts';
import { until } from '../../kit/log-entries.ts';
import { runParley } from '../../kit/processes/parley-process.ts';
import { startNats, type TestNats } from '../../kit/servers/nats.ts';

t.setTimeout(900_000);

/** Two partitions are the default of tests: one is lost, the load runs in the other. */
const partitions = 2;
const lost = 0;
const posts = 20;

t.test('a stream is deleted, or its store is lost while nats-server is down', async (t) => {
  const nats = await startNats(t);
  const deployment = await openDeployment(t, { broker: nats });
  const load = await Load.begin(t, deployment, { within: (id) => partitionOf(id, partitions) !== lost });
  await load.more(300);
  const gone: string[] = [];
  await rounds(async (round) => {
    const conversation = await begun(deployment, load);
    gone.push(conversation);
    const readers = await Promise.all(deployment.nodes.map((node) => follow(node, load, conversation)));
    if (round % 2 === 0) await deleteStream(nats);
    else await loseStore(nats);
    // Nobody writes there: a reader is told all the same.
    t.same(await Promise.all(readers.map(({ socket }) => socket.ended)), [1012, 1012], 'readers are told');
    for (const [index, node] of deployment.nodes.entries())
      await staysGone(t, node, load, conversation, readers[index]?.epoch ?? '');
    t.ok(await begun(deployment, load), 'new conversations work');
    await load.more(300);
  }, 4);
  t.same(
    [...load.ledger.refusals.keys()].filter((code) => code !== 'unavailable'),
    [],
  );
  await rebuiltWithout(t, deployment, load, gone);
  await load.prove(t);
});

/** A conversation of the owner in the partition that is lost, with some posts. Tried for as long as it takes to make the stream. */
async function begun({ nodes }: Deployment, { cast }: Load): Promise<string> {
  const socket = await openAsking(nodes[0]?.url ?? '', cast.ownerToken);
  let conversation = '';
  await until(async () => {
    const made = await socket.ask('create', { type: 'group', name: 'to be lost' });
    const id: string = made['conversation']?.id ?? '';
    if (id !== '' && partitionOf(id, partitions) === lost) conversation = id;
    return conversation !== '';
  }, 20_000);
  for (let number = 0; number < posts; number += 1)
    if ((await socket.ask('post', { conversation, content: `message ${number}` }))['ok'] !== true)
      throw new Error('a new conversation takes no posts');
  socket.end();
  return conversation;
}

type Following = { readonly socket: Asking; readonly epoch: string };

async function follow(
  node: { readonly url: string },
  { cast }: Load,
  conversation: string,
): Promise<Following> {
  const seen: ServerFrame[] = [];
  const socket = await openAsking(node.url, cast.ownerToken, (frame) => seen.push(frame));
  const reply = await socket.ask('open', { conversation, after: 0 });
  await until(() => seen.filter((frame) => frame['ev'] !== undefined).length === posts + 1);
  return { socket, epoch: reply['conversations'][0].epoch };
}

async function deleteStream({ url, user, pass }: TestNats): Promise<void> {
  const connection = await connect({ servers: new URL(url).host, user, pass });
  await (await jetstreamManager(connection)).streams.delete(`CONV_${lost}`);
  await connection.close();
}

async function loseStore(nats: TestNats): Promise<void> {
  await nats.kill();
  await rm(join(nats.dataDir, 'nats/jetstream/PARLEY/streams', `CONV_${lost}`), { recursive: true });
  await nats.restart();
}

/** Its cursors are refused; it is not there for anybody, on any node, whatever the projection still says. */
async function staysGone(
  t: Test,
  node: { readonly url: string },
  { cast }: Load,
  conversation: string,
  epoch: string,
): Promise<void> {
  const socket = await openAsking(node.url, cast.ownerToken);
  let refusal: ServerFrame = {};
  // A node may need a moment to see that the stream is another one.
  await until(async () => {
    refusal = await socket.ask('open', { conversation, after: `${epoch}:${posts}` });
    return codeOf(refusal) !== 'unavailable';
  }, 20_000);
  t.equal(codeOf(refusal), 'cursor_expired', 'a cursor of the old log is refused');
  t.equal(codeOf(await socket.ask('open', { conversation, after: 0 })), 'not_found');
  t.equal(codeOf(await socket.ask('post', { conversation, content: 'lost' })), 'not_found');
  t.equal(codeOf(await socket.ask('history', { conversation, limit: 10 })), 'not_found');
  socket.end();
}

const codeOf = (reply: ServerFrame): string | undefined =>
  reply['problem']?.code ?? reply['refused']?.[0]?.code;

/** Lists come from the projection, which has them until it is made again from the logs. */
async function rebuiltWithout(
  t: Test,
  { nodes, broker, postgres }: Deployment,
  load: Load,
  gone: readonly string[],
) {
  const login = `${broker.user}:${encodeURIComponent(broker.pass)}@`;
  const env = {
    NATS_URL: broker.url.replace('nats://', `nats://${login}`),
    NATS_CREDS: broker.credsFile,
    DATABASE_URL: postgres.url,
    PARLEY_PARTITIONS: String(partitions),
  };
  const { code, stderr } = await runParley(['rebuild-projection'], env);
  t.equal(code, 0, stderr);
  const [node = { url: '' }] = nodes;
  const socket = await openAsking(node.url, load.cast.ownerToken);
  let left: string[] = gone as string[];
  await until(async () => {
    const listed = await socket.ask('list', { limit: 200 });
    const ids: string[] = (listed['conversations'] ?? []).map(({ id }: { id: string }) => id);
    left = gone.filter((id) => ids.includes(id));
    return ids.length > 0 && left.length === 0;
  }, 30_000).catch(() => undefined);
  t.same(left, [], 'after a rebuild nobody sees them any more');
  socket.end();
}
