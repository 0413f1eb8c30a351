/** What a stranger may send: all of it is answered, or ends its own connection, and the process lives. */
import t from 'tap';
import { operation } from '../../../src/contract/operation.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Problem } from '../../../src/domain/problem.ts';
import {
  connectRaw,
  echo,
  type RunningFront,
  startFront,
  testDialect,
} from '../../kit/clients/http-front.ts';
import { until } from '../../kit/log-entries.ts';

const asAnn = { authorization: 'Bearer ann', 'content-type': 'application/json' };
let release: () => void = () => {};
const held = operation(
  {
    id: 'test.held',
    method: 'POST',
    path: '/t/held',
    summary: 'Answers when the test says so',
    access: 'optional',
    schemas: {},
    responses: { 200: { description: 'Released', schema: null } },
  },
  async () => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return { status: 200, body: {} };
  },
);
const dialect = testDialect([echo, held]);

function head(lines: string, path = '/t/echo/1', method = 'POST'): string {
  const common = 'Host: parley\r\nAuthorization: Bearer ann\r\nContent-Type: application/json\r\n';
  return `${method} ${path} HTTP/1.1\r\n${common}${lines}\r\n`;
}

async function isAlive(
  t: { equal: (a: unknown, b: unknown, message: string) => unknown },
  { url }: RunningFront,
): Promise<void> {
  const answer = await fetch(`${url}/t/echo/1`, {
    method: 'POST',
    headers: asAnn,
    body: '{"content":"alive"}',
  });
  t.equal(answer.status, 201, 'the process lives');
}

t.test('bodies that are no JSON of ours are refused', async (t) => {
  const front = await startFront(t, [dialect]);
  const bodies: [string | Uint8Array, string][] = [
    ['{', 'invalid_json'],
    ['{"content":"a"}x', 'invalid_json'],
    [Uint8Array.from([0x7b, 0xff, 0x7d]), 'invalid_encoding'],
    [Buffer.from('{"content":"\xe4"}', 'latin1'), 'invalid_encoding'],
    ['{"content":"\\ud800"}', 'invalid_text'],
    ['{"content":"a\\u0000b"}', 'invalid_text'],
    ['['.repeat(100_000), 'invalid_json'],
    [`{"any":${'['.repeat(40)}${']'.repeat(40)}}`, 'too_deep'],
    [`{"any":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`, 'too_deep'],
  ];
  for (const [body, reason] of bodies) {
    const answer = await fetch(`${front.url}/t/echo/1`, { method: 'POST', headers: asAnn, body });
    t.equal(answer.status, 400);
    t.match(await answer.json(), { refused: 'invalid_request', reason });
  }
  await isAlive(t, front);
});

t.test('a body beyond the limit is refused, announced or not', async (t) => {
  const front = await startFront(t, [dialect]);
  const big = 'x'.repeat(limits.bodyBytesMax + 1);
  const announced = await connectRaw(t, front.port);
  announced.write(head(`Content-Length: ${limits.bodySkippedBytesMax + 1}\r\n`));
  const refused = await announced.ended;
  t.match(refused, /^HTTP\/1\.1 413 /);
  t.match(refused, /"refused":"too_large"/);
  t.match(refused, /connection: close/i);

  const chunked = await connectRaw(t, front.port);
  chunked.write(head('Transfer-Encoding: chunked\r\n'));
  for (let sent = 0; sent < big.length; sent += 65_536) chunked.write(`10000\r\n${'x'.repeat(65_536)}\r\n`);
  t.match(await chunked.until(/too_large/), /^HTTP\/1\.1 413 .*"refused":"too_large"/s);
  t.match(await chunked.ended, /connection: close/i, 'there is no end to be seen of it');
  await isAlive(t, front);
});

t.test('a chunked body that is too large is refused at its end, where that is near', async (t) => {
  const front = await startFront(t, [dialect]);
  const chunked = await connectRaw(t, front.port);
  chunked.write(head('Transfer-Encoding: chunked\r\n'));
  for (let n = 0; n < 48; n += 1) chunked.write(`10000\r\n${'x'.repeat(65_536)}\r\n`);
  const next = '{"content":"next"}';
  chunked.write(`0\r\n\r\n${head(`Content-Length: ${next.length}\r\n`)}${next}`);
  const answers = await chunked.until(/"next"/);
  t.match(answers, /^HTTP\/1\.1 413 .*"refused":"too_large".*HTTP\/1\.1 201 /s, 'its connection goes on');
  t.notMatch(answers, /connection: close/i);

  const endless = await connectRaw(t, front.port);
  endless.write(head('Transfer-Encoding: chunked\r\n'));
  const pieces = Math.ceil(limits.bodyDroppedBytesMax / 65_536) + 1;
  for (let n = 0; n < pieces; n += 1) endless.write(`10000\r\n${'x'.repeat(65_536)}\r\n`);
  t.match(await endless.until(/too_large/), /^HTTP\/1\.1 413 .*connection: close/is);
  await isAlive(t, front);
});

t.test('a client that still writes its large body hears that it is too large', async (t) => {
  const front = await startFront(t, [dialect]);
  const body = 'x'.repeat(13_000_000);
  for (let n = 0; n < 5; n += 1) {
    const answer = await fetch(`${front.url}/t/echo/1`, { method: 'POST', headers: asAnn, body });
    t.equal(answer.status, 413);
    t.match(await answer.json(), { refused: 'too_large' });
  }
  const patient = await connectRaw(t, front.port);
  patient.write(head(`Content-Length: ${body.length}\r\n`));
  patient.write(body);
  t.match(await patient.until(/too_large/), /^HTTP\/1\.1 413 /);
  const next = '{"content":"next"}';
  patient.write(`${head(`Content-Length: ${next.length}\r\n`)}${next}`);
  t.match(await patient.until(/"next"/), /HTTP\/1\.1 201 /, 'the connection goes on behind it');
  await isAlive(t, front);
});

t.test('a body of any chunks is one body', async (t) => {
  const front = await startFront(t, [dialect]);
  const connection = await connectRaw(t, front.port);
  connection.write(head('Transfer-Encoding: chunked\r\n'));
  for (const part of ['{"con', 'tent":"', 'ü'.repeat(10), '"}']) {
    connection.write(`${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`);
  }
  connection.write('0\r\n\r\n');
  t.match(await connection.until(/"by"/), /^HTTP\/1\.1 201 .*"content":"üüüüüüüüüü"/s);
  await isAlive(t, front);
});

t.test('a multi-byte character may be cut between two pieces', async (t) => {
  const front = await startFront(t, [dialect]);
  const body = Buffer.from('{"content":"a😀b"}');
  const connection = await connectRaw(t, front.port);
  connection.write(head(`Content-Length: ${body.length}\r\n`));
  connection.write(body.subarray(0, 14));
  connection.write(body.subarray(14));
  t.match(await connection.until(/"by"/), /"content":"a😀b"/);
});

t.test('a body that comes too slowly is refused and its connection ended', async (t) => {
  const front = await startFront(t, [dialect], { bodyReadMsMax: 200 });
  const stalled = await connectRaw(t, front.port);
  stalled.write(head('Content-Length: 100\r\n'));
  const dripping = await connectRaw(t, front.port);
  dripping.write(head('Content-Length: 100\r\n'));
  const drip = setInterval(() => dripping.write('x'), 20);
  t.teardown(() => clearInterval(drip));
  for (const text of [await stalled.ended, await dripping.until(/body_too_slow/)]) {
    t.match(text, /^HTTP\/1\.1 400 .*"reason":"body_too_slow"/s);
  }
  await isAlive(t, front);
});

t.test('a client that goes away is forgotten, whatever it was doing', async (t) => {
  const front = await startFront(t, [dialect]);
  const noBody = await connectRaw(t, front.port);
  noBody.write(head('Content-Length: 100\r\n'));
  const halfBody = await connectRaw(t, front.port);
  halfBody.write(`${head('Content-Length: 100\r\n')}{"content`);
  const waiting = await connectRaw(t, front.port);
  waiting.write(head('Content-Length: 2\r\n', '/t/held').concat('{}'));
  await holds(() => front.inFlight() === 3);
  for (const connection of [noBody, halfBody, waiting]) connection.destroy();
  await holds(() => front.inFlight() === 0);
  release();
  await isAlive(t, front);
  t.equal(front.inFlight(), 0);
  t.same(front.logged, []);
});

t.test('requests may follow each other on one connection without waiting', async (t) => {
  const front = await startFront(t, [dialect]);
  const connection = await connectRaw(t, front.port);
  const one = (content: string): string => {
    const body = JSON.stringify({ content });
    return `${head(`Content-Length: ${body.length}\r\n`)}${body}`;
  };
  connection.write(one('first') + one('second') + head('Content-Length: 3\r\n', '/t/nowhere').concat('abc'));
  const text = await connection.until(/unknown_path/);
  t.match(text, /"first".*"second".*"unknown_path"/s);
});

t.test('a refusal before the body leaves the connection usable when the body is small', async (t) => {
  const front = await startFront(t, [dialect]);
  const connection = await connectRaw(t, front.port);
  const anonymous = 'POST /t/echo/1 HTTP/1.1\r\nHost: parley\r\nContent-Length: 10\r\n\r\n';
  connection.write(anonymous);
  await connection.until(/unauthenticated/);
  connection.write('0123456789');
  connection.write(`${head('Content-Length: 2\r\n')}{}`);
  t.match(await connection.until(/"by"/), /401 .*"refused":"unauthenticated".*201 Created/s);
});

t.test('a request before the answer to the last one ends only its own connection', async (t) => {
  const front = await startFront(t, [dialect]);
  const connection = await connectRaw(t, front.port);
  const waiting = head('Content-Length: 2\r\n', '/t/held').concat('{}');
  connection.write(waiting + waiting);
  await connection.ended;
  await holds(() => front.inFlight() === 0);
  release();
  await isAlive(t, front);
});

t.test('what is no HTTP is answered by the transport', async (t) => {
  const front = await startFront(t, [dialect]);
  const texts: [string, RegExp][] = [
    ['GET / HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 505 /],
    [head('', 'http://parley/t/echo/1'), /^HTTP\/1\.1 505 /],
    [head(`X-Big: ${'y'.repeat(100_000)}\r\n`), /^HTTP\/1\.1 431 /],
    [head(Array.from({ length: 200 }, (_, index) => `X-${index}: 1\r\n`).join('')), /^HTTP\/1\.1 431 /],
    [head('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n').concat('0\r\n\r\n'), /^HTTP\/1\.1 400 /],
    [head('Content-Length: -1\r\n'), /^HTTP\/1\.1 400 /],
    [head('Content-Length: 99999999999999999999\r\n'), /^HTTP\/1\.1 4\d\d /],
    [head('Content-Length: abc\r\n'), /^HTTP\/1\.1 4\d\d /],
    [head('Transfer-Encoding: chunked\r\n').concat('zz\r\nabc\r\n'), /^(HTTP\/1\.1 400 .*)?$/s],
  ];
  for (const [text, expected] of texts) {
    const connection = await connectRaw(t, front.port);
    connection.write(text);
    t.match(await connection.ended, expected, JSON.stringify(text.slice(0, 150)));
  }
  await isAlive(t, front);
});

t.test('odd but legal requests are answered in shape', async (t) => {
  const front = await startFront(t, [dialect]);
  const answers: [string, RegExp][] = [
    [head('', '/t/echo/%', 'POST'), /400 .*"reason":"invalid_path"/s],
    [head('', '/t/echo/%E0%A4%A', 'POST'), /400 .*"reason":"invalid_path"/s],
    [head('', '/t/echo/1?limit=%', 'POST'), /400 .*"invalid_encoding"/s],
    [head('', `/t/${'a/'.repeat(1_000)}`, 'GET'), /404 .*"refused":"not_found"/s],
    [head('', '/t/echo/../../etc/passwd', 'GET'), /404 .*"refused":"not_found"/s],
    [head('', '/t/echo/constructor', 'BREW'), /405 .*"refused":"method_not_allowed"/s],
    [head('', '/t/echo/__proto__', 'POST'), /201 .*"id":"__proto__"/s],
    [head('X-Env: d\xe9v\r\n', '/t/echo/1', 'POST'), /400 .*"path":"X-Env"/s],
    [head('Expect: 100-continue\r\nContent-Length: 2\r\n').concat('{}'), /201 Created/],
  ];
  for (const [text, expected] of answers) {
    const connection = await connectRaw(t, front.port);
    connection.write(Buffer.from(text, 'latin1'));
    t.match(await connection.until(/\}$|<\/i>$/), expected, JSON.stringify(text.slice(0, 60)));
    connection.destroy();
  }
  await isAlive(t, front);
});

t.test('whatever bytes come, the process lives', async (t) => {
  const front = await startFront(t, [dialect]);
  const body = '{"content":"ü","any":[1,{"a":null}]}';
  const whole = Buffer.from(`${head(`Content-Length: ${Buffer.byteLength(body)}\r\n`)}${body}`);
  let seed = 20_261_120;
  // A fixed sequence: a test that fails once must fail again.
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const spoil = (): Buffer => {
    const bytes = Buffer.from(whole);
    for (let count = random(4) + 1; count > 0; count--) bytes[random(bytes.length)] = random(256);
    return random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
  };
  for (let round = 0; round < 20; round++) {
    const connections = await Promise.all(Array.from({ length: 25 }, () => connectRaw(t, front.port)));
    for (const connection of connections) connection.write(spoil());
    await isAlive(t, front);
    for (const connection of connections) connection.destroy();
  }
  await holds(() => front.inFlight() === 0);
  await isAlive(t, front);
});

/** Waits until `condition` holds; tap ends the test when it never does. */
async function holds(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

t.test(
  'more requests than a node answers at once are told to come back; whether it lives is still said',
  async (t) => {
    const open = operation(
      {
        id: 'test.alive',
        method: 'GET',
        path: '/t/alive',
        summary: 'Needs no credential',
        access: 'public',
        schemas: {},
        responses: { 200: { description: 'Alive', schema: null } },
      },
      () => ({ status: 200, body: {} }),
    );
    const refused: (string | undefined)[] = [];
    const bounds = { requestsInFlightMax: 1 };
    const onRefused = ({ overload }: Problem): void => void refused.push(overload);
    const front = await startFront(t, [testDialect([echo, held, open])], { bounds, onRefused });
    const first = fetch(`${front.url}/t/held`, { method: 'POST' });
    await until(() => front.inFlight() === 1);
    const second = await fetch(`${front.url}/t/echo/1`, { method: 'POST', headers: asAnn, body: '{}' });
    t.same([second.status, second.headers.get('retry-after')], [503, '1']);
    t.match(await second.json(), { refused: 'overloaded' });
    t.equal((await fetch(`${front.url}/t/alive`)).status, 200);
    release();
    t.equal((await first).status, 200);
    t.same(refused, ['requests']);
    await isAlive(t, front);
  },
);

t.test('bodies that come in pieces share a bound, and what was held is given back', async (t) => {
  const bounds = { bodiesHeldBytesMax: 60_000 };
  const front = await startFront(t, [dialect], { bounds });
  const begun = await connectRaw(t, front.port);
  begun.write(`${head('Content-Length: 90000\r\n')}${'x'.repeat(50_000)}`);
  await until(() => front.heldBodyBytes() >= 50_000);
  const another = await connectRaw(t, front.port);
  another.write(`${head('Content-Length: 90000\r\n')}${'x'.repeat(50_000)}`);
  const answer = await another.until(/overloaded/);
  t.match(answer, /^HTTP\/1.1 503 /);
  t.match(answer, /Retry-After: 1/);
  begun.destroy();
  await until(() => front.heldBodyBytes() === 0);
  await isAlive(t, front);
});
