import t from 'tap';
import { openIdSource } from '../../../src/adapters/system/id-source.ts';
import { compileCheck } from '../../../src/contract/checking/check.ts';
import {
  controlPayload,
  conversationRow,
  messageRow,
  participantRow,
  versionRows,
} from '../../../src/dialects/symbia/encode.ts';
import {
  ConversationRow,
  MessageRow,
  MessageVersionRow,
  ParticipantRow,
} from '../../../src/dialects/symbia/wire.ts';
import { control, post } from '../../kit/memory/memory-commands.ts';
import type { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { cleo, harbour, hook, iris } from '../../kit/memory/memory-harbour.ts';
import { uuid } from '../../kit/memory/memory-principals.ts';

const ids = openIdSource();

/** One of each kind of entry, with and without everything that may be absent. */
function storied(): MemoryConversation {
  const c = harbour({ description: 'boats', metadata: { a: 1 } });
  c.accept(cleo, post('plain', { messageId: uuid(5) }));
  c.accept(cleo, { op: 'edit', message: uuid(5), content: 'edited', metadata: { b: 2 } });
  c.accept(
    iris,
    post('rich', { run: uuid(9), replyTo: uuid(5), preemptedBy: uuid(8), priority: 'critical' }),
  );
  c.accept(hook, control('stream.route', { target: 'iris', reason: 'why', run: uuid(9), preemptedBy: 'x' }));
  c.accept(hook, control('x.note'));
  c.drafts = [
    {
      messageId: uuid(7),
      run: uuid(10),
      author: { id: 'iris', kind: 'agent' },
      dataClass: 'none',
      text: 'half',
    },
  ];
  c.accept(hook, control('stream.preempt'));
  return c;
}

t.test('every row is what the documents say', async (t) => {
  const { ref, state, timeline } = storied();
  const isRow = compileCheck(MessageRow);
  for (const entry of timeline) t.ok(isRow.accepts(messageRow(ref.tenant, entry, state)), entry.event.type);
  t.ok(compileCheck(ConversationRow).accepts(conversationRow(ref, state)));
  const isParticipant = compileCheck(ParticipantRow);
  for (const one of state.participants.values()) t.ok(isParticipant.accepts(participantRow(ref, one, ids)));
});

t.test('all message rows have the same keys', async (t) => {
  const { ref, state, timeline } = storied();
  const keys = timeline.map((entry) =>
    Object.keys(messageRow(ref.tenant, entry, state))
      .sort()
      .join(),
  );
  t.equal(new Set(keys).size, 1);
});

t.test('the text that a preempt left says who ended it', async (t) => {
  const { ref, state, timeline } = storied();
  const rows = timeline.map((entry) => messageRow(ref.tenant, entry, state));
  t.match(
    rows.find((row) => row.id === uuid(7)),
    { content: 'half', preempted_by: 'hook', run_id: uuid(10) },
  );
});

t.test('the payload of a control event has no key without a value', async (t) => {
  const c = storied();
  const { event } = c.timeline[3]!;
  if (event.type !== 'control') throw new Error('not the control event');
  t.same(controlPayload(event, c.state), {
    event: 'x.note',
    conversationId: c.ref.conversation,
    effectiveAt: event.at,
  });
});

t.test('a target that is not in the conversation is told by its name', async (t) => {
  const c = harbour();
  const targetOf = (target: string): unknown => {
    const event = c.accept(hook, control('stream.route', { target })).events[0]!;
    return event.type === 'control' && controlPayload(event, c.state)['target'];
  };
  t.same(targetOf('juno'), { principalId: 'juno', principalType: 'agent' });
  t.same(targetOf('hook'), { principalId: 'hook', principalType: 'service' });
  t.same(targetOf('assistant:x'), { principalId: 'assistant:x', principalType: 'agent' });
  t.same(targetOf('x'), { principalId: 'x', principalType: 'user' });
});

t.test('a service is an agent among participants and a service among senders', async (t) => {
  const c = harbour();
  c.accept(hook, post('hi'));
  t.equal(participantRow(c.ref, c.state.participants.get('hook')!, ids).user_type, 'agent');
  t.equal(messageRow(c.ref.tenant, c.timeline[0]!, c.state).sender_type, 'service');
});

t.test('a participant’s row has the same id on every node, and another one elsewhere', async (t) => {
  const { ref, state } = harbour();
  const [ada, ben] = [...state.participants.values()];
  const idOf = (participant = ada!, at = ref): string => participantRow(at, participant, openIdSource()).id;
  t.equal(idOf(), idOf());
  t.not(idOf(), idOf(ben));
  t.not(idOf(), idOf(ada, { ...ref, conversation: uuid(2) }));
  t.not(idOf(), idOf(ada, { ...ref, tenant: 'other' }));
});

t.test('versions are rows in order; of other messages nothing is taken', async (t) => {
  const c = storied();
  const events = c.log.map((entry) => entry.event);
  const rows = versionRows(c.ref.tenant, c.timeline[0]!, events, c.state);
  const isVersion = compileCheck(MessageVersionRow);
  t.ok(rows.every((row) => isVersion.accepts(row)));
  t.match(rows, [
    { version: 1, content: 'plain', updated_at: null, id: uuid(5) },
    { version: 2, content: 'edited', metadata: { b: 2 }, updated_at: String },
  ]);
  t.equal(rows.length, 2);
});
