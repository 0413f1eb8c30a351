import t from 'tap';
import { factWords } from '../../src/console/timeline/fact-words.ts';
import { foldTimeline, type MessageNow, withLater } from '../../src/console/timeline/fold.ts';
import { piecesOf } from '../../src/console/timeline/text-pieces.ts';
import type { Event, EventType } from '../../src/domain/event.ts';

let position = 0;
function event(type: EventType, data: object, actor = 'ann', seq: number | null = null): Event {
  position += 1;
  const at = `2026-11-21T05:00:${String(position).padStart(2, '0')}.000000Z`;
  const envelope = {
    v: 1,
    id: `e${position}`,
    conversation: 'c',
    position,
    seq,
    at,
    actor: { id: actor, kind: 'user' },
  };
  return { ...envelope, type, data } as unknown as Event;
}
const posted = (id: string, content: string, more: object = {}): Event =>
  event('message.posted', {
    message_id: id,
    content,
    content_type: 'text',
    reply_to: null,
    metadata: {},
    ...more,
  });

t.test('messages are as they became, facts stand between them', async (t) => {
  const lines = foldTimeline([
    posted('m1', 'first'),
    event('participant.added', { participant: { id: 'bob', kind: 'user', role: 'member' } }),
    posted('m2', 'second'),
    event('message.edited', { message_id: 'm1', content: 'first, mended', edit_count: 1, metadata: {} }),
    event('reaction.changed', { message_id: 'm1', emoji: '👍', action: 'added' }, 'bob'),
    event('reaction.changed', { message_id: 'm1', emoji: '🎉', action: 'added' }, 'ann'),
    event('reaction.changed', { message_id: 'm1', emoji: '👍', action: 'added' }, 'ann'),
    event('reaction.changed', { message_id: 'm1', emoji: '🎉', action: 'removed' }, 'ann'),
    event('message.deleted', { message_id: 'm2', by: 'ann' }),
    event('message.edited', { message_id: 'm2', content: 'too late', edit_count: 1, metadata: {} }),
    event('reaction.changed', { message_id: 'of an earlier page', emoji: '👍', action: 'added' }),
  ]);
  t.match(lines, [
    { key: 'm1', content: 'first, mended', edits: 1, reactions: [{ emoji: '👍', by: ['bob', 'ann'] }] },
    { kind: 'fact', event: { type: 'participant.added' } },
    { key: 'm2', content: '', isDeleted: true, deletedBy: 'ann', reactions: [] },
  ]);
  t.equal(lines.length, 3);
});

t.test(
  'what became of messages after the last event that is loaded is told, and nothing is told twice',
  async (t) => {
    const lines = foldTimeline([posted('m1', 'one'), posted('m2', 'two'), posted('m3', 'three')]);
    const last = lines.at(-1)?.position ?? 0;
    const now = (content: string, position: number, isDeleted = false): MessageNow => ({
      ...{ content, position, isDeleted, edits: 2, reactions: [{ emoji: '👍', by: ['bob'] }] },
    });
    const later = new Map([
      ['m1', now('one, mended', last + 7)],
      ['m2', now('old', last)],
      ['m3', now('', last + 1, true)],
    ]);
    t.match(withLater(lines, last, later), [
      { content: 'one, mended', edits: 2, reactions: [{ emoji: '👍', by: ['bob'] }] },
      { content: 'two', edits: 0, reactions: [] },
      { content: '', isDeleted: true },
    ]);
    t.equal(withLater(lines, last, new Map()), lines);
  },
);

t.test('what was erased or interrupted is told', async (t) => {
  const lines = foldTimeline([
    posted('m1', '', { deleted: true }),
    posted('m2', 'the tide', { interrupted: true, preempted_by: 'ann' }),
    posted('m3', '', { sealed: 'erased' }),
  ]);
  t.match(lines, [{ isDeleted: true }, { isInterrupted: true, preemptedBy: 'ann' }, { isUnreadable: true }]);
});

t.test('facts are sentences, by the names that the reader knows', async (t) => {
  const control = (name: string, target: string | null = null): Event =>
    event('control', {
      event: name,
      target,
      reason: null,
      runs: [],
      priority: null,
      preempted_by: null,
      metadata: {},
    });
  const words = foldTimeline([
    control('stream.pause'),
    control('stream.route', 'bot'),
    control('stream.route'),
    control('x.tide', 'bot'),
    event('participant.removed', { participant: 'ann', by: 'ann' }),
    event('conversation.updated', { name: 'Pier 5' }),
  ]).map((line) => (line.kind === 'fact' ? factWords(line, (id) => id.toUpperCase()) : ''));
  t.same(words, [
    'ANN paused the agents',
    'ANN gave the floor to BOT',
    'ANN opened the floor to everybody',
    'ANN: x.tide, for BOT',
    'ANN left',
    'ANN named the conversation “Pier 5”',
  ]);
});

t.test('only addresses of the web become links, and no text is lost', async (t) => {
  const texts = [
    'see https://example.org/a?b=c, please',
    'javascript:alert(1) data:text/html,x HTTP://EXAMPLE.ORG',
    'https://ann:secret@example.org/ https://[broken',
    '(https://example.org/x)',
    '',
  ];
  for (const text of texts)
    t.equal(
      piecesOf(text)
        .map(({ words }) => words)
        .join(''),
      text,
    );
  t.same(
    texts.map((text) => piecesOf(text).flatMap(({ href }) => href ?? [])),
    [['https://example.org/a?b=c'], ['http://example.org/'], [], ['https://example.org/x'], []],
  );
});
