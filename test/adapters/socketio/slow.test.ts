/** Clients that do not read: bounded in bytes by every transport, and never at the price of others. */
import net from 'node:net';
import t from 'tap';
import { eventFrame } from '../../../src/contract/sockets/event-socket.ts';
import { limits } from '../../../src/domain/limits.ts';
import { connected, type EventFront, eventClient, startEventFront } from '../../kit/clients/event-front.ts';
import { RawPoller } from '../../kit/clients/raw-poller.ts';
import { until } from '../../kit/log-entries.ts';
import type { Teardown } from '../../kit/temporary.ts';

const large = eventFrame('posted', 'x'.repeat(500_000));

/** A WebSocket that is connected, follows `all`, and then reads no more. */
async function stalled(t: Teardown, front: EventFront): Promise<net.Socket> {
  const count = front.north.sessions.length;
  const socket = net.connect({ port: front.port, host: '127.0.0.1' });
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  const key = Buffer.alloc(16, 1).toString('base64');
  const head = ['GET /socket.io/?EIO=4&transport=websocket HTTP/1.1', 'Host: x', 'Upgrade: websocket'];
  const rest = ['Connection: Upgrade', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`, '', ''];
  socket.write([...head, ...rest].join('\r\n'));
  await new Promise((resolve) => socket.once('data', resolve));
  const connect = Buffer.from('40{"token":"ann"}');
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | connect.length, 0, 0, 0, 0]), connect]));
  await until(() => front.north.sessions.length === count + 1);
  socket.pause();
  front.north.sessions.at(-1)?.peer.subscribe('north/all');
  return socket;
}

t.test('a WebSocket that falls behind is closed as slow, others go on', async (t) => {
  const front = await startEventFront(t);
  const good = await connected(eventClient(t, front));
  await stalled(t, front);
  const slow = front.north.sessions[1]?.peer;
  for (let n = 0; front.peers.size > 1 && n < 200; n += 1) {
    front.fanout.publish('north/all', large, 1, false);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(front.peers.size, 1);
  t.equal(slow?.isOpen, false);
  t.equal(slow?.send('42["x",1]'), false);
  t.equal(front.metrics.slowConsumers.total, 1);
  t.same(front.north.sessions[1]?.ends, [false]);
  t.match(await good.emitWithAck('north:echo', { text: 'on' }), { ok: true });
});

t.test('more than the transport holds in one turn ends the socket and not the process', async (t) => {
  const front = await startEventFront(t);
  const good = await connected(eventClient(t, front));
  await stalled(t, front);
  await stalled(t, front);
  for (let n = 0; n < 100; n += 1) front.fanout.publish('north/all', large, 3, false);
  await until(() => front.peers.size === 1);
  await stalled(t, front);
  const slow = front.north.sessions.at(-1)?.peer;
  for (let n = 0; n < 100; n += 1) slow?.send(large);
  await until(() => front.peers.size === 1);
  t.equal(front.metrics.slowConsumers.total, 3);
  t.match(await good.emitWithAck('north:echo', { text: 'on' }), { ok: true });
});

t.test('a client that polls no more is bounded by the same bytes', async (t) => {
  const front = await startEventFront(t);
  const poller = await RawPoller.connect(front.url);
  await until(() => front.north.sessions.length === 1);
  const peer = front.north.sessions[0]?.peer;
  peer?.subscribe('north/all');
  let most = 0;
  for (let n = 0; peer?.isOpen === true && n < 100; n += 1) {
    front.fanout.publish('north/all', large, 1, false);
    most = Math.max(most, peer.bufferedBytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(peer?.isOpen, false);
  t.ok(most > limits.outboxBytesMax - 1_000_000 && most < limits.outboxBytesMax + 1_000_000, `${most} bytes`);
  await until(() => front.peers.size === 0);
  t.equal(front.metrics.slowConsumers.total, 1);
  t.equal((await poller.poll()).status, 400, 'its session is gone');
});

t.test('one that polls slowly gets everything', async (t) => {
  const front = await startEventFront(t);
  const poller = await RawPoller.connect(front.url);
  await until(() => front.north.sessions.length === 1);
  const peer = front.north.sessions[0]?.peer;
  for (let n = 0; n < 12; n += 1) {
    for (let m = 0; m < 6; m += 1) peer?.send(large);
    await new Promise((resolve) => setImmediate(resolve));
    const { text } = await poller.poll();
    t.ok(text.length >= 500_000);
  }
  t.equal(peer?.isOpen, true);
});
