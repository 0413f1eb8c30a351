import t from 'tap';
import { limits } from '../../../src/domain/limits.ts';
import type { PlacedEntry } from '../../../src/ports/projection.ts';
import { eventStream } from '../../kit/clients/event-stream.ts';
import { create, post } from '../../kit/memory/memory-commands.ts';
import { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { person } from '../../kit/memory/memory-principals.ts';
import { startProjection } from '../../kit/projection.ts';

const structural = /^(conversation|participant)\./;
const isStructural = ({ entry }: PlacedEntry): boolean => structural.test(entry.event.type);

/** The same order for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item, index) => ({ item, key: Math.imul(index + seed, 0x9e3779b1) >>> 0 }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

t.test('a batch that comes twice, or overlaps the one before, changes nothing more', async (t) => {
  const projection = await startProjection(t);
  const { appended } = eventStream({ seed: 1, conversations: 5, commands: 700 });
  await projection.applyInBatches(appended, 100);
  const once = await projection.dump();
  t.ok(once.messages.length > 100, 'there is something to compare');
  await projection.writer.apply(appended);
  t.strictSame(await projection.dump(), once, 'the whole stream again');
  await projection.writer.reset();
  for (let start = 0; start < appended.length; start += 50) {
    await projection.writer.apply(appended.slice(Math.max(0, start - 70), start + 50));
  }
  t.strictSame(await projection.dump(), once, 'overlapping batches');
  await projection.writer.reset();
  await projection.writer.apply(appended.flatMap((placed) => [placed, placed]));
  t.strictSame(await projection.dump(), once, 'each entry twice in one batch');
});

t.test('a replay from zero gives the same tables, however it is cut into batches', async (t) => {
  const projection = await startProjection(t);
  for (const seed of [2, 3, 4]) {
    const { appended } = eventStream({ seed, conversations: 4, commands: 600 });
    await projection.writer.reset();
    await projection.applyInBatches(appended, 1);
    const incremental = await projection.dump();
    for (const size of [7, 64, 10_000]) {
      await projection.writer.reset();
      await projection.applyInBatches(appended, size);
      t.strictSame(await projection.dump(), incremental, `seed ${seed}, batches of ${size}`);
    }
  }
});

t.test('structural events may come ahead, in any order, and once more when they are old', async (t) => {
  const projection = await startProjection(t);
  for (const seed of [5, 6, 7]) {
    const { appended } = eventStream({ seed, conversations: 4, commands: 300 });
    await projection.writer.reset();
    await projection.applyInBatches(appended, 100);
    const inOrder = await projection.dump();

    await projection.writer.reset();
    for (const placed of shuffled(appended.filter(isStructural), seed)) {
      t.equal(await projection.inline.applyStructural([placed]), null);
    }
    await projection.applyInBatches(appended, 90);
    t.strictSame(await projection.dump(), inOrder, 'all of them ahead, shuffled');
    for (const placed of shuffled(appended.filter(isStructural), seed + 1)) {
      await projection.inline.applyStructural([placed]);
    }
    t.strictSame(await projection.dump(), inOrder, 'all of them late');

    await projection.writer.reset();
    const cut = Math.floor(appended.length / 2);
    await projection.applyInBatches(appended.slice(0, cut), 50);
    for (const placed of shuffled(appended.filter(isStructural).slice(-40), seed)) {
      await projection.inline.applyStructural([placed]);
    }
    await projection.applyInBatches(appended.slice(cut - 20), 50);
    t.strictSame(await projection.dump(), inOrder, 'some of them ahead, from the middle on');
  }
});

t.test('structural events that follow the watermark move it, others do not', async (t) => {
  const { inline, reader, dump } = await startProjection(t);
  const { appended } = eventStream({ seed: 8, conversations: 1, commands: 60 });
  const [created, ...later] = appended;
  const ref = created!.ref;
  t.equal(await inline.applyStructural([created!]), null);
  const at = await reader.entries(ref, { limit: 1, keep: 'newest' });
  t.match(at, { at: { position: 1 } });
  const ahead = later.find((placed) => isStructural(placed) && placed.entry.event.position > 3)!;
  t.equal(await inline.applyStructural([ahead]), null);
  t.match(await reader.entries(ref, { limit: 1, keep: 'newest' }), { at: { position: 1 } });
  t.equal((await dump()).messages.length, 0);
});

t.test('the log without what was erased gives the same tables as the whole log did', async (t) => {
  const projection = await startProjection(t);
  for (const seed of [9, 10, 11]) {
    // A run that only erased posts opened is not known to the erased log, so there are none here.
    const stream = eventStream({ seed, conversations: 4, commands: 1000, runs: false });
    await projection.writer.reset();
    await projection.applyInBatches(stream.appended, 100);
    const before = await projection.dump();
    const left = stream.remaining();
    t.ok(left.length < stream.appended.length, 'something was erased');
    for (const size of [10_000, 11]) {
      await projection.writer.reset();
      await projection.applyInBatches(left, size);
      t.strictSame(await projection.dump(), before, `seed ${seed}, batches of ${size}`);
    }
  }
});

t.test('what was deleted is nowhere in the tables', async (t) => {
  const projection = await startProjection(t);
  const stream = eventStream({ seed: 12, conversations: 6, commands: 1500 });
  await projection.applyInBatches(stream.appended, 100);
  const dump = await projection.dump();
  const ofMessages = dump.messages as readonly {
    deleted_us: number | null;
    seq: number;
    [name: string]: unknown;
  }[];
  const tombstones = ofMessages.filter(({ deleted_us }) => deleted_us !== null);
  t.ok(tombstones.length > 5);
  for (const one of tombstones) {
    t.match(one, { content: '', content_hash: null, data: { metadata: {}, deleted: true }, search: null });
  }
  const key = (row: { [name: string]: unknown }, seq: unknown): string => `${row['conversation_id']} ${seq}`;
  const gone = new Set(tombstones.map((row) => key(row, row.seq)));
  for (const table of ['message_versions', 'reactions'] as const) {
    const rows = dump[table] as readonly { [name: string]: unknown }[];
    t.ok(rows.length > 0);
    t.same(
      rows.filter((row) => gone.has(key(row, row['message_seq']))),
      [],
      table,
    );
  }
  const deleted = stream.conversations.filter(({ state }) => state.status === 'deleted');
  t.ok(deleted.length > 0);
  for (const { ref } of deleted) {
    const ofIt = Object.values(dump)
      .flat()
      .filter((row) => (row as { conversation_id?: string }).conversation_id === ref.conversation);
    t.equal(ofIt.length, 1);
    t.match(ofIt[0]!, {
      status: 'deleted',
      name: null,
      description: null,
      metadata: {},
      created_by: '',
      control: null,
    });
  }
});

t.test('phi and secret content is stored and never indexed, not even by an edit', async (t) => {
  const projection = await startProjection(t);
  const stream = eventStream({ seed: 13, conversations: 3, commands: 500 });
  await projection.applyInBatches(stream.appended, 100);
  const hidden = new Set<string>();
  for (const { entry } of stream.appended) {
    const { event, dataClass } = entry;
    if (dataClass !== 'phi' && dataClass !== 'secret') continue;
    if (event.type === 'message.posted' || event.type === 'message.edited') hidden.add(event.data.message_id);
  }
  const rows = await projection.sql`
    select message_id, kind, search is not null as is_indexed, deleted_us from messages`;
  const messages = rows.filter((row) => row['kind'] === 'message' && row['deleted_us'] === null);
  t.ok(messages.some((row) => hidden.has(row['message_id'])));
  t.ok(messages.some((row) => row['is_indexed']));
  for (const row of messages) t.equal(row['is_indexed'], !hidden.has(row['message_id']));
});

t.test('the longest message that may be posted is projected, whatever its words are', async (t) => {
  const { writer, sql, dump } = await startProjection(t);
  const max = limits.contentBytesMax;
  const words = Array.from({ length: max / 8 }, (_, index) => `${index.toString(36)}-x/y`);
  const contents = [
    words.join(' ').slice(0, max),
    words.join('-').slice(0, max),
    `http://${words.join('/')}`.slice(0, max),
    'ı'.repeat(max / 2),
    Array.from({ length: max / 4 }, (_, index) => String.fromCodePoint(0x20000 + (index % 40_000))).join(''),
  ];
  const conversation = new MemoryConversation();
  const ada = person('ada');
  conversation.accept(ada, create());
  for (const content of contents) conversation.accept(ada, post(content));
  const { ref } = conversation;
  await writer.apply(conversation.appended.map((entry) => ({ ref, entry })));
  t.strictSame(
    (await dump()).messages.map((row) => (row as { content: string }).content),
    contents,
  );
  const [found] = await sql`select seq from messages where search @@ plainto_tsquery('simple', 'zz-x')`;
  t.equal(found?.['seq'], 1);
  const [definition] = await sql`
    select pg_get_expr(adbin, adrelid) as it from pg_attrdef
    where adrelid = 'messages'::regclass and pg_get_expr(adbin, adrelid) like '%tsvector%'`;
  t.match(definition?.['it'], `${limits.searchCharsMax}`, 'limits.ts says what the schema does');
});

t.test('two projectors of one conversation at once write what one would', async (t) => {
  const projection = await startProjection(t);
  const { appended } = eventStream({ seed: 14, conversations: 6, commands: 500 });
  await projection.applyInBatches(appended, 100);
  const alone = await projection.dump();
  await projection.writer.reset();
  const inline = appended.filter(isStructural);
  await Promise.all([
    projection.applyInBatches(appended, 60),
    projection.applyInBatches(appended, 45),
    (async () => {
      for (const placed of inline) await projection.inline.applyStructural([placed]);
    })(),
  ]);
  t.strictSame(await projection.dump(), alone);
});
