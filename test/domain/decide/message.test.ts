import t from 'tap';
import type { MessageId } from '../../../src/domain/ids.ts';
import { limits } from '../../../src/domain/limits.ts';
import { entryId } from '../../../src/domain/timeline.ts';
import { control, post } from '../../kit/memory/memory-commands.ts';
import type { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { ada, ben, cleo, dora, harbour, hook, iris, refusal } from '../../kit/memory/memory-harbour.ts';
import { person, uuid } from '../../kit/memory/memory-principals.ts';

const five = uuid(5);
const edit = (content: string, message: MessageId = five) =>
  ({ op: 'edit', message, content, metadata: null }) as const;
const remove = (message: MessageId = five) => ({ op: 'delete', message }) as const;
const react = (emoji: string, message: MessageId = five) => ({ op: 'react', message, emoji }) as const;

/** The harbour with one message of Cleo's. */
function withMessage(): MemoryConversation {
  const c = harbour();
  c.accept(cleo, post('hello', { messageId: five, metadata: { a: 1 } }));
  return c;
}

t.test('the sender edits, and nobody else, owner and admin included', async (t) => {
  t.equal(refusal(withMessage().decide(cleo, edit('bye'))), 'ok');
  for (const who of [ada, ben, iris])
    t.equal(refusal(withMessage().decide(who, edit('bye'))), 'not_sender', who.id);
});

t.test('sender, owner and admin delete, other members do not', async (t) => {
  for (const who of [cleo, ada, ben]) t.equal(refusal(withMessage().decide(who, remove())), 'ok', who.id);
  for (const who of [iris, hook]) t.equal(refusal(withMessage().decide(who, remove())), 'not_sender', who.id);
});

t.test('a reaction and a deletion say whose message it is, and whether people see it', async (t) => {
  const origin = { sender: { id: 'cleo', kind: 'user' }, seq: 1 };
  for (const command of [react('👍'), remove()]) {
    const plain = withMessage().accept(cleo, command).events[0];
    t.match(plain?.data, { message: origin });
    t.notMatch(plain?.data, { message: { is_internal: true } });
    const c = withMessage();
    c.accept(cleo, { ...edit('two'), metadata: { is_internal: true } });
    const internal = c.accept(cleo, command).events[0];
    t.match(internal?.data, { message: { ...origin, is_internal: true } });
  }
});

t.test('everybody in it reacts, and reacting again takes it back', async (t) => {
  const c = withMessage();
  for (const who of [ada, cleo, iris, hook]) c.accept(who, react('👍'));
  t.match(c.accept(iris, react('👍')).events, [
    { type: 'reaction.changed', seq: null, data: { action: 'removed' } },
  ]);
  t.same(
    c.entry(five)?.reactions.map((one) => one.principal),
    ['ada', 'cleo', 'hook'],
  );
});

t.test(
  'a principal has a bounded number of reactions on a message and can always take one back',
  async (t) => {
    const c = withMessage();
    for (let i = 0; i < limits.reactionsPerPrincipalMax; i += 1) c.accept(ada, react(`e${i}`));
    t.equal(refusal(c.decide(ada, react('more'))), 'too_many_reactions');
    t.equal(refusal(c.decide(ada, react('e3'))), 'ok');
    t.equal(refusal(c.decide(ben, react('more'))), 'ok');
  },
);

t.test('who is not in it, or no longer in it, changes nothing', async (t) => {
  const c = withMessage();
  c.accept(cleo, { op: 'participant.remove', participant: 'cleo' });
  for (const who of [dora, cleo]) {
    for (const command of [edit('x'), remove(), react('x')])
      t.equal(refusal(c.decide(who, command)), 'not_found');
  }
});

t.test('an observer may not change anything', async (t) => {
  const observer = person('dora', { scopes: ['cap:messaging.observe'] });
  for (const command of [edit('x'), remove(), react('x')]) {
    t.equal(refusal(withMessage().decide(observer, command)), 'not_a_participant');
  }
});

t.test('an unknown message and a deleted one are one answer', async (t) => {
  const c = withMessage();
  c.accept(cleo, remove());
  for (const message of [five, uuid(6)]) {
    for (const command of [edit('x', message), remove(message), react('x', message)]) {
      t.equal(refusal(c.decide(cleo, command)), 'message_not_found');
    }
  }
});

t.test(
  'control events can be neither edited, deleted nor reacted to, not even by their sender',
  async (t) => {
    const c = harbour();
    c.accept(hook, control('x.note'));
    const [entry] = c.timeline;
    const id = entry === undefined ? '' : entryId(entry);
    for (const command of [edit('x', id), remove(id), react('x', id)]) {
      t.equal(refusal(c.decide(hook, command)), 'control_event');
      t.equal(refusal(c.decide(ada, command)), 'control_event');
    }
  },
);

t.test('an edit takes no seq, counts up and keeps the metadata unless it brings its own', async (t) => {
  const c = withMessage();
  t.match(c.accept(cleo, edit('two')).events, [
    {
      type: 'message.edited',
      position: 3,
      seq: null,
      data: { content: 'two', metadata: { a: 1 }, edit_count: 1 },
    },
  ]);
  const third = c.accept(cleo, { op: 'edit', message: five, content: 'three', metadata: {} });
  t.match(third.events[0]?.data, { content: 'three', metadata: {}, edit_count: 2 });
  t.equal(c.accept(ada, post('next')).events[0]?.seq, 2);
});

t.test('an edit says whose message it changes, and nothing that was said in it', async (t) => {
  const c = harbour();
  const run = uuid(7);
  c.accept(ada, post('first', { messageId: uuid(6) }));
  const posted = c.accept(
    cleo,
    post('hello', { messageId: five, replyTo: uuid(6), run, contentType: 'markdown', priority: 'high' }),
  ).events[0];
  const edited = c.accept(cleo, edit('two')).events[0];
  t.strictSame(edited?.type === 'message.edited' && edited.data.message, {
    sender: { id: 'cleo', kind: 'user' },
    seq: 2,
    created_at: posted?.at,
    content_type: 'markdown',
    reply_to: uuid(6),
    priority: 'high',
    interruptible: true,
    run,
  });
  t.notMatch(JSON.stringify(edited), /hello|first/);
});

t.test('a message is edited a bounded number of times', async (t) => {
  const c = withMessage();
  for (let i = 0; i < limits.editsPerMessageMax; i += 1) c.accept(cleo, edit(`v${i}`));
  t.equal(refusal(c.decide(cleo, edit('more'))), 'too_many_edits');
});

t.test('a deletion names every stored version, so that all of them are erased', async (t) => {
  const c = withMessage();
  c.accept(cleo, edit('two'));
  c.accept(cleo, edit('three'));
  const answer = c.decide(ada, remove());
  t.match(answer, {
    kind: 'append',
    events: [{ type: 'message.deleted', seq: null, data: { message_id: five, by: 'ada' } }],
    erased: [
      { type: 'message.posted', position: 2, seq: 1, logSeq: 2 },
      { type: 'message.edited', position: 3, logSeq: 3 },
      { type: 'message.edited', position: 4, logSeq: 4 },
    ],
  });
  c.accept(ada, remove());
  t.notMatch(JSON.stringify(c.log), /two|three|hello/);
});
