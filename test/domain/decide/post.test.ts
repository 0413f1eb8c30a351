import t from 'tap';
import type { MessageId } from '../../../src/domain/ids.ts';
import { limits } from '../../../src/domain/limits.ts';
import { entryId } from '../../../src/domain/timeline.ts';
import { control, create, member, post } from '../../kit/memory/memory-commands.ts';
import { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { ada, ben, cleo, dora, harbour, hook, iris, juno, refusal } from '../../kit/memory/memory-harbour.ts';
import { agent, person, service, uuid } from '../../kit/memory/memory-principals.ts';

t.test('a post becomes one event with the next position and seq', async (t) => {
  const c = harbour();
  const context = c.context({ trace: 'trace-1' });
  const { events } = c.accept(
    cleo,
    post('hello', { clientId: 'c1', run: 'r1', metadata: { a: 1 } }),
    context,
  );
  t.same(events, [
    {
      v: 1,
      id: context.id,
      conversation: c.ref.conversation,
      position: 2,
      seq: 1,
      type: 'message.posted',
      at: '2026-11-20T10:00:00.000001Z',
      actor: { id: 'cleo', kind: 'user' },
      client_id: 'c1',
      run: 'r1',
      trace: 'trace-1',
      data: {
        message_id: context.id,
        content: 'hello',
        content_type: 'text',
        reply_to: null,
        priority: 'normal',
        interruptible: true,
        metadata: { a: 1 },
      },
    },
  ]);
});

t.test('every participant may post, whatever its kind and role', async (t) => {
  for (const who of [ada, ben, cleo, iris, hook])
    t.equal(refusal(harbour().decide(who, post('hi'))), 'ok', who.id);
});

t.test('who is not in it gets the answer of a conversation that does not exist', async (t) => {
  const empty = new MemoryConversation().decide(ada, post('hi'));
  const hidden = harbour().decide(dora, post('hi'));
  t.same(hidden, empty);
  t.equal(refusal(hidden), 'not_found');
  const observer = person('dora', { scopes: ['cap:messaging.observe'] });
  t.equal(refusal(harbour().decide(observer, post('hi'))), 'not_a_participant');
});

t.test('a retry with the same client id and content is the first message, nothing is appended', async (t) => {
  const c = harbour();
  const first = c.accept(cleo, post('hello', { clientId: 'c1' })).events[0];
  c.accept(ada, post('between'));
  const retry = c.accept(cleo, post('hello', { clientId: 'c1', metadata: { sent: 2 }, priority: 'high' }));
  t.match(retry.decision, {
    kind: 'duplicate',
    first: { seq: first?.seq, position: first?.position, eventId: first?.id },
  });
  t.equal(retry.events.length, 0);
});

t.test('a client id used again with other content is a conflict', async (t) => {
  const c = harbour();
  c.accept(cleo, post('hello', { clientId: 'c1' }));
  c.accept(ada, post('target', { messageId: uuid(5) }));
  t.equal(refusal(c.decide(cleo, post('other', { clientId: 'c1' }))), 'client_id_reused');
  t.equal(
    refusal(c.decide(cleo, post('hello', { clientId: 'c1', contentType: 'markdown' }))),
    'client_id_reused',
  );
  t.equal(refusal(c.decide(cleo, post('hello', { clientId: 'c1', replyTo: uuid(5) }))), 'client_id_reused');
});

t.test('client ids of different senders have nothing to do with each other', async (t) => {
  const c = harbour();
  c.accept(cleo, post('hello', { clientId: 'c1' }));
  t.match(c.decide(ben, post('hello', { clientId: 'c1' })), { kind: 'append' });
  t.match(c.decide(ben, post('other', { clientId: 'c1' })), { kind: 'append' });
});

t.test('a retry is answered with the first message whatever the state is now', async (t) => {
  const c = harbour();
  const hello = post('hello', { clientId: 'c1', run: 'r1' });
  c.accept(iris, hello);
  const isDuplicate = (when: string): void => {
    t.match(c.decide(iris, hello), { kind: 'duplicate', first: { seq: 1 } }, when);
  };
  c.accept(hook, control('stream.pause'));
  isDuplicate('paused');
  c.accept(hook, control('stream.route', { target: 'juno' }));
  isDuplicate('another has the floor');
  c.accept(hook, control('stream.cancel', { run: 'r1' }));
  isDuplicate('its run was cancelled');
  c.accept(iris, { op: 'delete', message: messageIdOf(c) });
  isDuplicate('deleted');
});

t.test('a message id is given once in a conversation', async (t) => {
  const c = harbour();
  c.accept(cleo, post('hello', { messageId: uuid(5) }));
  t.match(c.decide(cleo, post('hello', { messageId: uuid(5) })), { kind: 'duplicate' });
  t.equal(refusal(c.decide(cleo, post('other', { messageId: uuid(5) }))), 'message_id_taken');
  t.equal(refusal(c.decide(ben, post('hello', { messageId: uuid(5) }))), 'message_id_taken');
});

t.test('the id that we gave a message is taken as well', async (t) => {
  const c = harbour();
  c.accept(cleo, post('hello'));
  const id = messageIdOf(c);
  t.equal(refusal(c.decide(ben, post('mine', { messageId: id }))), 'message_id_taken');
});

t.test('a message that is being streamed is posted by its author in its run, by nobody else', async (t) => {
  const c = harbour();
  c.drafts = [
    {
      messageId: uuid(5),
      run: 'r1',
      author: { id: 'iris', kind: 'agent' },
      dataClass: 'none',
      text: 'so far',
    },
  ];
  const named = { messageId: uuid(5) };
  t.equal(refusal(c.decide(cleo, post('mine', named))), 'draft_open');
  t.equal(refusal(c.decide(juno, post('mine', { ...named, run: 'r1' }))), 'draft_open');
  t.equal(refusal(c.decide(iris, post('whole', named))), 'draft_open');
  t.equal(refusal(c.decide(iris, post('whole', { ...named, run: 'r2' }))), 'draft_open');
  t.equal(refusal(c.decide(cleo, post('another', { messageId: uuid(6) }))), 'ok');
  c.accept(iris, post('whole', { ...named, run: 'r1' }));
  t.match(c.decide(iris, post('whole', { ...named, run: 'r1' })), { kind: 'duplicate' });
  t.equal(refusal(c.decide(cleo, post('mine', named))), 'message_id_taken');
});

t.test('a client id decides before the message id does', async (t) => {
  const c = harbour();
  c.accept(cleo, post('hello', { messageId: uuid(5), clientId: 'c1' }));
  t.match(c.decide(cleo, post('hello', { messageId: uuid(6), clientId: 'c1' })), { kind: 'duplicate' });
  t.equal(refusal(c.decide(cleo, post('other', { messageId: uuid(5), clientId: 'c1' }))), 'client_id_reused');
});

t.test('a reply names an entry of this conversation, also a deleted one', async (t) => {
  const c = harbour();
  c.accept(cleo, post('hello', { messageId: uuid(5) }));
  t.equal(refusal(c.decide(ben, post('re', { replyTo: uuid(5) }))), 'ok');
  t.equal(refusal(c.decide(ben, post('re', { replyTo: uuid(6) }))), 'unknown_reply_to');
  c.accept(cleo, { op: 'delete', message: uuid(5) });
  t.equal(refusal(c.decide(ben, post('re', { replyTo: uuid(5) }))), 'ok');
});

t.test(
  'an agent or service that posts from outside joins in the same step where that is allowed',
  async (t) => {
    for (const outsider of [agent('nova'), service('cron')]) {
      const c = harbour();
      t.equal(refusal(c.decide(outsider, post('hi'))), 'not_found');
      const { events } = c.accept(outsider, post('hi', { mayJoin: true }));
      t.match(events, [
        {
          type: 'participant.added',
          position: 2,
          seq: null,
          data: { participant: { id: outsider.id, role: 'member' } },
        },
        { type: 'message.posted', position: 3, seq: 1 },
      ]);
      t.equal(c.state.participants.get(outsider.id)?.kind, outsider.kind);
    }
  },
);

t.test('people never join by posting', async (t) => {
  t.equal(refusal(harbour().decide(dora, post('hi', { mayJoin: true }))), 'not_found');
});

t.test('people whom somebody may speak for do, like everybody', async (t) => {
  const c = harbour();
  const { events } = c.accept(dora, post('hi', { mayJoin: 'anyone' }));
  t.match(events, [
    { type: 'participant.added', data: { participant: { id: 'dora', kind: 'user', role: 'member' } } },
    { type: 'message.posted', actor: { id: 'dora', kind: 'user' } },
  ]);
  t.equal(c.accept(dora, post('again', { mayJoin: 'anyone' })).events.length, 1);
  t.equal(refusal(c.decide(agent('nova'), post('hi', { mayJoin: 'anyone' }))), 'ok');
});

t.test(
  'nobody joins what is empty, deleted, of another environment or of another service by posting',
  async (t) => {
    const nova = agent('nova', { service: 'support' });
    const hi = post('hi', { mayJoin: true });
    t.equal(refusal(new MemoryConversation().decide(nova, hi)), 'not_found');
    const deleted = harbour();
    deleted.accept(ada, { op: 'conversation.delete' });
    t.equal(refusal(deleted.decide(nova, hi)), 'not_found');
    t.equal(refusal(harbour({ service: 'billing' }).decide(nova, hi)), 'not_found');
    const prod = harbour({ env: 'prod' });
    t.equal(refusal(prod.decide(nova, hi, prod.context({ env: 'dev' }))), 'not_found');
    t.equal(refusal(prod.decide(nova, hi, prod.context({ env: 'prod' }))), 'ok');
  },
);

t.test('an outsider whose post is refused does not join either', async (t) => {
  const c = harbour();
  c.accept(hook, control('stream.pause'));
  t.equal(refusal(c.handle(agent('nova'), post('hi', { mayJoin: true }))), 'conversation_paused');
  t.notOk(c.state.participants.has('nova'));
});

t.test('a full conversation takes nobody in by posting', async (t) => {
  const c = new MemoryConversation();
  const crowd = Array.from({ length: limits.participantsMax - 1 }, (_, i) => member(person(`p${i}`)));
  c.accept(ada, create({ participants: crowd }));
  t.equal(refusal(c.decide(agent('nova'), post('hi', { mayJoin: true }))), 'too_many_participants');
  t.equal(refusal(c.decide(person('p0'), post('hi'))), 'ok');
});

t.test('a thousand busy runs keep the next one out, idle ones do not', async (t) => {
  const c = harbour();
  for (let run = 0; run < limits.runsMax; run += 1) c.accept(iris, post('x', { run: `r${run}` }));
  t.equal(refusal(c.decide(juno, post('x', { run: 'one-more' }))), 'overloaded');
  t.equal(refusal(c.decide(iris, post('x', { run: 'r7' }))), 'ok');
  t.equal(refusal(c.decide(juno, post('x'))), 'ok');
  c.tick(limits.runIdleMs + 1_000);
  c.accept(juno, post('x', { run: 'one-more' }));
  t.same([...c.state.openRuns.keys()], ['one-more']);
});

t.test('end_run ends the run, and means nothing without one', async (t) => {
  const c = harbour();
  c.accept(iris, post('a', { run: 'r1' }));
  t.ok(c.state.openRuns.has('r1'));
  t.match(c.accept(iris, post('b', { run: 'r1', endRun: true })).events[0]?.data, { end_run: true });
  t.notOk(c.state.openRuns.has('r1'));
  t.notMatch(c.accept(iris, post('c', { endRun: true })).events[0]?.data, { end_run: true });
});

t.test(
  'a message is for those who take part, each once; for nobody of them, it is for everybody',
  async (t) => {
    const c = harbour();
    const said = c.accept(iris, post('a', { to: ['cleo', 'nobody', 'ben', 'cleo'] })).events[0]?.data;
    t.match(said, { to: ['cleo', 'ben'] });
    const toNobody = c.accept(iris, post('b', { to: ['nobody'] })).events[0]?.data ?? {};
    t.notOk('to' in toNobody);
  },
);

t.test('a retry from before the window is found as a fact', async (t) => {
  const c = harbour();
  c.accept(cleo, post('first', { clientId: 'opaque', messageId: uuid(5, 4) }));
  for (let i = 0; i <= limits.idempotencyWindowMax; i += 1) c.accept(ben, post(`filler ${i}`));
  t.equal(c.state.window.byClientId('cleo', 'opaque', c.state.position), null);
  t.match(c.decide(cleo, post('first', { clientId: 'opaque' })), { kind: 'duplicate', first: { seq: 1 } });
  t.equal(refusal(c.decide(cleo, post('other', { clientId: 'opaque' }))), 'client_id_reused');
  t.equal(refusal(c.decide(ben, post('first', { messageId: uuid(5, 4) }))), 'message_id_taken');
});

t.test('nothing is accepted after the conversation was deleted', async (t) => {
  const c = harbour();
  c.accept(ada, { op: 'conversation.delete' });
  t.equal(refusal(c.decide(ada, post('hi'))), 'not_found');
});

/** Id of the first message. */
function messageIdOf(c: MemoryConversation): MessageId {
  const [first] = c.timeline;
  return first === undefined ? '' : entryId(first);
}

t.test(
  'a post that wants an active conversation is refused in an archived one, its retry is not',
  async (t) => {
    const c = harbour();
    const wanted = { clientId: 'c1', whileActive: true as const };
    c.accept(cleo, post('hello', wanted));
    c.accept(ada, { op: 'update', stage: 'archived' });
    t.equal(refusal(c.decide(cleo, post('again', { whileActive: true }))), 'not_active');
    t.match(c.decide(cleo, post('hello', wanted)), { kind: 'duplicate' });
    c.accept(cleo, post('others may'));
    c.accept(ada, { op: 'update', stage: 'active' });
    c.accept(cleo, post('again', { whileActive: true }));
  },
);
