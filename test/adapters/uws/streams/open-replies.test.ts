import t, { type Test } from 'tap';
import { type Operation, operation, type ReplyStream } from '../../../../src/contract/operation.ts';
import { ReplyFeed } from '../../../../src/contract/reply-feed.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { connectRaw, startFront, testDialect } from '../../../kit/clients/http-front.ts';
import { until } from '../../../kit/log-entries.ts';

type Front = Awaited<ReturnType<typeof startFront>>;
const encode = (text: string): Uint8Array => Buffer.from(text);
const get = 'GET /t/events HTTP/1.1\r\nhost: x\r\n\r\n';

function events(open: () => Omit<ReplyStream, 'lengthBytes'>): Operation {
  return operation(
    {
      id: 'test.events',
      method: 'GET',
      path: '/t/events',
      summary: 'Answers as it happens',
      access: 'optional',
      schemas: {},
      responses: { 200: { description: 'Events', schema: null } },
      contentType: 'text/event-stream',
    },
    () => ({ status: 200, contentType: 'text/event-stream', stream: { lengthBytes: null, ...open() } }),
  );
}

/** A front end whose operation answers with feeds, which the test pushes into. */
async function serveFeeds(
  t: Test,
  more: Parameters<typeof startFront>[2] = {},
  farewell?: Uint8Array,
  first = '',
): Promise<{ front: Front; feeds: ReplyFeed[]; ended: () => number }> {
  let ended = 0;
  const feeds: ReplyFeed[] = [];
  const open = events(() => {
    const pieces = new ReplyFeed(() => {
      ended += 1;
    });
    pieces.push(first);
    feeds.push(pieces);
    return farewell === undefined ? { pieces } : { pieces, farewell };
  });
  return { front: await startFront(t, [testDialect([open])], more), feeds, ended: () => ended };
}

async function nextFeed(feeds: readonly ReplyFeed[], count: number): Promise<ReplyFeed> {
  await until(() => feeds.length >= count);
  return feeds[count - 1] as ReplyFeed;
}

t.test(
  'each piece arrives while the answer goes on, and the connection is used again after it',
  async (t) => {
    const { front, feeds, ended } = await serveFeeds(t);
    const client = await connectRaw(t, front.port);
    for (const round of [1, 2]) {
      client.write(get);
      const feed = await nextFeed(feeds, round);
      feed.push(`data: one ${round}\n\n`);
      const begun = await client.until(new RegExp(`one ${round}\n\n`));
      t.match(begun, /^HTTP\/1.1 200 OK\r\n[\s\S]*content-type: text\/event-stream/i);
      t.match(begun, /transfer-encoding: chunked/i);
      t.notMatch(begun, /content-length/i);
      t.equal(front.inFlight(), 1);
      feed.push(`data: two ${round}\n\n`);
      await client.until(new RegExp(`two ${round}\n\n`));
      feed.end();
      await client.until(new RegExp(`(?:\r\n0\r\n\r\n[\\s\\S]*){${round}}`));
      await until(() => front.inFlight() === 0);
      t.equal(ended(), round);
    }
  },
);

t.test('a client that knows chunks reads all of it, and HEAD has no body and reads nothing', async (t) => {
  const { front, feeds, ended } = await serveFeeds(t);
  const head = await fetch(`${front.url}/t/events`, { method: 'HEAD' });
  t.equal(head.status, 200);
  t.equal(head.headers.get('content-type'), 'text/event-stream');
  t.notOk(head.headers.has('content-length'));
  await until(() => ended() === 1);
  t.equal(front.inFlight(), 0);
  const answer = fetch(`${front.url}/t/events`).then((got) => got.text());
  const feed = await nextFeed(feeds, 2);
  const large = 'x'.repeat(300_000);
  feed.push(large);
  feed.push('ä'.repeat(3));
  feed.end();
  t.ok((await answer) === `${large}äää`);
});

t.test('an answer without a piece is empty', async (t) => {
  const { front, feeds } = await serveFeeds(t);
  const answer = fetch(`${front.url}/t/events`);
  (await nextFeed(feeds, 1)).end();
  t.same([(await answer).status, await (await answer).text()], [200, '']);
});

t.test('pieces come no faster than the client takes them, and all of them arrive', async (t) => {
  const [count, bytes] = [400, 100_000];
  let made = 0;
  async function* pieces() {
    for (; made < count; made += 1) yield encode(String(made % 10).repeat(bytes));
  }
  const front = await startFront(t, [testDialect([events(() => ({ pieces: pieces() }))])]);
  const answer = await fetch(`${front.url}/t/events`);
  const reader = answer.body?.getReader();
  if (reader === undefined) throw new Error('no body');
  await until(() => made > 0);
  // It stops where the buffers of both sides are full: wait until nothing moves any more.
  for (let before = -1; before !== made; ) {
    before = made;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  t.ok(made < count / 2, `${made} pieces were made for a client that reads nothing`);
  let [text, length] = ['', 0];
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.length;
    text = Buffer.from(next.value.subarray(-1)).toString();
  }
  t.equal(length, count * bytes);
  t.equal(text, String((count - 1) % 10));
});

t.test('the last piece reaches a slow client without another one after it', async (t) => {
  const { front, feeds } = await serveFeeds(t);
  const answer = await Promise.all([
    fetch(`${front.url}/t/events`),
    nextFeed(feeds, 1).then((feed) => {
      for (let round = 0; round < 10; round += 1) feed.push('y'.repeat(100_000));
    }),
  ]);
  const reader = answer[0].body?.getReader();
  let length = 0;
  while (length < 1_000_000) length += (await reader?.read())?.value?.length ?? 1_000_001;
  t.equal(length, 1_000_000, 'while the answer is still open');
  feeds[0]?.end();
  t.ok((await reader?.read())?.done);
});

t.test('whoever makes the pieces hears at once that the client went away', async (t) => {
  const { front, feeds, ended } = await serveFeeds(t);
  const client = await connectRaw(t, front.port);
  client.write(get);
  const feed = await nextFeed(feeds, 1);
  feed.push('data: one\n\n');
  await client.until(/one/);
  client.destroy();
  await until(() => ended() === 1);
  t.ok(feed.isOver);
  feed.push('for nobody');
  await until(() => front.inFlight() === 0);
  t.same(front.logged, []);
});

t.test('a problem is the answer in place of the first piece, and cuts the answer later', async (t) => {
  const { front, feeds } = await serveFeeds(t);
  const client = await connectRaw(t, front.port);
  client.write(get);
  (await nextFeed(feeds, 1)).end(new Problem('not_found'));
  t.match(await client.until(/\r\n\r\n\{/), /^HTTP\/1.1 404 [\s\S]*"not_found"/);
  client.write(get);
  const feed = await nextFeed(feeds, 2);
  feed.push('data: one\n\n');
  feed.end(new Problem('forbidden'));
  const text = await client.ended;
  t.match(text, /one\n\n/);
  t.notMatch(text, /\r\n0\r\n\r\n|forbidden/, 'it must not look whole');
  await until(() => front.inFlight() === 0);
});

t.test('pieces that pile up for a slow reader cut the answer instead of filling the memory', async (t) => {
  const { front, feeds, ended } = await serveFeeds(t);
  const client = await connectRaw(t, front.port);
  client.write(get);
  const feed = await nextFeed(feeds, 1);
  for (let bytes = 0; bytes <= limits.openReplyWaitingBytesMax; bytes += 65_536) {
    feed.push(new Uint8Array(65_536));
  }
  t.notMatch(await client.ended, /\r\n0\r\n\r\n/);
  await until(() => ended() === 1 && front.inFlight() === 0);
});

t.test('an answer that is open too long is ended in good order, with its last words', async (t) => {
  const bounds = { openReplies: { openMsMax: 100 } };
  const { front, ended } = await serveFeeds(t, bounds, encode('data: come back\n\n'), 'data: one\n\n');
  const answer = await fetch(`${front.url}/t/events`);
  t.equal(await answer.text(), 'data: one\n\ndata: come back\n\n');
  await until(() => ended() === 1 && front.inFlight() === 0);
});

t.test('one caller has so many open answers and no more, and gets room when one ends', async (t) => {
  const { front, feeds, ended } = await serveFeeds(t, { openReplies: { perCallerMax: 1, repliesMax: 2 } });
  const ask = (token: string) =>
    fetch(`${front.url}/t/events`, { headers: token === '' ? {} : { authorization: `Bearer ${token}` } });
  const first = ask('ann');
  (await nextFeed(feeds, 1)).push('one');
  await first;
  t.equal((await ask('ann')).status, 429);
  t.equal(ended(), 1, 'what would have made its pieces was told');
  const second = ask('');
  (await nextFeed(feeds, 3)).push('two');
  await second;
  t.equal((await ask('root')).status, 429, 'the same person with other rights');
  feeds[0]?.end();
  await (await first).text();
  const third = ask('ann');
  (await nextFeed(feeds, 5)).push('three');
  t.equal((await third).status, 200);
  for (const feed of feeds) feed.end();
  await Promise.all([second, third].map(async (answer) => (await answer).text()));
});

t.test('a node that closes lets answers come to their end, then ends the others in good order', async (t) => {
  const { front, feeds, ended } = await serveFeeds(t, {}, encode('bye'));
  const short = fetch(`${front.url}/t/events`);
  (await nextFeed(feeds, 1)).push('short ');
  const endless = fetch(`${front.url}/t/events`);
  (await nextFeed(feeds, 2)).push('endless ');
  const silent = fetch(`${front.url}/t/events`);
  await nextFeed(feeds, 3);
  await Promise.all([short, endless]);
  const closing = front.server.close(1_000);
  feeds[0]?.push('and done');
  feeds[0]?.end();
  t.equal(await (await short).text(), 'short and done');
  t.equal(await (await endless).text(), 'endless bye');
  t.equal((await silent).status, 503, 'nothing was said yet');
  await closing;
  t.equal(ended(), 3);
});
