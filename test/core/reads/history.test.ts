/** Pages and unread counts: whatever is projected and whoever reads, they are cut from the whole fold. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { openProjector } from '../../../src/core/projection/projector.ts';
import type { Command } from '../../../src/domain/command.ts';
import { type Micros, parseMicros } from '../../../src/domain/time.ts';
import { entryId, isAmong, type TimelineEntry } from '../../../src/domain/timeline.ts';
import type { EntryRange } from '../../../src/ports/projection/projection-reader.ts';
import { must } from '../../kit/clients/reader.ts';
import { until } from '../../kit/log-entries.ts';
import { create, member, post } from '../../kit/memory/memory-commands.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';
import { startProjection } from '../../kit/projection.ts';
import { type CoreNode, openCoreNode, principal } from '../../kit/servers/core-node.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { CapturedLog } from '../../model/captured-log.ts';
import { openStranger } from '../../model/world.ts';

const seed = Number(process.env['PARLEY_MODEL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
t.setTimeout(120_000);

const server = await startNats(t);
const projection = await startProjection(t);
const natsUrl = server.url.replace('//', `//${server.user}:${server.pass}@`);
const nodes: CoreNode[] = [];
t.teardown(() => Promise.all(nodes.map((node) => node.close())));
async function open(name: string): Promise<CoreNode> {
  const node = await openCoreNode({ natsUrl, databaseUrl: projection.url, name, projects: false });
  nodes.push(node);
  return node;
}
const [here, there] = [await open('here'), await open('there')];
const stranger = await openStranger(natsUrl, here);
t.teardown(() => stranger.nats.close());
const { writer, logger } = projection;
const parts = {
  feed: here.feed,
  marks: projection.marks,
  writer,
  log: here.log,
  logger,
  metrics: quietMetrics(),
  clock: openClock(),
};

const [ada, ben] = [principal('acme', 'ada'), principal('acme', 'ben')];
const { bus } = here.core;
const id = bus.newConversationId();
const log = new CapturedLog({ tenant: 'acme', service: null, conversation: id }, stranger.live);
await stranger.nats.connection.flush();
must(await bus.dispatch(ada, create({ participants: [member(ben)] }), bus.context(id)));

/** Posts, and now and then a change of something near or far. */
async function write(count: number): Promise<void> {
  let state = count + seed;
  const random = (max: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
    return state % max;
  };
  const known: { message: string; by: typeof ada }[] = [];
  for (let n = 0; n < count; n += 1) {
    const by = random(2) === 0 ? ada : ben;
    const node = random(2) === 0 ? here : there;
    const old = known.length > 0 && random(3) === 0 ? known[random(known.length)] : undefined;
    const changes: Command[] = [
      { op: 'edit', message: old?.message ?? '', content: `edited ${n}`, metadata: null },
      { op: 'react', message: old?.message ?? '', emoji: '👍' },
      { op: 'delete', message: old?.message ?? '' },
    ];
    const metadata = random(4) === 0 ? { is_internal: true } : {};
    const command = old === undefined ? post(`message ${n}`, { metadata }) : changes[random(3)]!;
    const outcome = await node.core.bus.dispatch(old?.by ?? by, command, bus.context(id));
    if ('events' in outcome && command.op === 'post')
      known.push({ message: String(outcome.events[0]?.id), by });
  }
  await log.settled(stranger.log);
}

async function project(): Promise<void> {
  const projector = await openProjector(parts);
  await until(async () => (await projector.lag()) === 0, 60_000);
  await projector.close();
}

const timeOf = (entry: TimelineEntry): Micros => parseMicros(entry.event.at) ?? 0;

function expected(range: EntryRange): { entries: TimelineEntry[]; hasMore: boolean } {
  const inside = log.timelineAt(log.position).filter((entry) => {
    const [seq, at] = [entry.event.seq ?? 0, timeOf(entry)];
    return (
      seq > (range.afterSeq ?? 0) &&
      seq < (range.beforeSeq ?? Number.MAX_SAFE_INTEGER) &&
      at > (range.afterAt ?? 0) &&
      at < (range.beforeAt ?? Number.MAX_SAFE_INTEGER) &&
      (range.seen === undefined || isAmong(entry, range.seen))
    );
  });
  const entries = range.keep === 'newest' ? inside.slice(-range.limit) : inside.slice(0, range.limit);
  return { entries, hasMore: inside.length > entries.length };
}

/** What a reader sees of an entry. */
const visible = ({
  event,
  editCount,
  editedAt,
  deletedAt,
  deletedBy,
  reactions,
}: TimelineEntry): unknown => ({
  ...{ event, editCount, editedAt, deletedAt, deletedBy },
  reactions: reactions.map((one) => `${one.principal} ${one.emoji}`).toSorted(),
});

/** Bounds by seq or by the time of some entry, the edges included. */
function ranges(): fc.Arbitrary<EntryRange> {
  const timeline = log.timelineAt(log.position);
  const seq = fc.option(fc.nat({ max: timeline.length + 2 }), { nil: undefined });
  const at = fc.option(fc.constantFrom(...timeline.map(timeOf)), { nil: undefined });
  const bounds = fc.oneof(
    fc.record({ afterSeq: seq, beforeSeq: seq }),
    fc.record({ afterAt: at, beforeAt: at }),
    fc.record({ afterSeq: seq, beforeAt: at }),
  );
  const seen = fc.option(
    fc.record({ blocked: fc.constantFrom(new Set<string>(), new Set(['ada'])), seesInternal: fc.boolean() }),
    { nil: undefined },
  );
  return fc
    .tuple(
      bounds,
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom('oldest' as const, 'newest' as const),
      seen,
    )
    .map(([given, limit, keep, who]) => {
      const all = Object.entries({ ...given, seen: who });
      const known = Object.fromEntries(all.filter(([, value]) => value !== undefined));
      return { ...known, limit, keep };
    });
}

async function pagesAreRight(readers: readonly CoreNode[]): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: readers.length - 1 }), ranges(), async (reader, range) => {
      const page = must(await readers[reader]!.core.bus.history(ben, id, range));
      const want = expected(range);
      const [got, wanted] = [page, want].map(({ entries, hasMore }) => [
        { hasMore, count: entries.length },
        ...entries.map(visible),
      ]);
      const wrong = wanted!.findIndex((one, index) => !isDeepStrictEqual(one, got![index]));
      if (wrong < 0 && got!.length === wanted!.length) return;
      const told = [got![wrong], wanted![wrong]].map((one) => JSON.stringify(one));
      throw new Error(`seed ${seed}: ${told[0]} instead of ${told[1]}`);
    }),
    { seed, numRuns: 100, endOnFailure: true },
  );
}

async function everyEntryIsFound(t: Test, node: CoreNode): Promise<void> {
  const timeline = log.timelineAt(log.position);
  for (const entry of timeline.filter((_, index) => index % 7 === 0)) {
    const found = must(await node.core.bus.entry(ben, id, entryId(entry), null));
    t.same(found === null ? null : visible(found), visible(entry));
  }
}

async function unreadIsRight(t: Test, node: CoreNode, who: typeof ada): Promise<void> {
  const timeline = log.timelineAt(log.position);
  let last = 0;
  for (const upTo of [3, 1, 50, 40, timeline.length - 100, timeline.length - 3, timeline.length + 50]) {
    const marked = must(await node.core.bus.read(who, id, upTo, null));
    last = Math.max(last, Math.min(upTo, timeline.length));
    const unread = timeline.filter(
      (entry) =>
        (entry.event.seq ?? 0) > last &&
        isAmong(entry, { blocked: new Set(), seesInternal: false }) &&
        entry.event.actor.id !== who.id &&
        entry.deletedAt === null,
    );
    t.equal(marked.lastReadSeq, last);
    t.equal(marked.unread, unread.length);
  }
}

t.test(`while nothing is projected, the log is all there is (seed ${seed})`, async (t) => {
  await write(250);
  const late = await open('late 1');
  await pagesAreRight([here, there, late]);
  await everyEntryIsFound(t, late);
});

t.test('a projection that lags far behind is bridged from the log', async (t) => {
  await project();
  await write(400);
  const late = await open('late 2');
  await pagesAreRight([here, there, late]);
  await everyEntryIsFound(t, late);
});

t.test('so it is when everything is projected', async (t) => {
  await project();
  const late = await open('late 3');
  await pagesAreRight([here, there, late]);
  await everyEntryIsFound(t, there);
  await unreadIsRight(t, late, ben);
});

t.test('unread counts hold what the projection does not have yet', async (t) => {
  await write(60);
  await unreadIsRight(t, here, ada);
});
