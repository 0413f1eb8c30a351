import t from 'tap';
import { connect, type Event, type Feed, type ParleyClient, type Reset } from '../../../src/client/index.ts';
import { type Answer, type Frame, message, openedAt, ScriptedNode } from '../../kit/clients/scripted-node.ts';
import { until } from '../../kit/log-entries.ts';

type Ending = { teardown(end: () => void): void };

async function opened(t: Ending, node: ScriptedNode): Promise<ParleyClient> {
  const client = await connect({ url: 'http://localhost', token: 'secret', WebSocket: node.WebSocket });
  t.teardown(() => client.close());
  return client;
}

/** Of a conversation with `position` events: `open`, and pages of history. */
function conversationAt(position: number, epoch = 'e1'): Record<string, Answer> {
  return {
    open: ({ conversation, conversations }) => ({
      conversations: [conversation ?? conversations].flat().map((id) => openedAt(id, position, epoch)),
      refused: [],
    }),
    history: ({ conversation, after_position, limit }) => {
      const first = after_position + 1;
      const last = Math.min(position, after_position + limit);
      const events: Frame[] = [];
      for (let at = first; at <= last; at += 1) events.push(message(conversation, at));
      return { events, has_more: last < position };
    },
  };
}

async function taken(feed: Feed, count: number): Promise<(Event | Reset)[]> {
  const items: (Event | Reset)[] = [];
  while (items.length < count) {
    const { value, done } = await feed.next();
    if (done === true) break;
    items.push(value);
  }
  return items;
}

const positions = (items: readonly (Event | Reset)[]): (number | string)[] =>
  items.map((item) => (item.type === 'reset' ? `reset ${item.reason} ${item.cursor}` : item.position));
const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

t.test('a conversation is resumed with its cursor, and what comes twice is told once', async (t) => {
  const node = new ScriptedNode(conversationAt(5));
  const client = await opened(t, node);
  const feed = client.conversation('c1').events();
  await feed.ready;
  t.equal(feed.cursor('c1'), 'e1:5');
  node.last.push({ ev: message('c1', 6) });
  node.last.push({ ev: message('c1', 6) });
  t.same(positions(await taken(feed, 1)), [6]);
  t.equal(feed.cursor('c1'), 'e1:6');
  node.last.end(1006);
  await until(() => client.state === 'open' && node.last.named('hello').length === 2);
  t.same(node.last.named('hello')[1]?.['cursors'], { c1: 'e1:6' });
  node.last.push({ ev: message('c1', 7) });
  t.same(positions(await taken(feed, 1)), [7]);
});

t.test('what is missing between two events is read from the log', async (t) => {
  const node = new ScriptedNode(conversationAt(9));
  const client = await opened(t, node);
  const feed = client.conversation('c1').events({ after: 'e1:2' });
  await feed.ready;
  t.same(node.last.named('open')[0]?.['after'], 'e1:2');
  node.last.push({ ev: message('c1', 3) });
  node.last.push({ ev: message('c1', 9) });
  t.same(positions(await taken(feed, 7)), upTo(3, 9));
});

t.test('a second reader has its own place, and the socket opens the conversation once', async (t) => {
  const node = new ScriptedNode(conversationAt(4));
  const client = await opened(t, node);
  const live = client.conversation('c1').events();
  await live.ready;
  const whole = client.conversation('c1').events({ after: 0 });
  t.same(positions(await taken(whole, 4)), [1, 2, 3, 4]);
  node.last.push({ ev: message('c1', 5) });
  t.same(positions(await taken(whole, 1)), [5]);
  t.same(positions(await taken(live, 1)), [5]);
  t.equal(node.last.named('open').length, 1);
  await live.return();
  t.equal(node.last.named('close').length, 0, 'somebody still reads');
  await whole.return();
  t.same(node.last.named('close')[0]?.['conversations'], ['c1']);
  t.same(await whole.next(), { value: undefined, done: true });
});

t.test('a slow reader holds a bounded queue, loses nothing and reads on from the log', async (t) => {
  const node = new ScriptedNode(conversationAt(3_000));
  const client = await opened(t, node);
  const feed = client.conversation('c1').events({ after: 0 });
  await feed.ready;
  for (let position = 1; position <= 3_000; position += 1) node.last.push({ ev: message('c1', position) });
  t.equal(node.last.named('history').length, 0, 'nothing is read before there is room');
  t.same(positions(await taken(feed, 3_000)), upTo(1, 3_000));
  t.ok(node.last.named('history').length >= 10);
  node.last.push({ ev: message('c1', 3_001) });
  t.same(positions(await taken(feed, 1)), [3_001], 'and is live again');
});

t.test('a log that was made anew is told in its place', async (t) => {
  const node = new ScriptedNode(conversationAt(50));
  const client = await opened(t, node);
  const feed = client.conversation('c1').events();
  await feed.ready;
  node.last.push({ ev: message('c1', 51) });
  node.answers = {
    ...conversationAt(3, 'e2'),
    hello: (_, socket) => {
      const problem = { code: 'cursor_expired', message: 'of another epoch' };
      queueMicrotask(() => socket.push({ ok: false, conversation: 'c1', problem }));
      return { principal: { id: 'ada', kind: 'user' }, node: 'n', limits: {} };
    },
  };
  node.last.end(1012);
  await until(() => node.sockets.length === 2 && node.last.named('open').length === 1);
  node.last.push({ ev: message('c1', 4) });
  t.same(positions(await taken(feed, 3)), [51, 'reset cursor_expired e2:3', 4]);
  t.equal(feed.cursor('c1'), 'e2:4');

  const old = client.conversation('c1').events({ after: 'e1:51' });
  t.same(
    positions(await taken(old, 1)),
    ['reset cursor_expired e2:4'],
    'also for who comes with an old cursor',
  );
});

t.test('a conversation that is not there ends its reader with the problem', async (t) => {
  const refused: Answer = ({ conversation }) => ({
    conversations: [],
    refused: [{ id: conversation, code: 'not_found' }],
  });
  const node = new ScriptedNode({ open: refused });
  const client = await opened(t, node);
  const feed = client.conversation('c1').events();
  await t.rejects(feed.ready, { code: 'not_found' });
  await t.rejects(feed.next(), { code: 'not_found' });
  t.same(await feed.next(), { value: undefined, done: true });
});

t.test('removal ends the reader behind the event that says so', async (t) => {
  const node = new ScriptedNode(conversationAt(1));
  const client = await opened(t, node);
  const feed = client.conversation('c1').events();
  await feed.ready;
  const removed = {
    ...message('c1', 2),
    type: 'participant.removed',
    seq: null,
    data: { participant: 'ada', by: 'bob' },
  };
  node.last.push({ ev: removed });
  t.same(positions(await taken(feed, 9)), [2]);
});

t.test('a removal of long ago ends no reader: one is in it again', async (t) => {
  const node = new ScriptedNode(conversationAt(4));
  const client = await opened(t, node);
  const feed = client.conversation('c1').events({ after: 0 });
  await feed.ready;
  const removed = { type: 'participant.removed', seq: null, data: { participant: 'ada', by: 'bob' } };
  const added = { type: 'participant.added', seq: null, data: { participant: { id: 'ada' } } };
  node.last.push({ ev: message('c1', 1) });
  node.last.push({ ev: { ...message('c1', 2), ...removed } });
  node.last.push({ ev: { ...message('c1', 3), ...added } });
  node.last.push({ ev: message('c1', 4) });
  node.last.push({ ev: { ...message('c1', 5), ...removed } });
  t.same(positions(await taken(feed, 9)), upTo(1, 5), 'that of today does');
});

t.test('who was away asks whether a removal still holds', async (t) => {
  const removed = { type: 'participant.removed', seq: null, data: { participant: 'ada', by: 'bob' } };
  const added = { type: 'participant.added', seq: null, data: { participant: { id: 'ada' } } };
  const node = new ScriptedNode(conversationAt(4));
  const client = await opened(t, node);
  const feed = client.conversation('c1').events();
  await feed.ready;
  const comeBack = async (position: number): Promise<void> => {
    const count = node.sockets.length;
    node.answers = conversationAt(position);
    node.last.end(1006);
    await until(() => node.sockets.length > count && node.last.named('hello').length === 2);
  };
  await comeBack(7);
  node.last.push({ ev: { ...message('c1', 5), ...removed } });
  node.last.push({ ev: { ...message('c1', 6), ...added } });
  node.last.push({ ev: message('c1', 7) });
  t.same(positions(await taken(feed, 3)), upTo(5, 7));
  t.equal(node.last.named('open').length, 1, 'asked once');

  await comeBack(8);
  const refused: Answer = ({ conversation: id }) => ({
    conversations: [],
    refused: [{ id, code: 'not_found' }],
  });
  node.answers = { open: refused };
  node.last.push({ ev: { ...message('c1', 8), ...removed } });
  t.same(positions(await taken(feed, 9)), [8], 'and ends behind one that does');
});

t.test('who follows all hears what it was added to while it was away, from there on', async (t) => {
  const row = (id: string, at: number): Frame => ({ id, position: at, updated_at: new Date().toISOString() });
  const node = new ScriptedNode({
    ...conversationAt(4),
    list: () => ({ conversations: [row('c1', 4)], next: null }),
  });
  const client = await opened(t, node);
  const feed = client.follow();
  await feed.ready;
  t.same(feed.cursors(), { c1: 'e1:4' });
  t.same(node.last.named('hello')[1]?.['follow'], 'all');

  const added = {
    ...message('c2', 3),
    type: 'participant.added',
    seq: null,
    data: { participant: { id: 'ada' } },
  };
  const { history } = conversationAt(4);
  node.answers = {
    ...conversationAt(4),
    list: () => ({ conversations: [row('c2', 4), row('c1', 4)], next: null }),
    history: (frame, socket) => {
      const page = history?.(frame, socket) ?? { events: [] };
      return {
        ...page,
        events: page['events'].map((event: Frame) => (event['position'] === 3 ? added : event)),
      };
    },
  };
  node.last.end(1006);
  const items = await taken(feed, 2);
  t.same(
    items.map((item) => [item.conversation, item.type === 'reset' ? 0 : item.position]),
    [
      ['c2', 3],
      ['c2', 4],
    ],
  );
  node.last.push({ ev: message('c1', 5) });
  t.match(await taken(feed, 1), [{ conversation: 'c1', position: 5 }]);
  t.same(feed.cursors(), { c1: 'e1:5', c2: 'e1:4' });
});

t.test(
  'drafts are told whole to who comes, in pieces to who is there, and once to who comes back',
  async (t) => {
    const draft = { message_id: 'd1', run: 'r1', from: 0, index: 1, text: 'The ship ' };
    const node = new ScriptedNode({
      open: ({ conversation }) => ({
        conversations: [openedAt(conversation, 1, 'e1', [draft])],
        refused: [],
      }),
    });
    const client = await opened(t, node);
    const feed = client.conversation('c1').events({ deltas: true });
    const pieces: string[] = [];
    const reading = (async () => {
      for await (const item of feed)
        if (item.type === 'delta') pieces.push(`${item.from}-${item.index} ${item.text}`);
    })();
    await feed.ready;
    node.last.push({ delta: { ...draft, conversation: 'c1', from: 2, index: 2, text: 'is in' } });
    await until(() => pieces.length === 2);
    node.last.end(1006);
    await until(() => node.sockets.length === 2 && client.state === 'open');
    node.last.push({ delta: { ...draft, conversation: 'c1', index: 4, text: 'The ship is in the harbour' } });
    await until(() => pieces.length === 3);
    t.same(pieces, ['0-1 The ship ', '2-2 is in', '3-4  the harbour']);
    client.close();
    await reading;

    const slow = (await opened(t, node)).conversation('c1').events({ deltas: true });
    await slow.ready;
    for (let index = 2; index < 5_000; index += 1)
      node.last.push({ delta: { ...draft, conversation: 'c1', from: index, index, text: '.' } });
    const { value } = await slow.next();
    t.match(
      value,
      { type: 'delta', from: 0, index: 4_999, text: `The ship ${'.'.repeat(4_998)}` },
      'joined while they wait',
    );
  },
);

t.test('what is no cursor is refused at once, whoever else reads there', async (t) => {
  const node = new ScriptedNode(conversationAt(5));
  const client = await opened(t, node);
  await client.conversation('c1').events().ready;
  const refused = { code: 'invalid_request', message: /no cursor/ };
  for (const after of ['nonsense', -1, 1.5, 'e1:', 'e1:x']) {
    const feed = client.conversation('c1').events({ after });
    await t.rejects(feed.next(), refused, String(after));
    await t.rejects(feed.ready, refused);
    t.same(await feed.next(), { value: undefined, done: true });
  }
  await t.rejects(client.follow({ cursors: { c1: 'e1:5', c2: 'e1' } }).next(), refused);
  const feed = client.conversation('c1').events({ after: 'e1:4' });
  t.same(positions(await taken(feed, 1)), [5]);
});
