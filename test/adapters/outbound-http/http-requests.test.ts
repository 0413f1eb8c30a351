/** Runs alone: it asks how long what fails takes to fail. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import t from 'tap';
import { openHttpRequests } from '../../../src/adapters/outbound-http/http-requests.ts';
import { limits } from '../../../src/domain/limits.ts';
import { until } from '../../kit/log-entries.ts';
import { openMoodyRequests } from '../../kit/outside/moody-requests.ts';
import { startMoodyServer } from '../../kit/outside/moody-server.ts';

const get = (url: string) => ({ method: 'GET', url, headers: {}, body: null }) as const;

t.test('an answer is read whole, and the connection is kept', async (t) => {
  const server = await startMoodyServer(t, (request, body) => ({
    body: [request.method, request.url, body],
  }));
  const http = openHttpRequests();
  t.teardown(() => http.close());
  const sent = { method: 'POST', url: `${server.url}/a?b`, headers: { 'x-a': '1' }, body: 'ü' } as const;
  const headers = { 'content-type': ['application/json'] };
  t.match(await http.send(sent), { status: 200, headers, body: '["POST","/a?b","ü"]' });
  t.match(await http.send(get(server.url)), { status: 200, headers, body: '["GET","/",""]' });
});

t.test(
  'whatever ails the server, there is a name for it and it takes no longer than the deadline',
  async (t) => {
    const server = await startMoodyServer(t, () => ({ body: 'well' }));
    const http = openMoodyRequests(t, server);
    const moods = { gone: 'away', silent: 'late', huge: 'too_large', cut: 'away' } as const;
    for (const [mood, fault] of Object.entries(moods)) {
      await server.be(mood as keyof typeof moods);
      const start = performance.now();
      t.equal(await http.send(get(server.url)), fault, mood);
      // Without a deadline nobody would give a silent one up.
      t.ok(performance.now() - start < 20_000, `${mood} in time`);
      await server.be('well');
      t.match(await http.send(get(server.url)), { status: 200 }, `well again after ${mood}`);
    }
    await server.be('redirect');
    t.match(await http.send(get(server.url)), { status: 302 }, 'a redirect is an answer, not a way');
    t.equal(await http.send(get('http://127.0.0.1:1/')), 'away');
    t.equal(await http.send(get('https://127.0.0.1:1/')), 'away');
    const unsendable = {
      method: 'GET',
      url: server.url,
      headers: { 'x-a': 'line\nbreak' },
      body: null,
    } as const;
    t.equal(await http.send(unsendable), 'away', 'it never rejects');
  },
);

t.test('too many at once are refused before they wait', async (t) => {
  const server = await startMoodyServer(t, () => ({ body: 'well' }));
  await server.be('silent');
  const http = openHttpRequests({ timeoutMs: 3_000 });
  t.teardown(() => http.close());
  const all = Array.from({ length: limits.externalRequestsWaitingMax + 1 }, () => http.send(get(server.url)));
  t.equal(await all.at(-1), 'overloaded');
  // Looked at before the first is late: the place of one that was given up is taken by the next.
  await until(() => server.requests() >= limits.externalConnectionsMax);
  t.equal(server.requests(), limits.externalConnectionsMax, 'connections are bounded');
  t.ok((await Promise.all(all.slice(0, -1))).every((outcome) => outcome === 'late'));
});

const head = (status: string, ...headers: string[]): string =>
  [`HTTP/1.1 ${status}`, ...headers, '', ''].join('\r\n');
const chunked = head('200 OK', 'transfer-encoding: chunked');

/** As fast as it is read, for as long as somebody does. */
function pour(socket: Socket, piece: string): void {
  const more = (): void => void (socket.writable && socket.write(piece, more));
  more();
}

function drip(socket: Socket, piece: string): void {
  const timer = setInterval(() => socket.write(piece), 20);
  socket.on('close', () => clearInterval(timer));
}

/** What a server does with the request, and what came of it. */
const answers: readonly (readonly [string, (socket: Socket) => unknown, number | 'away' | 'late'])[] = [
  ['a body', (socket) => socket.write(`${head('200 OK', 'content-length: 2')}ok`), 200],
  ['none', (socket) => socket.write(head('204 No Content')), 204],
  ['204 with one', (socket) => socket.write(`${head('204 No Content', 'content-length: 3')}abc`), 204],
  ['one that is too long', (socket) => pour(socket, `${head('200 OK')}${'x'.repeat(65_536)}`), 200],
  ['one that drips', (socket) => [socket.write(head('200 OK')), drip(socket, 'x')], 200],
  ['one that never comes', (socket) => socket.write(head('202 Accepted', 'content-length: 9')), 202],
  ['one that is cut', (socket) => socket.end(`${head('200 OK', 'content-length: 9')}abc`), 200],
  ['chunks that are none', (socket) => socket.write(`${chunked}zz\r\nabc`), 200],
  ['chunks that are none later', (socket) => [socket.write(chunked), drip(socket, 'zz\r\n')], 200],
  ['gzip that is none', (socket) => socket.end(`${head('200 OK', 'content-encoding: gzip')}abc`), 200],
  ['a failure, with a long one', (socket) => pour(socket, `${head('500 No')}${'x'.repeat(65_536)}`), 500],
  ['another protocol', (socket) => socket.write(head('101 No', 'upgrade: x', 'connection: upgrade')), 101],
  ['news, then an answer', (socket) => socket.write(head('103 Early').repeat(99) + head('204 No')), 204],
  ['news without end', (socket) => drip(socket, head('103 Early')), 'late'],
  ['headers without end', (socket) => pour(socket, `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(65_536)}`), 'away'],
  ['no HTTP', (socket) => socket.write('SSH-2.0-OpenSSH\r\n'), 'away'],
  ['nothing', (socket) => socket.destroy(), 'away'],
  ['silence', () => undefined, 'late'],
];

t.test('where the status is the answer, no body makes a failure of it, and nothing is left', async (t) => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.once('data', (request) => answers[Number(/\d+/.exec(request.toString())?.[0])]?.[1](socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const http = openHttpRequests({ isBodyIgnored: true, timeoutMs: 3_000 });
  const outcomes = await Promise.all(
    answers.map(async ([name, , wanted], at) => {
      const outcome = await http.send({ method: 'POST', url: `${url}/${at}`, headers: {}, body: '{}' });
      return { name, wanted, outcome: typeof outcome === 'string' ? outcome : outcome.status };
    }),
  );
  for (const { name, wanted, outcome } of outcomes) t.equal(outcome, wanted, name);
  http.close();
  await until(() => sockets.size === 0);
});
