import type { UIMessageChunk } from 'ai';
import t from 'tap';
import { AnswerStream, type ChatFeed, type Question } from '../../../src/client/ai-sdk/answer-stream.ts';
import { type Frame, message } from '../../kit/clients/scripted-node.ts';

/** A feed that says this and then waits. */
function feedOf(items: readonly Frame[]): ChatFeed {
  const left = [...items];
  let end: (result: { value: undefined; done: true }) => void = () => undefined;
  const feed = {
    next: () => {
      const value = left.shift();
      if (value !== undefined) return Promise.resolve({ value, done: false });
      return new Promise((resolve) => (end = resolve));
    },
    return: async () => end({ value: undefined, done: true }),
  };
  return feed as unknown as ChatFeed;
}

const asked: Question = { self: 'ada', after: 2, isAsked: false, draft: null, agent: null };
const question = { ...message('c', 2), actor: { id: 'ada', kind: 'user' } };
const piece = (id: string, text: string): Frame => ({
  type: 'delta',
  message_id: id,
  run: 'r1',
  from: 0,
  index: 0,
  text,
});
const posted = (id: string, content: string, more: Frame = {}): Frame => ({
  ...message('c', 3, content),
  actor: { id: 'robot', kind: 'agent' },
  run: 'r1',
  data: { message_id: id, content, metadata: {} },
  ...more,
});

async function chunksOf(items: readonly Frame[], question: Question = asked): Promise<UIMessageChunk[]> {
  const chunks: UIMessageChunk[] = [];
  for await (const chunk of new AnswerStream(feedOf(items), question).readable) chunks.push(chunk);
  return chunks;
}

const texts = (chunks: readonly UIMessageChunk[]): string =>
  chunks.map((chunk) => (chunk.type === 'text-delta' ? chunk.delta : '')).join('');

t.test('what is streamed and what the message adds are one text', async (t) => {
  const chunks = await chunksOf([
    question,
    piece('a', 'The '),
    piece('a', 'ship'),
    posted('a', 'The ship is in.'),
  ]);
  t.same(
    chunks.map(({ type }) => type),
    [
      'start',
      'start-step',
      'text-start',
      'text-delta',
      'text-delta',
      'text-delta',
      'text-end',
      'message-metadata',
      'finish-step',
      'finish',
    ],
  );
  t.equal(texts(chunks), 'The ship is in.');
});

t.test('what others say, and what was begun before the question, is no answer', async (t) => {
  const others = [
    piece('before', 'Good morning'),
    question,
    { ...posted('x', 'me too'), position: 3, actor: { id: 'bob', kind: 'user' } },
    {
      ...posted('y', 'psst'),
      position: 4,
      data: { message_id: 'y', content: 'psst', metadata: { is_internal: true } },
    },
    posted('a', 'Here.', { position: 5 }),
  ];
  t.equal(texts(await chunksOf(others)), 'Here.');
  const agents = [
    question,
    posted('b', 'I am another one.'),
    posted('a', 'I am it.', { position: 4, actor: { id: 'it', kind: 'agent' } }),
  ];
  t.equal(texts(await chunksOf(agents, { ...asked, agent: 'it' })), 'I am it.');
});

t.test('a text that replaces what was streamed stands in the metadata', async (t) => {
  const chunks = await chunksOf([question, piece('a', 'The shop'), posted('a', 'The ship')]);
  t.equal(texts(chunks), 'The shop');
  const metadata = chunks.find((chunk) => chunk.type === 'message-metadata');
  t.match(metadata, { messageMetadata: { content: 'The ship', run: 'r1', position: 3 } });
});

t.test('an answer that was interrupted says so', async (t) => {
  const data = { message_id: 'a', content: 'The', metadata: {}, interrupted: true, preempted_by: 'bob' };
  const chunks = await chunksOf([question, piece('a', 'The'), posted('a', 'The', { data })]);
  const metadata = chunks.find((chunk) => chunk.type === 'message-metadata');
  t.match(metadata, { messageMetadata: { interrupted: true, preempted_by: 'bob' } });
});

t.test(
  'an agent that falls silent, and a run that is stopped before it speaks, end the answer',
  async (t) => {
    const abandoned = { type: 'pulse', kind: 'draft.abandoned', message_id: 'a', run: 'r1' };
    const silent = await chunksOf([question, piece('a', 'The'), abandoned]);
    t.match(silent.at(-1), { type: 'error', errorText: 'The agent fell silent.' });
    const data = { event: 'stream.cancel', target: null, runs: [] };
    const stopped = await chunksOf([question, { ...message('c', 3), type: 'control', data }]);
    t.same(stopped, [{ type: 'abort' }]);
  },
);
