/** Clients of the real socket.io-client, by both transports: connect, events, acknowledgements, topics. */
import t from 'tap';
import { Problem } from '../../../src/domain/problem.ts';
import { connected, eventClient, record, startEventFront } from '../../kit/clients/event-front.ts';
import { until } from '../../kit/log-entries.ts';

const transports = [['websocket'], ['polling'], ['polling', 'websocket']];

for (const list of transports) {
  const by = list.join(' then ');
  t.test(`by ${by}: connects, is answered, and gets what its topic is published`, async (t) => {
    const front = await startEventFront(t);
    const socket = eventClient(t, front, { transports: list });
    const events = record(socket);
    const first = new Promise((resolve) => {
      socket.once('connect', () => socket.emit('north:echo', { text: 'at once' }, resolve));
    });
    await connected(socket);
    t.same(await first, { ok: true, text: 'at once' }, 'an event inside of connect is not lost');
    t.same(await socket.emitWithAck('north:later', { text: 'yes' }), { ok: true, text: 'yes' });
    t.same(await socket.emitWithAck('north:join', 'all'), { ok: true });
    for (let n = 0; n < 20; n += 1) socket.emit('north:post', { topic: 'all', text: `${n}` });
    await until(() => events.length === 21);
    t.same(events[0], { name: 'welcome', argument: 'north' }, 'what was sent before connect comes behind it');
    t.same(
      events.slice(1).map(({ argument }) => (argument as { text: string }).text),
      Array.from({ length: 20 }, (_, n) => `${n}`),
    );
    t.same(await socket.emitWithAck('north:leave', 'all'), { ok: true });
    await socket.emitWithAck('north:post', { topic: 'all', text: 'unheard' });
    t.equal(events.length, 21);
    t.equal(front.north.sessions[0]?.peer.id, socket.id);
    socket.disconnect();
    await until(() => front.peers.size === 0);
    t.same(front.north.sessions[0]?.ends, [true], 'it said goodbye');
    t.same(front.logged, []);
  });
}

t.test('a refused client is told why, and may not send', async (t) => {
  const front = await startEventFront(t);
  await t.rejects(connected(eventClient(t, front, { auth: {} })), { message: 'north says unauthenticated' });
  await t.rejects(connected(eventClient(t, front, { auth: { token: 'gone' } })), {
    message: 'north says suspended',
  });
  await t.rejects(connected(eventClient(t, front, { auth: { token: 'wrong', api: 'south' } })), {
    message: 'south says unauthenticated',
  });
  await t.rejects(connected(eventClient(t, front, { auth: { token: 'ann' } }).io.socket('/admin')), {
    message: 'Invalid namespace',
  });
  t.equal(front.north.sessions.length, 0);
  t.equal((await connected(eventClient(t, front, { auth: { token: 'slow' } }))).connected, true);
});

t.test('refused events are answered in the words of their dialect', async (t) => {
  const front = await startEventFront(t);
  const socket = await connected(eventClient(t, front));
  const refusals: [string, unknown, string][] = [
    ['north:echo', { text: 1 }, 'invalid_request'],
    ['north:echo', undefined, 'invalid_request'],
    ['north:echo', { text: 'a\0b' }, 'invalid_request'],
    ['north:echo', { text: 'x'.repeat(600_000) }, 'too_large'],
    ['north:later', { text: 'no' }, 'forbidden'],
    ['north:throw', {}, 'internal'],
    ['nobody:knows', {}, 'unknown_op'],
    ['south:echo', { text: 'x' }, 'unknown_op'],
  ];
  for (const [event, argument, code] of refusals) {
    const answer = await socket.emitWithAck(event, ...(argument === undefined ? [] : [argument]));
    t.match(answer, { ok: false, api: 'north', code, event });
  }
  t.equal(front.logged.length, 1, 'only our own mistake is logged');
});

t.test('a session that is not ready sends its client back', async (t) => {
  const problems = [new Problem('unavailable'), null];
  const front = await startEventFront(t, { north: { ready: async () => problems.shift() ?? null } });
  const socket = eventClient(t, front, { reconnection: true, reconnectionDelay: 10 });
  socket.connect();
  await until(() => socket.connected);
  t.equal(front.north.sessions.length, 2);
  t.same(front.north.sessions[0]?.ends, [false]);
});
