import t from 'tap';
import { Problem } from '../../../src/domain/problem.ts';
import { eventStream } from '../../kit/clients/event-stream.ts';
import { answered, startProjection } from '../../kit/projection.ts';

const ref = { tenant: 'acme', service: null, conversation: 'c1' };

t.test('a read cursor never goes back', async (t) => {
  const { cursors } = await startProjection(t);
  t.same(await cursors.advance(ref, 'ada', 0), { lastReadSeq: 0, advanced: false });
  t.same(await cursors.advance(ref, 'ada', 5), { lastReadSeq: 5, advanced: true });
  t.same(await cursors.advance(ref, 'ada', 5), { lastReadSeq: 5, advanced: false });
  t.same(await cursors.advance(ref, 'ada', 3), { lastReadSeq: 5, advanced: false });
  t.same(await cursors.advance(ref, 'ada', 8), { lastReadSeq: 8, advanced: true });
});

t.test('read cursors of other principals, conversations and tenants are their own', async (t) => {
  const { cursors } = await startProjection(t);
  await cursors.advance(ref, 'ada', 5);
  for (const [other, principal] of [
    [ref, 'bob'],
    [{ ...ref, conversation: 'c2' }, 'ada'],
    [{ ...ref, tenant: 'other' }, 'ada'],
  ] as const) {
    t.same(await cursors.advance(other, principal, 0), { lastReadSeq: 0, advanced: false });
  }
});

t.test('each reader of a conversation has the time at which its cursor last moved', async (t) => {
  const { cursors } = await startProjection(t);
  t.same(await cursors.readTimes(ref), new Map());
  await cursors.advance(ref, 'ada', 5);
  await cursors.advance({ ...ref, conversation: 'c2' }, 'bob', 5);
  const first = await cursors.readTimes(ref);
  if (first instanceof Problem) throw first;
  t.same([...first.keys()], ['ada']);
  await cursors.advance(ref, 'ada', 5);
  t.same(await cursors.readTimes(ref), first, 'not by reading the same again');
  await cursors.advance(ref, 'ada', 6);
  const second = await cursors.readTimes(ref);
  t.ok(!(second instanceof Problem) && (second.get('ada') ?? 0) > (first.get('ada') ?? 0));
});

t.test('of many advances at once the greatest counts', async (t) => {
  const { cursors } = await startProjection(t);
  const seqs = Array.from({ length: 40 }, (_, index) => ((index * 7) % 40) + 1);
  await Promise.all(seqs.map((seq) => cursors.advance(ref, 'ada', seq)));
  t.same(await cursors.advance(ref, 'ada', 0), { lastReadSeq: 40, advanced: false });
});

t.test('a rebuild leaves read cursors alone; the end of a conversation takes them along', async (t) => {
  const { cursors, writer, applyInBatches } = await startProjection(t);
  const { appended, conversations } = eventStream({ seed: 12, conversations: 6, commands: 1_500 });
  await applyInBatches(appended, 200);
  for (const one of conversations) await cursors.advance(one.ref, 'ada', 7);
  await writer.reset();
  for (const one of conversations) t.match(await cursors.advance(one.ref, 'ada', 0), { lastReadSeq: 7 });
  await applyInBatches(appended, 200);
  for (const one of conversations) {
    const lastReadSeq = one.state.status === 'deleted' ? 0 : 7;
    t.same(await cursors.advance(one.ref, 'ada', 0), { lastReadSeq, advanced: false });
  }
});

t.test('of each conversation the two that have read the least are told', async (t) => {
  const { applyInBatches, cursors } = await startProjection(t);
  const { appended, conversations } = eventStream({ seed: 71, conversations: 4, commands: 300 });
  await applyInBatches(appended, 100);
  const open = conversations.filter(({ state }) => state.status === 'open');
  let next = 0;
  for (const { ref, state } of open) {
    for (const id of [...state.participants.keys()].slice(1)) {
      next += 1;
      await cursors.advance(ref, id, next);
    }
  }
  for (const tenant of new Set(open.map(({ ref }) => ref.tenant))) {
    const own = open.filter(({ ref }) => ref.tenant === tenant);
    const found = await cursors.slowest(own.map(({ ref }) => ref));
    if (found instanceof Problem) throw found;
    t.equal(found.size, own.length);
    for (const { ref, state } of own) {
      const [first, second] = [...state.participants.keys()];
      const others =
        second === undefined ? null : answered(await cursors.advance(ref, second, 0)).lastReadSeq;
      t.same(found.get(ref.conversation), { slowest: first, readSeq: 0, othersReadSeq: others });
    }
  }
  t.ok(next > 3, 'somebody has read something');
  t.same(await cursors.slowest([{ ...ref, conversation: 'nowhere' }]), new Map());
});
