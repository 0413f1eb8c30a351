import { createHash } from 'node:crypto';
import t, { type Test } from 'tap';
import {
  type BodyStream,
  type Operation,
  operation,
  type Reply,
} from '../../../../src/contract/operation.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { connectRaw, startFront, testDialect } from '../../../kit/clients/http-front.ts';
import { until } from '../../../kit/log-entries.ts';

const bytesMax = 64 * 1024 * 1024;

function upload(answer: (stream: BodyStream) => Promise<Reply | Problem>): Operation {
  return operation(
    {
      id: 'test.upload',
      method: 'PUT',
      path: '/t/upload',
      summary: 'Takes any bytes',
      access: 'public',
      schemas: {},
      responses: { 200: { description: 'Taken', schema: null } },
      streamsBody: true,
      bodyBytesMax: bytesMax,
    },
    ({ stream }) => (stream === null ? new Problem('internal') : answer(stream)),
  );
}

function download(lengthBytes: number, pieces: () => AsyncIterable<Uint8Array | Problem>): Operation {
  return operation(
    {
      id: 'test.download',
      method: 'GET',
      path: '/t/download',
      summary: 'Answers many bytes',
      access: 'public',
      schemas: {},
      responses: { 200: { description: 'Bytes', schema: null } },
    },
    () => ({ status: 200, contentType: 'video/mp4', stream: { lengthBytes, pieces: pieces() } }),
  );
}

async function digestOf(stream: BodyStream): Promise<Reply | Problem> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const piece of stream.pieces) {
    if (piece instanceof Problem) return piece;
    hash.update(piece);
    length += piece.length;
  }
  const { contentType, lengthBytes } = stream;
  return { status: 200, body: { length, digest: hash.digest('hex'), contentType, lengthBytes } };
}

const body = Buffer.alloc(9_000_000, 'all work and no play ');
const digest = createHash('sha256').update(body).digest('hex');

async function serve(t: Test, ...operations: readonly Operation[]) {
  return await startFront(t, [testDialect(operations)]);
}

t.test('an operation that streams gets its body as it comes, whole and in order', async (t) => {
  const front = await serve(t, upload(digestOf));
  const answer = await fetch(`${front.url}/t/upload`, {
    method: 'PUT',
    headers: { 'content-type': 'image/png' },
    body,
  });
  t.same(await answer.json(), {
    length: body.length,
    digest,
    contentType: 'image/png',
    lengthBytes: body.length,
  });
  const empty = await fetch(`${front.url}/t/upload`, { method: 'PUT' });
  t.match(await empty.json(), { length: 0 });
  const chunked = await connectRaw(t, front.port);
  chunked.write('PUT /t/upload HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n');
  chunked.write('2\r\nde\r\n0\r\n\r\n');
  t.match(await chunked.until(/"digest"/), /"length":5,/);
});

t.test('a connection that was paused takes the next request', async (t) => {
  const front = await serve(
    t,
    upload(async (stream) => {
      // All of it has come before anything is read.
      for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return await digestOf(stream);
    }),
  );
  const client = await connectRaw(t, front.port);
  for (let round = 1; round <= 3; round += 1) {
    const length = limits.bodyHeldBytesMax + 1;
    client.write(`PUT /t/upload HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`);
    client.write(body.subarray(0, length));
    await client.until(new RegExp(`(?:"length":${length},[\\s\\S]*){${round}}`));
  }
  t.equal(client.text().match(/"digest"/g)?.length, 3);
});

t.test('a sender waits for a reader that does not read', async (t) => {
  let read = (): void => {};
  const turn = new Promise<void>((resolve) => {
    read = resolve;
  });
  const front = await serve(
    t,
    upload(async (stream) => {
      await turn;
      return await digestOf(stream);
    }),
  );
  const client = await connectRaw(t, front.port);
  client.write(`PUT /t/upload HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length * 4}\r\n\r\n`);
  for (let round = 0; round < 4; round += 1) client.write(body);
  await until(() => front.inFlight() === 1);
  t.notMatch(client.text(), /HTTP/);
  read();
  t.match(await client.until(/"digest"/), new RegExp(`"length":${body.length * 4},`));
});

t.test('who goes away in the middle is noticed by the reader', async (t) => {
  let seen: Problem | null = null;
  const front = await serve(
    t,
    upload(async (stream) => {
      for await (const piece of stream.pieces) if (piece instanceof Problem) seen = piece;
      return { status: 200 };
    }),
  );
  const client = await connectRaw(t, front.port);
  client.write('PUT /t/upload HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf');
  await until(() => front.inFlight() === 1);
  client.destroy();
  await until(() => seen !== null);
  t.match(seen, { code: 'invalid_request' });
  await until(() => front.inFlight() === 0);
});

t.test('who sends nothing any more is refused, and so is more than the operation takes', async (t) => {
  const front = await startFront(t, [testDialect([upload(digestOf)])], { bodyReadMsMax: 200 });
  const slow = await connectRaw(t, front.port);
  slow.write('PUT /t/upload HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf');
  t.match(await slow.ended, /HTTP\/1.1 400 [\s\S]*body_too_slow/);
  const large = await connectRaw(t, front.port);
  large.write(`PUT /t/upload HTTP/1.1\r\nhost: x\r\ncontent-length: ${bytesMax + 1}\r\n\r\nx`);
  t.match(await large.ended, /HTTP\/1.1 413 /);
});

t.test('a refusal reaches who is still sending', async (t) => {
  const front = await serve(
    t,
    upload(async () => new Problem('forbidden')),
  );
  const answer = await fetch(`${front.url}/t/upload`, {
    method: 'PUT',
    body: body.subarray(0, limits.bodyDroppedBytesMax),
  });
  t.equal(answer.status, 403);
  t.same(await answer.json(), { refused: 'forbidden', message: 'You are not allowed to do this.' });
  const huge = await connectRaw(t, front.port);
  huge.write('PUT /t/upload HTTP/1.1\r\nhost: x\r\ncontent-length: 60000000\r\n\r\nstart');
  t.match(await huge.ended, /HTTP\/1.1 403 /, 'what is left of a large one is not waited for');
});

t.test('a streamed answer has its length, and no body for HEAD', async (t) => {
  let opened = 0;
  async function* pieces() {
    opened += 1;
    for (let at = 0; at < body.length; at += 100_000) yield body.subarray(at, at + 100_000);
  }
  const front = await serve(t, download(body.length, pieces));
  const head = await fetch(`${front.url}/t/download`, { method: 'HEAD' });
  t.equal(head.headers.get('content-length'), String(body.length));
  t.equal(opened, 0);
  const answer = await fetch(`${front.url}/t/download`);
  t.equal(answer.headers.get('content-length'), String(body.length));
  t.equal(answer.headers.get('content-type'), 'video/mp4');
  const got = Buffer.from(await answer.arrayBuffer());
  t.equal(createHash('sha256').update(got).digest('hex'), digest);
  await until(() => front.inFlight() === 0);
});

t.test('pieces are read no faster than the client takes them, and closed when it goes', async (t) => {
  let [read, isClosed] = [0, false];
  const length = 400_000_000;
  async function* pieces() {
    try {
      for (; read < length; read += 1_000_000) yield body.subarray(0, 1_000_000);
    } finally {
      isClosed = true;
    }
  }
  const front = await serve(t, download(length, pieces));
  const client = await connectRaw(t, front.port);
  // It takes the beginning, and then no more.
  client.write('GET /t/download HTTP/1.1\r\nhost: x\r\n\r\n');
  await client.until(/\r\n\r\n/);
  client.destroy();
  await until(() => isClosed);
  t.ok(read < length / 2, `${read} bytes were read`);
  await until(() => front.inFlight() === 0);
});

t.test('an answer that ends too early, or is no answer, ends the connection', async (t) => {
  const half = body.subarray(0, 1_000_000);
  async function* short() {
    yield half;
  }
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield half;
    throw new Error('a secret of ours');
  }
  for (const pieces of [short, broken]) {
    const front = await serve(t, download(2 * half.length, pieces));
    const client = await connectRaw(t, front.port);
    client.write('GET /t/download HTTP/1.1\r\nhost: x\r\n\r\n');
    const text = await client.ended;
    t.ok(text.length < 2 * half.length);
    t.notMatch(text, /secret/);
    await until(() => front.inFlight() === 0);
  }
});

t.test(
  'what fails before the first piece is refused, and the connection takes the next request',
  async (t) => {
    async function* away(): AsyncGenerator<Problem> {
      yield new Problem('unavailable');
    }
    // biome-ignore lint/correctness/useYield: it fails before
    async function* broken(): AsyncGenerator<Uint8Array> {
      throw new Error('a secret of ours');
    }
    async function* none(): AsyncGenerator<Uint8Array> {}
    for (const [pieces, status] of [
      [away, 503],
      [broken, 500],
    ] as const) {
      const front = await serve(t, download(1_000, pieces));
      const client = await connectRaw(t, front.port);
      client.write('GET /t/download HTTP/1.1\r\nhost: x\r\n\r\n');
      t.notMatch(await client.until(new RegExp(`HTTP/1.1 ${status} [\\s\\S]*\\r\\n\\r\\n`)), /secret|video/);
      client.write('GET /t/download HTTP/1.1\r\nhost: x\r\n\r\n');
      await client.until(new RegExp(`(?:HTTP/1.1 ${status} [\\s\\S]*){2}`));
      await until(() => front.inFlight() === 0);
    }
    const front = await serve(t, download(1_000, none));
    const client = await connectRaw(t, front.port);
    client.write('GET /t/download HTTP/1.1\r\nhost: x\r\n\r\n');
    t.notMatch(await client.ended, /HTTP\/1.1 200/);
    await until(() => front.inFlight() === 0);
  },
);
