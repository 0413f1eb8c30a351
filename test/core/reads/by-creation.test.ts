/** Lists by creation: what was acknowledged is in them, projected or not, and how much of it is bounded. */
import t from 'tap';
import { openClock } from '../../../src/adapters/system/clock.ts';
import type { ByCreationQuery, ConversationByCreation } from '../../../src/core/bus.ts';
import { openProjector } from '../../../src/core/projection/projector.ts';
import type { Command } from '../../../src/domain/command.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { must } from '../../kit/clients/reader.ts';
import { until } from '../../kit/log-entries.ts';
import { create, member, post } from '../../kit/memory/memory-commands.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';
import { startProjection } from '../../kit/projection.ts';
import { type CoreNode, openCoreNode, principal } from '../../kit/servers/core-node.ts';
import { startNats } from '../../kit/servers/nats.ts';

const server = await startNats(t);
const projection = await startProjection(t);
const natsUrl = server.url.replace('//', `//${server.user}:${server.pass}@`);
const open = (name: string) => openCoreNode({ natsUrl, databaseUrl: projection.url, name, projects: false });
const here = await open('here');
t.teardown(() => here.close());
const there = await open('there');
t.teardown(() => there.close());

const everything: ByCreationQuery = {
  ...{ entity: { type: null, id: null }, env: null, offset: 0, limit: 100, isEverywhere: false },
};

/** Everybody of a tenant of its own, so that tests do not see each other's. */
function cast(tenant: string) {
  const [ada, ben] = [principal(tenant, 'ada'), principal(tenant, 'ben')];
  const bus = here.core.bus;
  return {
    ada,
    ben,
    async make(fields: Parameters<typeof create>[0] = {}): Promise<string> {
      const id = bus.newConversationId();
      must(await bus.dispatch(ada, create({ participants: [member(ben)], ...fields }), bus.context(id)));
      return id;
    },
    async act(id: string, command: Command, by: Principal = ada): Promise<string> {
      const { events } = must(await bus.dispatch(by, command, bus.context(id)));
      return String(events.at(-1)?.id);
    },
  };
}

async function listed(node: CoreNode, by: Principal, query: Partial<ByCreationQuery> = {}) {
  return must(await node.core.bus.byCreation(by, { ...everything, ...query }));
}

const idsOf = (found: readonly ConversationByCreation[]) =>
  found.map((one) => one.conversation.ref.conversation);
const textsOf = ({ newest }: ConversationByCreation) =>
  newest.entries.map(({ event }) => ('content' in event.data ? event.data.content : event.type));

async function project(): Promise<void> {
  const { marks, writer, logger } = projection;
  const parts = {
    marks,
    feed: here.feed,
    writer,
    log: here.log,
    logger,
    metrics: quietMetrics(),
    clock: openClock(),
  };
  const projector = await openProjector(parts);
  await until(async () => (await projector.lag()) === 0, 60_000);
  await projector.close();
}

t.test('the newest conversation is the first, whatever happens in the others', async (t) => {
  const { ada, ben, make, act } = cast('order');
  const made = [await make(), await make(), await make()];
  await act(made[0]!, post('hello'));
  for (const node of [here, there]) {
    t.same(idsOf(await listed(node, ada)), made.toReversed());
    t.same(idsOf(await listed(node, ben, { offset: 1, limit: 1 })), [made[1]]);
    t.same(await listed(node, ben, { offset: 3 }), []);
  }
  t.same(await listed(here, principal('order', 'dora')), []);
  t.same(
    await listed(here, principal('another', 'ada')),
    [],
    'the same id in another tenant is somebody else',
  );
});

t.test('by entity, by environment and by service: all that is asked for holds', async (t) => {
  const { ada, make } = cast('filters');
  const lease = await make({ entity: { type: 'lease', id: '1' } });
  const order = await make({ entity: { type: 'order', id: '1' }, env: 'prod' });
  const plain = await make({ service: 'billing' });
  const found = async (query: Partial<ByCreationQuery>, by = ada) => idsOf(await listed(here, by, query));
  t.same(await found({ entity: { type: 'lease', id: null } }), [lease]);
  t.same(await found({ entity: { type: null, id: '1' } }), [order, lease]);
  t.same(await found({ entity: { type: 'lease', id: '1' } }), [lease]);
  t.same(await found({ entity: { type: 'lease', id: '2' } }), []);
  t.same(await found({ env: 'prod' }), [order]);
  t.same(await found({}, { ...ada, service: 'shipping' }), [order, lease]);
  t.same(await found({}, { ...ada, service: 'billing' }), [plain, order, lease]);
});

t.test('what was acknowledged here is in the list here, before it is projected', async (t) => {
  const { ada, ben, make, act } = cast('fresh');
  const id = await make();
  const first = await act(id, post('one'));
  await act(id, post('two'), ben);
  await project();
  await act(id, { op: 'edit', message: first, content: 'one, edited', metadata: null });
  await act(id, { op: 'update', stage: 'closed' });
  const third = await act(id, post('three'));
  await act(id, { op: 'delete', message: third });
  const [found] = await listed(here, ada);
  t.same(textsOf(found!), ['one, edited', 'two']);
  t.match(found, { conversation: { stage: 'closed', name: 'Harbour' }, newest: { hasMore: false } });
  t.ok(found!.conversation.changedAt > found!.conversation.createdAt);
  await project();
  const [projected] = await listed(there, ada);
  t.same(textsOf(projected!), ['one, edited', 'two']);
  t.same(projected!.conversation, { ...found!.conversation, position: projected!.conversation.position });
});

t.test('only the newest messages come along, and it is said that there are more', async (t) => {
  const { ada, make, act } = cast('many');
  const id = await make();
  const max = limits.messagesOfListedMax;
  for (let n = 1; n <= max; n += 1) await act(id, post(`${n}`));
  await project();
  const whole = (await listed(there, ada))[0]!;
  t.match(whole.newest, { hasMore: false });
  t.equal(whole.newest.entries.length, max);
  await act(id, post('one more'));
  for (const isProjected of [false, true]) {
    if (isProjected) await project();
    const found = (await listed(isProjected ? there : here, ada))[0]!;
    t.equal(found.newest.hasMore, true);
    t.same(textsOf(found), [...Array.from({ length: max - 1 }, (_, n) => `${n + 2}`), 'one more']);
  }
});

t.test('their texts are bounded over the whole page: the newest of each come first', async (t) => {
  const { ada, make, act } = cast('large');
  const text = 'x'.repeat(limits.contentBytesMax);
  const ids: string[] = [];
  const rounds = 9;
  for (let n = 0; n < 4; n += 1) {
    const id = await make();
    ids.push(id);
    for (let round = 1; round <= rounds; round += 1) await act(id, post(text));
  }
  await project();
  const found = await listed(there, ada);
  t.same(idsOf(found), ids.toReversed());
  const counts = found.map(({ newest }) => newest.entries.length);
  const bytes = counts.reduce((sum, count) => sum + count * text.length, 0);
  t.ok(bytes <= limits.embeddedBytesMax && bytes > limits.embeddedBytesMax - 2 * text.length, `${bytes}`);
  t.ok(Math.max(...counts) - Math.min(...counts) <= 1, `shared evenly: ${counts}`);
  for (const { newest } of found) t.equal(newest.hasMore, newest.entries.length < rounds);
});

t.test('people do not see what agents say among themselves', async (t) => {
  const { ada, make, act } = cast('internal');
  const iris = { ...principal('internal', 'iris'), kind: 'agent' as const };
  const id = await make({ participants: [member(iris)] });
  await act(id, post('for us', { metadata: { is_internal: true } }), iris);
  await act(id, post('for all'), iris);
  for (const isProjected of [false, true]) {
    if (isProjected) await project();
    const node = isProjected ? there : here;
    t.same(textsOf((await listed(node, ada))[0]!), ['for all']);
    t.same(textsOf((await listed(node, iris))[0]!), ['for us', 'for all']);
  }
});

t.test('a super admin finds the conversations that it is in, in every tenant or in one', async (t) => {
  const root = { ...principal('platform', 'root'), superAdmin: true };
  const ids: string[] = [];
  for (const tenant of ['one', 'two']) {
    const { make, act } = cast(tenant);
    const id = await make({ participants: [member(root)] });
    await act(id, post(`hello from ${tenant}`));
    await make();
    ids.push(id);
  }
  const all = await listed(here, root, { isEverywhere: true });
  t.same(idsOf(all), ids.toReversed());
  t.same(all.map(textsOf), [['hello from two'], ['hello from one']]);
  t.same(idsOf(await listed(here, { ...root, tenant: 'one' })), [ids[0]]);
  const person = principal('platform', 'root');
  t.same(await listed(here, person, { isEverywhere: true }), [], 'others stay in their tenant');
});

t.test('it is told how far the slowest readers are', async (t) => {
  const { ada, ben, make, act } = cast('readers');
  const id = await make();
  await act(id, post('one'));
  await act(id, post('two'), ben);
  must(await here.core.bus.read(ben, id, 2, null));
  const readers = { slowest: 'ada', readSeq: 0, othersReadSeq: 2 };
  t.same((await listed(there, ada))[0]!.readers, readers);
  const bounds = { env: null, messages: 10, charsMax: 100 };
  t.same(must(await there.core.bus.messages(ben, id, bounds)).readers, readers);
});

t.test('what is stored sealed is opened for who takes part', async (t) => {
  const { ada, ben } = cast('sealed');
  const { bus } = here.core;
  const id = bus.newConversationId();
  const phi = { dataClass: 'phi' as const };
  const entity = { type: 'case', id: '7' };
  const made = create({ name: 'a secret', participants: [member(ben)], entity });
  must(await bus.dispatch(ada, made, bus.context(id, phi)));
  must(await bus.dispatch(ada, post('another one'), bus.context(id, phi)));
  for (const isProjected of [false, true]) {
    if (isProjected) await project();
    const [found] = await listed(isProjected ? there : here, ben, { entity });
    t.match(found, { conversation: { name: 'a secret', entity } });
    t.same(textsOf(found!), ['another one']);
  }
  const stored = await projection.sql`select name from conversations where conversation_id = ${id}`;
  t.same(stored[0]?.['name'], null);
});
