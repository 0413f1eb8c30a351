import t from 'tap';
import { eventLine } from '../../../src/cli/talk/event-line.ts';
import type { Event } from '../../../src/domain/event.ts';

const envelope = {
  v: 1,
  id: 'e1',
  conversation: 'c1',
  position: 7,
  seq: 3,
  at: '2026-11-20T10:00:00.123456Z',
  actor: { id: 'ann', kind: 'user' },
} as const;

function posted(content: string): Event {
  const data = {
    message_id: 'm1',
    content,
    content_type: 'text',
    reply_to: null,
    priority: 'normal',
    interruptible: true,
    metadata: {},
  } as const;
  return { ...envelope, type: 'message.posted', data };
}

t.test('a message is its time, position, author and text', async (t) => {
  t.equal(eventLine(posted('hello'), false), '10:00:00.123  7  ann: hello');
});

t.test('where conversations are mixed, each line names its own', async (t) => {
  t.equal(eventLine(posted('hello'), true), '10:00:00.123  c1  7  ann: hello');
});

t.test('no text can look like another event, or speak to the terminal', async (t) => {
  const line = eventLine(posted('one\n10:00:00.124  8  eve: \u001b[2Jtwo\r\u009b1m'), false);
  t.same(line.split('\n'), [
    '10:00:00.123  7  ann: one',
    '    | 10:00:00.124  8  eve: \u{fffd}[2Jtwo\u{fffd}\u{fffd}1m',
  ]);
});

t.test('every other type is told in words', async (t) => {
  const events: [Pick<Event, 'type' | 'data'>, string][] = [
    [
      {
        type: 'control',
        data: {
          event: 'stream.pause',
          target: 'bot',
          reason: 'too loud',
          runs: [],
          priority: null,
          preempted_by: null,
          metadata: {},
        },
      },
      'ann stream.pause bot (too loud)',
    ],
    [{ type: 'message.deleted', data: { message_id: 'm1', by: 'ann' } }, 'ann deleted m1'],
    [
      { type: 'reaction.changed', data: { message_id: 'm1', emoji: '👍', action: 'added' } },
      'ann added 👍 on m1',
    ],
    [
      { type: 'participant.added', data: { participant: { id: 'bob', kind: 'user', role: 'member' } } },
      'ann added bob (member)',
    ],
    [{ type: 'participant.removed', data: { participant: 'bob', by: 'ann' } }, 'ann removed bob'],
    [{ type: 'conversation.deleted', data: { by: 'ann' } }, 'ann deleted the conversation'],
  ];
  for (const [event, words] of events) {
    t.equal(eventLine({ ...envelope, ...event } as Event, false), `10:00:00.123  7  ${words}`);
  }
});
