/** Sockets that do not read, at the transport: closed with 4408 in time, and never at the price of the process. */
import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import { compileTrustedProxies } from '../../../src/adapters/uws/gate/client-address.ts';
import { compileCors } from '../../../src/adapters/uws/gate/cors.ts';
import { openSockets } from '../../../src/adapters/uws/socket-server.ts';
import type { SocketDialect } from '../../../src/contract/sockets/socket.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { startFront, testDialect } from '../../kit/clients/http-front.ts';
import { RawSocket } from '../../kit/clients/raw-socket.ts';
import { noRateLimits } from '../../kit/hostile/rate-limits.ts';
import { until } from '../../kit/log-entries.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';

/** Every socket is on one topic; a frame makes it greet. */
const everybody: SocketDialect = {
  path: '/v1/socket',
  frameBytesMax: 1_000,
  credentials: () => null,
  subprotocol: () => null,
  farewell: () => 'bye',
  accept(peer) {
    peer.subscribe('all');
    return { onFrame: () => void peer.send('hello'), onClosed: () => undefined };
  },
};

const metrics = quietMetrics();
const sockets = openSockets({
  dialects: [everybody],
  authenticate: () => new Problem('unauthenticated'),
  cors: compileCors([]),
  logger: silentLogger(),
  metrics,
  rates: noRateLimits,
  proxies: compileTrustedProxies([]),
  isTls: false,
  cookieNames: [],
});
const front = await startFront(t, [testDialect([])], {}, [(app) => sockets.attach(app)]);
const frame = 'x'.repeat(500_000);

async function stalled(): Promise<RawSocket> {
  const socket = await RawSocket.connect(t, front, 'none');
  socket.send({});
  await until(() => socket.texts > 0);
  socket.stopReading();
  return socket;
}

async function stillServes(): Promise<boolean> {
  const socket = new WebSocket(`${front.url.replace(/^http/, 'ws')}/v1/socket`);
  await once(socket, 'open');
  socket.send('{}');
  const [greeting] = await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
  return String(greeting) === 'hello';
}

t.test('one that falls behind little by little is told why it is closed', async (t) => {
  const socket = await stalled();
  const before = metrics.slowConsumers.total;
  for (let n = 0; sockets.peers.size > 0 && n < 200; n += 1) {
    sockets.fanout.publish('all', frame, 1, false);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(sockets.peers.size, 0);
  t.equal(metrics.slowConsumers.total, before + 1);
  socket.readOn();
  t.equal(await socket.ended, 4408);
  t.ok(await stillServes());
});

t.test('more than the transport holds, in one turn, ends the socket and not the process', async (t) => {
  const stuck = await Promise.all([stalled(), stalled(), stalled()]);
  for (let n = 0; n < 100; n += 1) sockets.fanout.publish('all', frame, 3, false);
  await until(() => sockets.peers.size === 0);
  for (const socket of stuck) {
    socket.readOn();
    t.ok([4408, null].includes(await socket.ended));
  }
  t.ok(await stillServes());
});

t.test('so it is when the frames are its own', async (t) => {
  const socket = await stalled();
  const [peer] = sockets.peers;
  for (let n = 0; n < 100; n += 1) peer?.send(frame);
  t.equal(peer?.send(frame), false, 'nothing more is taken');
  await until(() => sockets.peers.size === 0);
  t.notOk(peer?.isOpen);
  socket.readOn();
  t.ok([4408, null].includes(await socket.ended));
  t.ok(await stillServes());
});
