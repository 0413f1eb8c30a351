import t from 'tap';
import { inOrder, type SummaryRow, withEvent, withRead, withRows } from '../../src/console/live/summaries.ts';
import type { Event } from '../../src/domain/event.ts';

const row = (id: string, more: Partial<SummaryRow> = {}): SummaryRow => ({
  id,
  name: id,
  last_activity: '2026-11-21T05:00:00.000000Z',
  seq_counter: 1,
  last_message_preview: 'so far',
  unread_count: 0,
  last_read_seq: 1,
  ...more,
});
const event = (fields: object): Event =>
  ({ conversation: 'a', actor: { id: 'bob', kind: 'user' }, ...fields }) as unknown as Event;
const posted = (position: number, seq: number, content: string, from = 'bob'): Event =>
  event({
    ...{ type: 'message.posted', position, seq, at: `2026-11-21T05:01:${10 + seq}.000000Z` },
    ...{ actor: { id: from, kind: 'user' }, data: { message_id: `m${seq}`, content } },
  });

t.test('what happens changes preview, unread count and order', async (t) => {
  const known = withRows(new Map(), [row('b', { last_activity: '2026-11-21T05:00:30.000000Z' }), row('a')]);
  t.same(
    inOrder(known).map(({ id }) => id),
    ['b', 'a'],
  );
  const heard = withEvent(known, posted(3, 2, 'two\n\n  lines'), 'ann');
  t.match(heard.get('a'), { unread: 1, seq: 2, preview: { from: 'bob', words: 'two lines' } });
  t.same(
    inOrder(heard).map(({ id }) => id),
    ['a', 'b'],
  );
  t.equal(withEvent(heard, posted(3, 2, 'again'), 'ann'), heard, 'the same event counts once');
  t.match(withEvent(heard, posted(4, 3, 'mine', 'ann'), 'ann').get('a'), {
    unread: 1,
    preview: { words: 'mine' },
  });
  const edited = event({
    type: 'message.edited',
    position: 5,
    seq: null,
    data: { message_id: 'm2', content: 'three' },
  });
  t.equal(withEvent(heard, edited, 'ann').get('a')?.preview.words, 'three');
  t.match(withRead(heard, 'a', 2, 0).get('a'), { unread: 0, lastReadSeq: 2 });
  t.equal(withRead(heard, 'a', 0, 5), heard, 'reading only moves forward');
});

t.test('a row of the server that is behind what is known changes nothing', async (t) => {
  const known = withEvent(withRows(new Map(), [row('a')]), posted(3, 2, 'new'), 'ann');
  t.equal(withRows(known, [row('a')]).get('a')?.preview.words, 'new');
  const ahead = withRows(known, [
    row('a', { seq_counter: 4, unread_count: 3, last_message_preview: 'newest' }),
  ]);
  t.match(ahead.get('a'), { unread: 3, preview: { words: 'newest' } });
});

t.test('a conversation that one is removed from is gone', async (t) => {
  const known = withRows(new Map(), [row('a')]);
  const removed = event({
    type: 'participant.removed',
    position: 2,
    seq: null,
    data: { participant: 'ann', by: 'bob' },
  });
  t.equal(withEvent(known, removed, 'ann').size, 0);
  t.equal(withEvent(known, removed, 'cy').size, 1);
});
