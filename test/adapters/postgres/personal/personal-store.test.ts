import t from 'tap';
import { openPersonalStore } from '../../../../src/adapters/postgres/personal/personal-store.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { eventStream } from '../../../kit/clients/event-stream.ts';
import { answered, startProjection } from '../../../kit/projection.ts';

const ref = { tenant: 'acme', service: null, conversation: 'c1' };
const none = { clearedSeq: 0, mutedUntil: null, archivedAt: null };

t.test('a block keeps its first time, and belongs to one principal', async (t) => {
  const store = openPersonalStore((await startProjection(t)).requests);
  const block = answered(await store.block('acme', 'ada', 'ben'));
  t.equal(block.blocked, 'ben');
  t.same(await store.block('acme', 'ada', 'ben'), block);
  const second = answered(await store.block('acme', 'ada', 'cleo'));
  t.same(await store.blocks('acme', 'ada'), [block, second]);
  t.same(await store.blocks('acme', 'ben'), []);
  t.same(await store.blocks('other', 'ada'), []);
  t.equal(await store.unblock('acme', 'ada', 'ben'), true);
  t.equal(await store.unblock('acme', 'ada', 'ben'), false);
  t.same(await store.blocks('acme', 'ada'), [second]);
});

t.test('blocks are bounded, also when the last ones come at once', async (t) => {
  const { requests, sql } = await startProjection(t);
  const store = openPersonalStore(requests);
  await sql`
    insert into blocks select 'acme', 'ada', 'p' || n, n
    from generate_series(1, ${limits.blocksPerPrincipalMax - 1}) as n`;
  const asked = ['x', 'y', 'z'].map((who) => store.block('acme', 'ada', who));
  const codes = (await Promise.all(asked)).map((answer) => ('code' in answer ? answer.code : 'blocked'));
  t.same(codes.sort(), ['blocked', 'conflict', 'conflict']);
  t.match(await store.block('acme', 'ada', 'p1'), { at: 1 }, 'who is blocked already needs no room');
});

t.test('a conversation is cleared further, never less', async (t) => {
  const store = openPersonalStore((await startProjection(t)).requests);
  t.same(await store.mark(ref, 'ada'), none);
  t.equal(await store.clear(ref, 'ada', 5), 5);
  t.equal(await store.clear(ref, 'ada', 3), 5);
  t.equal(await store.clear(ref, 'ada', 9), 9);
  t.same(await store.mark(ref, 'ada'), { ...none, clearedSeq: 9 });
  t.same(await store.mark(ref, 'ben'), none);
  t.same(await store.mark({ ...ref, conversation: 'c2' }, 'ada'), none);
});

t.test('what many principals do not want to see is read at once', async (t) => {
  const { requests, sql } = await startProjection(t);
  const store = openPersonalStore(requests);
  const other = { ...ref, conversation: 'c2' };
  await store.block('acme', 'ada', 'ben');
  await store.block('acme', 'ada', 'cleo');
  await store.block('other', 'ada', 'dan');
  await store.clear(ref, 'ada', 5);
  await store.clear(other, 'ben', 7);
  await store.clear(other, 'ada', 0);
  await store.mute({ ...ref, conversation: 'c3' }, 'ben', 1);
  t.same(
    [...answered(await store.unwanted('acme', ['ada', 'ben', 'cleo'], 0))],
    [
      ['ada', { blocked: new Set(['ben', 'cleo']), cleared: new Map([['c1', 5]]) }],
      ['ben', { blocked: new Set(), cleared: new Map([['c2', 7]]) }],
    ],
  );
  await sql`update conversation_marks set cleared_us = 10 where principal_id = 'ben' and cleared_seq > 0`;
  t.same([...answered(await store.unwanted('acme', ['ben'], 10))], []);
  t.same(
    [...answered(await store.unwanted('acme', ['ben'], 9))],
    [['ben', { blocked: new Set(), cleared: new Map([['c2', 7]]) }]],
  );
  t.same([...answered(await store.clearedSeqs('acme', 'ada', ['c1', 'c2', 'c3']))], [['c1', 5]]);
  t.same([...answered(await store.clearedSeqs('acme', 'ben', ['c1', 'c2', 'c3']))], [['c2', 7]]);
  t.same([...answered(await store.clearedSeqs('acme', 'ada', []))], []);
});

t.test('mutes are replaced, an archive keeps its first time, and neither touches the other', async (t) => {
  const store = openPersonalStore((await startProjection(t)).requests);
  t.equal(await store.unarchive(ref, 'ada'), null);
  const archivedAt = answered(await store.archive(ref, 'ada'));
  t.equal(await store.mute(ref, 'ada', 5), null);
  t.equal(await store.mute(ref, 'ada', 3), null);
  t.equal(await store.archive(ref, 'ada'), archivedAt);
  t.same(await store.mark(ref, 'ada'), { clearedSeq: 0, mutedUntil: 3, archivedAt });
  t.equal(await store.mute(ref, 'ada', null), null);
  t.equal(await store.unarchive(ref, 'ada'), null);
  t.same(await store.mark(ref, 'ada'), none);
});

t.test('a rebuild leaves marks alone; the end of a conversation takes them along', async (t) => {
  const { requests, writer, applyInBatches } = await startProjection(t);
  const store = openPersonalStore(requests);
  const { appended, conversations } = eventStream({ seed: 12, conversations: 6, commands: 1_500 });
  for (const one of conversations) await store.clear(one.ref, 'ada', 7);
  await writer.reset();
  for (const one of conversations) t.match(await store.mark(one.ref, 'ada'), { clearedSeq: 7 });
  await applyInBatches(appended, 200);
  const isDeleted = conversations.map((one) => one.state.status === 'deleted');
  t.ok(isDeleted.includes(true) && isDeleted.includes(false));
  for (const [index, one] of conversations.entries())
    t.match(await store.mark(one.ref, 'ada'), { clearedSeq: isDeleted[index] === true ? 0 : 7 });
});
