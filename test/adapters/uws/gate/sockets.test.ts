/** What a socket may do before anybody knows who it is. */
import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import { compileTrustedProxies } from '../../../../src/adapters/uws/gate/client-address.ts';
import { ConnectionGate } from '../../../../src/adapters/uws/gate/connection-gate.ts';
import { compileCors } from '../../../../src/adapters/uws/gate/cors.ts';
import { openSockets } from '../../../../src/adapters/uws/socket-server.ts';
import { readCredentials } from '../../../../src/contract/credentials.ts';
import type { SocketDialect } from '../../../../src/contract/sockets/socket.ts';
import { openRateLimiter } from '../../../../src/core/limits/rate-limiter.ts';
import { rates } from '../../../../src/domain/limiting/rates.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { RateLimiter } from '../../../../src/ports/limits/rate-limiter.ts';
import {
  ann,
  connectRaw,
  startFront,
  testAuthenticate,
  testDialect,
} from '../../../kit/clients/http-front.ts';
import { noRateLimits } from '../../../kit/hostile/rate-limits.ts';
import { until } from '../../../kit/log-entries.ts';
import { quietMetrics } from '../../../kit/memory/quiet-metrics.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import type { Teardown } from '../../../kit/temporary.ts';

/** Answers each frame; the frame `ann` says who it is. */
const dialect: SocketDialect = {
  path: '/v1/socket',
  frameBytesMax: 500_000,
  credentials: (handshake) =>
    readCredentials(handshake.header('authorization'), '', '', []) ??
    (handshake.cookie === null ? null : { cookie: handshake.cookie }),
  subprotocol: () => null,
  farewell: () => null,
  accept(peer) {
    return {
      onFrame(bytes) {
        const text = Buffer.from(bytes).toString();
        const refused = text === 'ann' ? peer.identify(ann) : null;
        peer.send(refused?.code ?? `${peer.principal?.id ?? 'nobody'} at ${peer.address}`);
      },
      onClosed: () => undefined,
    };
  },
};

async function start(t: Teardown, limiter: RateLimiter = noRateLimits, proxies: readonly string[] = []) {
  const metrics = quietMetrics();
  const world = { rates: limiter, proxies: compileTrustedProxies(proxies), metrics };
  const gate = new ConnectionGate(world);
  const sockets = openSockets({
    ...world,
    dialects: [dialect],
    authenticate: testAuthenticate,
    cors: compileCors([]),
    logger: silentLogger(),
    isTls: false,
    cookieNames: ['parley_session'],
    onGone: () => gate.socketIsGone(),
  });
  const front = await startFront(t, [testDialect([])], {}, [
    (app) => gate.attach(app),
    (app) => sockets.attach(app),
  ]);
  return { front, metrics, sockets };
}

type Headers = Readonly<Record<string, string>>;

/** An open socket, or the status that its handshake was answered with. */
function connect(t: Teardown, url: string, headers: Headers = {}): Promise<WebSocket | number> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/socket`, { headers });
  t.teardown(() => socket.terminate());
  return new Promise((resolve) => {
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0));
    socket.on('error', () => resolve(0));
  });
}

async function opened(t: Teardown, url: string, headers: Headers = {}): Promise<WebSocket> {
  const socket = await connect(t, url, headers);
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  return socket;
}

async function ask(socket: WebSocket, text: string): Promise<string> {
  socket.send(text);
  const [answer] = await once(socket, 'message');
  return String(answer);
}

const refusal = new Problem('rate_limited');
const limiter = () => openRateLimiter(true, { clock: { monotonicMs: () => 1_000 }, metrics: quietMetrics() });

t.test('an anonymous socket may send a hello, and no more than a few frames until it is known', async (t) => {
  const { front, metrics } = await start(t);
  const talkative = await opened(t, front.url);
  t.equal(metrics.anonymousSockets.total, 1);
  for (let n = 0; n < limits.helloFramesMax; n += 1)
    t.equal(await ask(talkative, 'x'), 'nobody at 127.0.0.1');
  talkative.send('one more');
  t.equal((await once(talkative, 'close'))[0], 4401);
  const heavy = await opened(t, front.url);
  const half = 'x'.repeat(limits.helloBytesMax / 2 + 1);
  await ask(heavy, half);
  heavy.send(half);
  t.equal((await once(heavy, 'close'))[0], 4401);
  const known = await opened(t, front.url);
  await ask(known, 'ann');
  t.equal(metrics.anonymousSockets.total, 0);
  for (let n = 0; n < limits.helloFramesMax * 2; n += 1) await ask(known, 'x');
  t.equal(known.readyState, WebSocket.OPEN);
});

t.test('one address has so many anonymous sockets at once, and known ones beside them', async (t) => {
  const { front, metrics, sockets } = await start(t);
  const open: WebSocket[] = [];
  for (let n = 0; n < limits.anonymousSocketsPerAddressMax; n += 1) open.push(await opened(t, front.url));
  t.equal(await connect(t, front.url), 503);
  t.equal(metrics.rejectedHandshakes.totals.get('anonymous_of_address'), 1);
  await opened(t, front.url, { authorization: 'Bearer ann' });
  await ask(open[0] as WebSocket, 'ann');
  await opened(t, front.url);
  t.equal(await connect(t, front.url), 503, 'the place of the one that became known is taken again');
  for (const socket of open.slice(1)) socket.close();
  await until(() => sockets.peers.size === 3);
  t.equal(metrics.anonymousSockets.total, 1);
  await opened(t, front.url);
});

t.test('handshakes beyond the rate of an address are answered 429', async (t) => {
  const { front } = await start(t, {
    take: (_caller, { address }, rateClass) =>
      rateClass === 'handshake' ? limited.take(null, { address }, 'search') : null,
  });
  for (let n = 0; n < rates.search.address.burst; n += 1) (await opened(t, front.url)).terminate();
  t.equal(await connect(t, front.url), 429);
});
const limited = limiter();

t.test('who guesses in handshakes gets 429 after a while; a valid token is let in', async (t) => {
  const { front } = await start(t, limiter());
  const guess = (): Promise<WebSocket | number> => connect(t, front.url, { authorization: 'Bearer no' });
  for (let n = 0; n < rates.refused.address.burst; n += 1) t.equal(await guess(), 401);
  t.equal(await guess(), 429);
  t.equal(await ask(await opened(t, front.url, { authorization: 'Bearer slow' }), 'x'), 'ann at 127.0.0.1');
});

t.test(
  'connections beyond the rate of an address are closed unread, unless they are of a proxy',
  async (t) => {
    const none: RateLimiter = {
      take: (_caller, _origin, rateClass) => (rateClass === 'connect' ? refusal : null),
    };
    const { front, metrics } = await start(t, none);
    const connection = await connectRaw(t, front.port);
    t.equal(await connection.ended, '');
    t.equal(metrics.rejectedHandshakes.totals.get('connection_rate'), 1);
    const behind = await start(t, none, ['127.0.0.1']);
    t.equal((await fetch(`${behind.front.url}/t/nowhere`)).status, 404);
  },
);

t.test('a cookie opens a socket for a page of our own origin only', async (t) => {
  const { front } = await start(t);
  const cookie = 'parley_session=ann';
  const own = await opened(t, front.url, { cookie, origin: front.url });
  t.equal(await ask(own, 'x'), 'ann at 127.0.0.1');
  const program = await opened(t, front.url, { cookie });
  t.equal(await ask(program, 'x'), 'ann at 127.0.0.1', 'without an Origin it is no browser');
  const strange = await opened(t, front.url, { cookie, 'sec-fetch-site': 'cross-site' });
  t.equal(await ask(strange, 'x'), 'nobody at 127.0.0.1');
  for (const origin of ['null', 'http://evil.example', front.url.replace('http', 'https')])
    t.equal(await connect(t, front.url, { cookie, origin }), 403, origin);
});

t.test('the address of a socket is that of the client behind a trusted proxy', async (t) => {
  const { front } = await start(t, noRateLimits, ['127.0.0.1']);
  const socket = await opened(t, front.url, { 'x-forwarded-for': '6.6.6.6, 203.0.113.5' });
  t.equal(await ask(socket, 'x'), 'nobody at 203.0.113.5');
});
