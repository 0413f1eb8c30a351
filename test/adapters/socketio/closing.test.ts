/** How a connection ends, and whether its client comes back by itself. */
import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import { drainSockets } from '../../../src/compose/drain-sockets.ts';
import type { CloseReason } from '../../../src/domain/problem.ts';
import { connected, eventClient, startEventFront } from '../../kit/clients/event-front.ts';
import { until } from '../../kit/log-entries.ts';

for (const transports of [['websocket'], ['polling']]) {
  const by = transports[0];
  for (const reason of ['unauthenticated', 'suspended'] as const satisfies CloseReason[]) {
    t.test(`${reason} by ${by}: disconnected by the server, for good, and told nothing else`, async (t) => {
      const front = await startEventFront(t);
      const socket = eventClient(t, front, { transports, reconnection: true, reconnectionDelay: 5 });
      const left = new Promise((resolve) => socket.once('disconnect', resolve));
      const said: string[] = [];
      socket.onAny((name: string) => said.push(name));
      await connected(socket);
      await until(() => said.length === 1);
      front.north.sessions[0]?.peer.close(reason);
      t.equal(await left, 'io server disconnect');
      t.equal(socket.active, false, 'it does not come back');
      await until(() => front.peers.size === 0);
      t.same(said, ['welcome']);
      t.same(front.north.sessions[0]?.ends, [false]);
    });
  }

  t.test(`restarting by ${by}: the transport closes, and the client comes back`, async (t) => {
    const front = await startEventFront(t);
    const socket = eventClient(t, front, { transports, reconnection: true, reconnectionDelay: 5 });
    const left = new Promise((resolve) => socket.once('disconnect', resolve));
    await connected(socket);
    const last = socket.emitWithAck('north:echo', { text: 'last' });
    await until(() => front.north.ran.length === 1);
    const [session] = front.north.sessions;
    session?.peer.send('42["farewell",1]');
    const farewell = new Promise((resolve) => socket.once('farewell', resolve));
    session?.peer.close('restarting');
    t.same(await last, { ok: true, text: 'last' }, 'what was sent before arrives');
    t.equal(await farewell, 1);
    t.match(await left, /^transport (close|error)$/);
    await until(() => front.north.sessions.length === 2 && socket.connected);
    t.same(session?.ends, [false]);
  });

  t.test(`a client of ${by} that leaves without a word is missed`, async (t) => {
    const front = await startEventFront(t);
    const socket = await connected(eventClient(t, front, { transports }));
    socket.io.engine.close();
    await until(() => front.peers.size === 0);
    t.same(front.north.sessions[0]?.ends, [false]);
  });
}

t.test('a drain closes clients of every transport, those that are not connected yet, too', async (t) => {
  const front = await startEventFront(t, {
    north: {
      ready: (peer) => (peer.context.env === 'stage' ? new Promise(() => undefined) : Promise.resolve(null)),
    },
  });
  const clients = [['websocket'], ['polling'], ['polling', 'websocket']].map((transports) =>
    eventClient(t, front, { transports }),
  );
  await Promise.all(clients.map(connected));
  const early = eventClient(t, front, { extraHeaders: { 'X-Env': 'stage' } });
  early.connect();
  await until(() => front.north.sessions.length === 4);
  const left = clients.map((socket) => new Promise((resolve) => socket.once('disconnect', resolve)));
  front.sockets.refuseNew();
  await drainSockets(front.peers);
  for (const reason of await Promise.all(left)) t.match(reason, /^transport (close|error)$/);
  await until(() => front.peers.size === 0);
  t.equal(front.metrics.anonymousSockets.total, 0);
  t.ok(front.north.sessions.every(({ ends }) => ends.length === 1));
  await front.events.close();
});

t.test('closing the server leaves nothing open, whatever its clients do', async (t) => {
  const front = await startEventFront(t);
  await connected(eventClient(t, front, { transports: ['polling'] }));
  await connected(eventClient(t, front, {}));
  // One that was opened and polls no more.
  await (await fetch(`${front.url}/socket.io/?EIO=4&transport=polling`)).text();
  await until(() => front.peers.size === 3);
  await front.events.close();
  t.equal(front.peers.size, 0);
  t.equal(front.metrics.anonymousSockets.total, 0);
});

t.test('a connection that never says who it is ends after limits.helloWaitMs', async (t) => {
  t.setTimeout(120_000);
  const front = await startEventFront(t);
  const opened = await fetch(`${front.url}/socket.io/?EIO=4&transport=polling`);
  const { sid } = JSON.parse((await opened.text()).slice(1)) as { sid: string };
  const idle = new WebSocket(`${front.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const ended = once(idle, 'close');
  const poll = await fetch(`${front.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`);
  t.equal(await poll.text(), '1', 'the end of Engine.IO');
  await ended;
  await until(() => front.peers.size === 0);
});
