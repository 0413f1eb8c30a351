/** What each event of a conversation is told as; most are not told at all. */
import t from 'tap';
import { symbiaBroadcasts } from '../../../../src/dialects/symbia/socket/symbia-broadcasts.ts';
import type { Command } from '../../../../src/domain/command.ts';
import type { ErasedEvent, Event, LogEntry } from '../../../../src/domain/event.ts';
import { erasedStub } from '../../../../src/domain/events/erased-stub.ts';
import { control, post } from '../../../kit/memory/memory-commands.ts';
import { ada, ben, cleo, harbour, hook, iris } from '../../../kit/memory/memory-harbour.ts';
import { uuid } from '../../../kit/memory/memory-principals.ts';

const entryOf = (event: Event): LogEntry => ({
  event,
  ...{ logSeq: 1, node: 'test', dataClass: 'none', policyRef: null, erased: [] },
});

/** Name and argument of what an event is told as; null: nothing. */
function told(event: Event): readonly [string, Record<string, unknown>] | null {
  const c = harbour();
  const frame = symbiaBroadcasts.event(entryOf(event), null, { ref: c.ref, state: c.state });
  if (frame === null) return null;
  t.equal(typeof frame === 'string' && frame.slice(0, 2), '42');
  return JSON.parse(String(frame).slice(2));
}

t.test('messages, edits, deletions and control events are told, nothing else is', async (t) => {
  const c = harbour();
  const five = uuid(5);
  const commands: [typeof ada, Command, string | undefined][] = [
    [cleo, post('hello', { messageId: five, metadata: { a: 1 } }), 'message:new'],
    [cleo, { op: 'edit', message: five, content: 'bye', metadata: null }, 'message:updated'],
    [ada, { op: 'react', message: five, emoji: '👍' }, undefined],
    [cleo, { op: 'delete', message: five }, 'message:deleted'],
    [hook, control('stream.pause', { reason: 'lunch' }), 'stream.pause'],
    [hook, control('x.note'), 'x.note'],
    [ada, { op: 'update', name: 'Port' }, undefined],
    [ada, { op: 'participant.role', participant: 'ben', role: 'member' }, undefined],
    [ada, { op: 'participant.remove', participant: 'ben' }, undefined],
    [ada, { op: 'participant.add', participant: { id: 'ben', kind: 'user', role: 'member' } }, undefined],
    [ada, { op: 'conversation.delete' }, undefined],
  ];
  for (const [who, command, name] of commands) {
    const event = c.accept(who, command).events.at(-1);
    t.equal(event && told(event)?.[0], name, command.op);
  }
  const created = c.log[0]?.event;
  t.equal(created && told(created), null);
});

t.test('an edit is told as the row that its reader would read', async (t) => {
  const c = harbour();
  const fields = { messageId: uuid(5), run: uuid(6), preemptedBy: uuid(7), contentType: 'markdown' };
  const posted = c.accept(iris, post('one', fields)).events.at(-1);
  const edited = c.accept(iris, { op: 'edit', message: uuid(5), content: 'two', metadata: { b: 2 } })
    .events[0];
  const [before, after] = [posted && told(posted)?.[1], edited && told(edited)?.[1]];
  t.strictSame(after, { ...before, content: 'two', metadata: { b: 2 }, updated_at: edited?.at });
  t.match(after, { sender_id: 'iris', sender_type: 'agent', run_id: uuid(6), preempted_by: uuid(7) });
});

t.test('what was erased before it could be told is not told; what cannot be opened says so', async (t) => {
  const c = harbour();
  c.accept(cleo, post('hello', { messageId: uuid(5) }));
  c.accept(cleo, { op: 'edit', message: uuid(5), content: 'bye', metadata: null });
  const decision = c.decide(cleo, { op: 'delete', message: uuid(5) });
  const erased = 'erased' in decision ? (decision.erased as readonly ErasedEvent[]) : [];
  t.equal(erased.length, 2);
  for (const one of erased) t.equal(told(erasedStub(c.ref.conversation, one)), null, one.type);
  const sealed = c.accept(ben, post('', { messageId: uuid(8) })).events[0];
  if (sealed?.type !== 'message.posted') throw new Error('a message');
  t.match(told({ ...sealed, data: { ...sealed.data, sealed: 'erased' } })?.[1], {
    content: '',
    metadata: { sealed: 'erased' },
  });
});

t.test('deltas are not told, nor other pulses than typing and presence', async (t) => {
  const { ref, state } = harbour();
  const pulse = { conversation: ref.conversation, from: 'iris' };
  const view = { ref, state };
  t.equal(symbiaBroadcasts.pulse({ kind: 'read', ...pulse, up_to: 1 }, view), null);
  const draft = { kind: 'draft.abandoned', ...pulse, message_id: uuid(5), run: uuid(6) } as const;
  t.equal(symbiaBroadcasts.pulse(draft, view), null);
  const delta = { conversation: ref.conversation, message_id: uuid(5), run: uuid(6), from: 0, index: 0 };
  t.equal(symbiaBroadcasts.delta({ ...delta, text: 'x' }, 'iris', view), null);
  const typing = symbiaBroadcasts.pulse({ kind: 'typing', ...pulse, state: 'stop' }, view);
  const news = { conversationId: ref.conversation, userId: 'iris', userType: 'agent' };
  t.equal(typing, `42${JSON.stringify(['typing:stopped', news])}`);
});
