/** Sockets that begin by polling and go on as WebSockets, and many WebSockets that begin at once. */
import t from 'tap';
import { eventFrame } from '../../../src/contract/sockets/event-socket.ts';
import { connected, eventClient, startEventFront } from '../../kit/clients/event-front.ts';
import { until } from '../../kit/log-entries.ts';
import { makeCertificates } from '../../kit/outside/certificates.ts';

t.test('posts in a storm during the upgrade come once each and in order', async (t) => {
  const front = await startEventFront(t);
  const storm = { next: 0, isOn: true };
  const blow = (): void => {
    if (!storm.isOn) return;
    for (let n = 0; n < 4; n += 1) {
      front.fanout.publish('north/all', eventFrame('posted', storm.next), 10, n % 2 === 0);
      storm.next += 1;
    }
    setImmediate(blow);
  };
  const clients = Array.from({ length: 10 }, () => {
    const socket = eventClient(t, front, { transports: ['polling', 'websocket'] });
    const seen: number[] = [];
    const direct: number[] = [];
    socket.on('posted', (n: number) => seen.push(n));
    socket.on('direct', (n: number) => direct.push(n));
    return { socket, seen, direct };
  });
  const upgraded = clients.map(
    ({ socket }) =>
      new Promise<void>((resolve) => {
        socket.io.once('open', () => socket.io.engine.once('upgrade', () => resolve()));
      }),
  );
  await Promise.all(clients.map(({ socket }) => connected(socket)));
  await Promise.all(clients.map(({ socket }) => socket.emitWithAck('north:join', 'all')));
  blow();
  let sent = 0;
  const drip = setInterval(() => {
    for (const { peer } of front.north.sessions) peer.send(eventFrame('direct', sent));
    sent += 1;
  }, 1);
  await Promise.all(upgraded);
  const soFar = storm.next;
  await until(() => storm.next > soFar + 200);
  clearInterval(drip);
  storm.isOn = false;
  await until(() =>
    clients.every(({ seen, direct }) => seen.at(-1) === storm.next - 1 && direct.at(-1) === sent - 1),
  );
  for (const { socket, seen, direct } of clients) {
    t.equal(socket.io.engine.transport.name, 'websocket');
    const from = seen[0] ?? -1;
    t.same(
      seen,
      Array.from({ length: storm.next - from }, (_, n) => from + n),
    );
    t.same(
      direct,
      Array.from({ length: sent - (direct[0] ?? 0) }, (_, n) => (direct[0] ?? 0) + n),
    );
  }
  t.ok(
    clients.some(({ seen }) => (seen[0] ?? 0) < soFar),
    'some were posted before the upgrade',
  );
});

t.test(
  'what is sent while its session gets ready comes behind connect, in order, by every transport',
  async (t) => {
    for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
      let ready = (): void => undefined;
      const wait = new Promise<null>((resolve) => {
        ready = () => resolve(null);
      });
      const front = await startEventFront(t, { north: { ready: () => wait } });
      const socket = eventClient(t, front, { transports });
      const seen: unknown[] = [];
      socket.onAny((_name: string, argument: unknown) => {
        t.equal(socket.connected, true);
        seen.push(argument);
      });
      const connecting = connected(socket);
      await until(() => front.north.sessions.length === 1);
      const peer = front.north.sessions[0]?.peer;
      peer?.subscribe('north/all');
      for (let n = 0; n < 10; n += 1) {
        front.fanout.publish('north/all', eventFrame('posted', 2 * n), 100, true);
        front.fanout.publish('north/all', eventFrame('posted', 2 * n + 1), 100, false);
      }
      t.equal(socket.connected, false);
      ready();
      await connecting;
      await until(() => seen.length === 21);
      t.same(seen, ['north', ...Array.from({ length: 20 }, (_, n) => n)]);
    }
  },
);

t.test('the same holds by TLS', async (t) => {
  const { server } = await makeCertificates(t);
  const front = await startEventFront(t, { tls: server });
  for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
    const socket = await connected(eventClient(t, front, { transports, rejectUnauthorized: false }));
    t.match(await socket.emitWithAck('north:echo', { text: 'x' }), { ok: true });
    await until(() => socket.io.engine.transport.name === transports.at(-1));
    const posted = new Promise((resolve) => socket.once('posted', resolve));
    await socket.emitWithAck('north:join', 'all');
    await socket.emitWithAck('north:post', { topic: 'all', text: 'x' });
    t.same(await posted, { api: 'north', text: 'x' });
  }
});

t.test('of 200 WebSockets at once, and 200 in a row, none is lost', async (t) => {
  const front = await startEventFront(t);
  const open = async () => {
    const socket = await connected(eventClient(t, front));
    t.match(await socket.emitWithAck('north:echo', { text: 'x' }), { ok: true });
    return socket;
  };
  const together = await Promise.all(Array.from({ length: 200 }, open));
  for (let n = 0; n < 200; n += 1) (await open()).disconnect();
  t.ok(together.every((socket) => socket.connected));
  for (const socket of together) socket.disconnect();
  await until(() => front.peers.size === 0);
});
