import t from 'tap';
import { limits } from '../../../src/domain/limits.ts';
import { post } from '../../kit/memory/memory-commands.ts';
import type { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { ada, cleo, harbour, refusal } from '../../kit/memory/memory-harbour.ts';
import { uuid } from '../../kit/memory/memory-principals.ts';

const five = uuid(5);
const attach = (...media: readonly { readonly id: string; readonly size?: number }[]) =>
  ({ op: 'attach', message: five, media }) as const;

function withMessage(metadata: Record<string, unknown> = { a: 1 }): MemoryConversation {
  const c = harbour();
  c.accept(cleo, post('hello', { messageId: five, metadata }));
  return c;
}

t.test('a file joins a message of its sender, in an edit that does not count', async (t) => {
  const c = withMessage();
  t.equal(refusal(c.decide(ada, attach({ id: 'x' }))), 'not_sender');
  const { events } = c.accept(cleo, attach({ id: 'x' }));
  t.match(events, [
    {
      type: 'message.edited',
      data: { content: 'hello', edit_count: 0, metadata: { a: 1, media: [{ id: 'x' }] } },
    },
  ]);
  c.accept(cleo, attach({ id: 'y' }));
  t.match(c.entry(five)?.event.data, { metadata: { a: 1, media: [{ id: 'x' }, { id: 'y' }] } });
});

t.test('what is said already changes nothing, what is new of it stands in its place', async (t) => {
  const c = withMessage();
  c.accept(cleo, attach({ id: 'x', size: 1 }, { id: 'y', size: 2 }));
  t.same(c.accept(cleo, attach({ id: 'y', size: 2 })).events, []);
  const { events } = c.accept(cleo, attach({ id: 'x', size: 3 }));
  const media = [
    { id: 'x', size: 3 },
    { id: 'y', size: 2 },
  ];
  t.match(events, [{ data: { edit_count: 0, metadata: { media } } }]);
});

t.test('a message has a bounded number of files, and other metadata is left alone', async (t) => {
  const full = Array.from({ length: limits.mediaPerMessageMax }, (_, at) => ({ id: `f${at}`, size: 1 }));
  const c = withMessage();
  c.accept(cleo, attach(...full));
  t.equal(refusal(c.decide(cleo, attach({ id: 'more' }))), 'too_many_media');
  t.equal(refusal(c.decide(cleo, attach({ id: 'f0', size: 2 }))), 'ok', 'one that is there');
  const odd = withMessage({ media: ['text', null, { id: 'x' }] });
  odd.accept(cleo, attach({ id: 'y' }));
  t.match(odd.entry(five)?.event.data, { metadata: { media: ['text', null, { id: 'x' }, { id: 'y' }] } });
  const none = withMessage({ media: 'nonsense' });
  none.accept(cleo, attach({ id: 'y' }));
  t.match(none.entry(five)?.event.data, { metadata: { media: [{ id: 'y' }] } });
});
