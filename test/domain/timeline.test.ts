import t from 'tap';
import { applyToTimeline, entryId, type TimelineEntry } from '../../src/domain/timeline.ts';
import { control, post } from '../kit/memory/memory-commands.ts';
import { ada, ben, cleo, harbour, hook } from '../kit/memory/memory-harbour.ts';
import { uuid } from '../kit/memory/memory-principals.ts';

const five = uuid(5);

t.test('messages and control events are entries in seq order, nothing else is', async (t) => {
  const c = harbour();
  c.accept(cleo, post('one'));
  c.accept(ada, { op: 'update', name: 'Port' });
  c.accept(hook, control('x.note'));
  c.accept(ada, { op: 'participant.remove', participant: 'iris' });
  c.accept(cleo, post('two'));
  t.same(
    c.timeline.map(({ event }) => [event.seq, event.type]),
    [
      [1, 'message.posted'],
      [2, 'control'],
      [3, 'message.posted'],
    ],
  );
});

t.test('a message is named by its message id, a control event by its event id', async (t) => {
  const c = harbour();
  c.accept(cleo, post('one', { messageId: five }));
  const { events } = c.accept(hook, control('x.note'));
  t.same(c.timeline.map(entryId), [five, events[0]?.id]);
});

t.test('an edit shows in its entry, with count and time, at the old place', async (t) => {
  const c = harbour();
  c.accept(cleo, post('one', { messageId: five, metadata: { a: 1 } }));
  c.accept(ben, post('two'));
  const edited = c.accept(cleo, { op: 'edit', message: five, content: 'uno', metadata: { b: 2 } }).events[0];
  t.match(c.timeline[0], {
    event: { seq: 1, data: { content: 'uno', metadata: { b: 2 } } },
    editCount: 1,
    editedAt: edited?.at,
    deletedAt: null,
  });
  t.equal(c.timeline[0]?.versions.length, 2);
});

t.test('a deletion leaves a tombstone with id and seq and nothing of the content', async (t) => {
  const c = harbour();
  c.accept(cleo, post('secret', { messageId: five, metadata: { secret: 1 } }));
  c.accept(ben, { op: 'react', message: five, emoji: 'secret' });
  c.accept(cleo, { op: 'edit', message: five, content: 'secret two', metadata: null });
  const { events } = c.accept(ada, { op: 'delete', message: five });
  t.match(c.timeline[0], {
    event: { seq: 1, data: { message_id: five, content: '', metadata: {}, deleted: true } },
    deletedAt: events[0]?.at,
    deletedBy: 'ada',
    reactions: [],
    versions: [],
  });
  t.notMatch(JSON.stringify(c.timeline), /secret/);
});

t.test('a replay in which the message is a stub shows the same tombstone', async (t) => {
  const c = harbour();
  c.accept(cleo, post('secret', { messageId: five }));
  c.accept(ada, { op: 'delete', message: five });
  const stub = { ...c.appended[1]!, event: { ...c.timeline[0]!.event } };
  const replayed: TimelineEntry[] = [];
  for (const entry of [c.appended[0]!, stub, ...c.appended.slice(2)]) applyToTimeline(replayed, entry);
  t.match(replayed, [{ event: { seq: 1, data: { deleted: true, content: '' } }, deletedBy: 'ada' }]);
});

t.test('changes of entries that a list does not hold leave it alone', async (t) => {
  const c = harbour();
  c.accept(cleo, post('old', { messageId: five }));
  const later: TimelineEntry[] = [];
  c.accept(cleo, post('new'));
  applyToTimeline(later, c.appended.at(-1)!);
  c.accept(cleo, { op: 'edit', message: five, content: 'x', metadata: null });
  applyToTimeline(later, c.appended.at(-1)!);
  t.equal(later.length, 1);
  t.match(later[0]?.event.data, { content: 'new' });
});

t.test('an entry knows the position of its last change', (t) => {
  const c = harbour();
  const positions = (): unknown[] => c.timeline.map((entry) => entry.changedPosition);
  const last = (): number => c.appended.at(-1)?.event.position ?? 0;
  c.accept(cleo, post('one', { messageId: five }));
  const first = last();
  c.accept(ben, post('two'));
  const second = last();
  t.same(positions(), [first, second], 'posted');
  c.accept(cleo, { op: 'edit', message: five, content: 'uno', metadata: null });
  t.same(positions(), [last(), second], 'edited');
  c.accept(ben, { op: 'react', message: five, emoji: 'x' });
  t.same(positions(), [last(), second], 'a reaction added');
  c.accept(ben, { op: 'react', message: five, emoji: 'x' });
  t.same(positions(), [last(), second], 'and taken away');
  c.accept(cleo, { op: 'delete', message: five });
  t.same(positions(), [last(), second], 'deleted');
  t.end();
});
