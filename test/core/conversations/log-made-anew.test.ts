/** The log of a conversation is lost while its projection and its nodes live on. */
import { jetstreamManager } from '@nats-io/jetstream';
import t from 'tap';
import { must, openReader } from '../../kit/clients/reader.ts';
import { until } from '../../kit/log-entries.ts';
import { post } from '../../kit/memory/memory-commands.ts';
import { startTwoNodes } from '../../kit/servers/two-nodes.ts';

const { here, there, owner, one, conversation, send, stored } = await startTwoNodes(t);
const manager = await jetstreamManager(here.nats.connection);

/** Somebody takes the events of a conversation away, as a stream does that is made anew. */
async function lose(id: string): Promise<void> {
  for await (const { config } of manager.streams.list('conv.>')) {
    const [subject] = config.subjects ?? [];
    if (subject === undefined) continue;
    const filter = subject.replace('*.*.*.*', `*.*.${id}.*`);
    await manager.streams.purge(config.name, { filter });
  }
}

async function begun(): Promise<string> {
  const id = await conversation(one('ben'));
  for (let n = 1; n <= 3; n += 1) must(await send(here, owner, id, post(`before ${n}`)));
  return id;
}

t.test('a writer is told at once, its readers start over, and then it does not exist', async (t) => {
  const id = await begun();
  const reader = await openReader(here, one('ben'), [id], null);
  await lose(id);
  t.match(await send(here, owner, id, post('after')), { code: 'unavailable' });
  t.equal(reader.socket.closedWith, 'restarting');
  t.match(await send(here, owner, id, post('again')), { code: 'not_found' });
  t.same(await stored(id), []);
});

t.test('a reader who asks for what is true now is told, too', async (t) => {
  const id = await begun();
  await lose(id);
  t.match(await here.core.bus.stateFor(owner, id, null), { code: 'unavailable' });
  t.match(await here.core.bus.stateFor(owner, id, null), { code: 'not_found' });
});

t.test('a node that never had it in memory does not believe the projection', async (t) => {
  const id = await begun();
  await until(async () => {
    const { tenant } = owner;
    return must(await there.reader.snapshot(tenant, id, 1))?.state.position === 4;
  });
  await lose(id);
  t.match(await send(there, owner, id, post('after')), { code: 'not_found' });
});
