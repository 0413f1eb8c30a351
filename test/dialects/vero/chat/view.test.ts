import t from 'tap';
import { encodeMessage } from '../../../../src/dialects/vero/chat/encode-message.ts';
import { isSeen, type MessageEntry, type View, viewOf } from '../../../../src/dialects/vero/chat/view.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { control, create, member, post } from '../../../kit/memory/memory-commands.ts';
import { MemoryConversation } from '../../../kit/memory/memory-conversation.ts';
import { agent, person, uuid } from '../../../kit/memory/memory-principals.ts';

const ada = person('ada');
const ben = person('ben');
const iris = agent('iris');
const sees: View = { clearedSeq: 0, blocked: new Set(), seesInternal: true };
const media = () => [];

function harbour(): MemoryConversation {
  const c = new MemoryConversation();
  c.accept(ada, create({ participants: [member(ben), member(iris)] }));
  return c;
}

const shown = (c: MemoryConversation, view: View) =>
  c.timeline
    .filter((entry): entry is MessageEntry => isSeen(entry, view))
    .map((entry) => encodeMessage(entry, { tenant: 't', view, media }));

t.test('a view leaves out what was cleared, blocked senders, internal messages and control events', (t) => {
  const c = harbour();
  c.accept(ada, post('one'));
  c.accept(ben, post('two'));
  c.accept(iris, post('three', { metadata: { is_internal: true } }));
  c.accept(ada, control('stream.pause', { roleSuffices: true }));
  c.accept(ada, post('five'));
  const texts = (view: Partial<View>) =>
    shown(c, { ...sees, ...view }).map((one) => `${one.seq_num} ${one.content_text}`);
  t.same(texts({}), ['1 one', '2 two', '3 three', '5 five']);
  t.same(texts({ seesInternal: false }), ['1 one', '2 two', '5 five']);
  t.same(texts({ clearedSeq: 2 }), ['3 three', '5 five']);
  t.same(texts({ blocked: new Set(['ada']) }), ['2 two', '3 three']);
  t.end();
});

t.test('a view is there at once when the marks are known, and a server that is away is told', async (t) => {
  const ref = { tenant: 't', service: null, conversation: 'c' };
  const known = viewOf({ blockedBy: () => new Set(['ben']), clearedSeq: () => 4 }, ref, ada);
  t.same(known, { clearedSeq: 4, blocked: new Set(['ben']), seesInternal: false });
  const later = viewOf({ blockedBy: async () => new Set<string>(), clearedSeq: () => 0 }, ref, iris);
  t.same(await later, { clearedSeq: 0, blocked: new Set(), seesInternal: true });
  const away = new Problem('unavailable');
  t.equal(await viewOf({ blockedBy: async () => away, clearedSeq: async () => 0 }, ref, ada), away);
  t.equal(
    viewOf({ blockedBy: () => new Set(), clearedSeq: async () => away }, ref, ada) instanceof Promise,
    true,
  );
});

t.test('a message has every field of the contract', (t) => {
  const c = harbour();
  const root = { message_id: uuid(1) };
  c.accept(ada, post('root', { clientId: 'm-1', messageId: root.message_id }));
  const metadata = {
    content_meta: '{"a":1}',
    thread_id: root.message_id,
    thread_role: 'aside',
    task_id: 'T-1',
  };
  c.accept(iris, post('reply', { replyTo: root.message_id, metadata: { ...metadata, is_internal: true } }));
  c.accept(ben, { op: 'react', message: root.message_id, emoji: 'b' });
  c.accept(ada, { op: 'react', message: root.message_id, emoji: 'a' });
  c.accept(ada, { op: 'react', message: root.message_id, emoji: 'b' });
  const [first, second] = shown(c, sees);
  t.match(first, {
    ...{ id: root.message_id, seq_num: 1, sender_id: 'ada', sender_type: 'human', content_type: 'text' },
    ...{
      content_text: 'root',
      thread_role: 'main',
      is_internal: false,
      is_forwarded: false,
      is_deleted: false,
    },
    reactions: [
      { emoji: 'b', count: 2, user_ids: ['ben', 'ada'] },
      { emoji: 'a', count: 1, user_ids: ['ada'] },
    ],
    ...{ edit_count: 0, edited_at: null, client_message_id: 'm-1', rev: c.state.position },
  });
  t.notOk('content_meta' in first! || 'media' in first! || 'deleted_at' in first!);
  t.match(second, { ...metadata, reply_to_id: root.message_id, sender_type: 'agent', is_internal: true });
  const blocked = shown(c, { ...sees, blocked: new Set(['ada']) });
  t.same(
    blocked.map((one) => one.content_text),
    ['reply'],
  );
  t.same(shown(c, { ...sees, blocked: new Set(['ben']) })[0]?.reactions, [
    { emoji: 'a', count: 1, user_ids: ['ada'] },
    { emoji: 'b', count: 1, user_ids: ['ada'] },
  ]);
  t.end();
});

t.test('metadata of another dialect comes as JSON, a strange content type as text', (t) => {
  const c = harbour();
  c.accept(ada, post('hello', { contentType: 'markdown', metadata: { colour: 'red', task_id: 7 } }));
  const [message] = shown(c, sees);
  t.match(message, { content_type: 'text', content_meta: '{"colour":"red"}' });
  t.notOk('task_id' in message!, 'which is no text there');
  t.end();
});

t.test('who did not see a message sees no tombstone of it', (t) => {
  const c = harbour();
  const id = uuid(1);
  c.accept(iris, post('inside', { messageId: id, metadata: { is_internal: true } }));
  c.accept(iris, { op: 'edit', message: id, content: 'inside still', metadata: null });
  c.accept(iris, { op: 'delete', message: id });
  t.same(shown(c, { ...sees, seesInternal: false }), []);
  t.match(shown(c, sees), [{ id, is_deleted: true, content_text: '' }]);
  t.end();
});

t.test('of a deleted message only its place is left', (t) => {
  const c = harbour();
  const id = uuid(1);
  const metadata = { content_meta: 'secret' };
  c.accept(ada, post('secret', { metadata, clientId: 'm-1', messageId: id }));
  c.accept(ben, { op: 'react', message: id, emoji: 'secret' });
  c.accept(ada, { op: 'delete', message: id });
  const [message] = shown(c, sees);
  t.match(message, {
    id,
    seq_num: 1,
    is_deleted: true,
    content_text: '',
    reactions: [],
    rev: c.state.position,
  });
  t.match(message?.deleted_at, /Z$/);
  t.notMatch(JSON.stringify(message), /secret|m-1/);
  t.end();
});
