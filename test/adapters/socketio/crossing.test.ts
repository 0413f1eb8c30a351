/** One Socket.IO server, two APIs on it: whose client a socket is, and that nothing crosses. */
import t from 'tap';
import { limits } from '../../../src/domain/limits.ts';
import { connected, eventClient, record, startEventFront } from '../../kit/clients/event-front.ts';
import { ann } from '../../kit/clients/http-front.ts';
import { until } from '../../kit/log-entries.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';

t.test('who says which API it speaks gets that one, others get the first', async (t) => {
  const front = await startEventFront(t);
  const south = await connected(eventClient(t, front, { auth: { token: 'ann', api: 'south' } }));
  const north = await connected(eventClient(t, front));
  t.match(await south.emitWithAck('south:echo', { text: 'x' }), { ok: true });
  t.match(await north.emitWithAck('north:echo', { text: 'x' }), { ok: true });
  t.match(await south.emitWithAck('north:echo', { text: 'x' }), { api: 'south', code: 'unknown_op' });
  t.match(await north.emitWithAck('south:echo', { text: 'x' }), { api: 'north', code: 'unknown_op' });
  t.same([front.north.sessions.length, front.south.sessions.length], [1, 1]);
  t.equal(front.south.ran.length + front.north.ran.length, 2);
});

t.test('the first event of a client that does not say hands its socket over, and runs there', async (t) => {
  let ready = (): void => undefined;
  const wait = new Promise<null>((resolve) => {
    ready = () => resolve(null);
  });
  const front = await startEventFront(t, { south: { ready: () => wait } });
  const socket = eventClient(t, front);
  const events = record(socket);
  await connected(socket);
  t.match(await socket.emitWithAck('nobody:knows', 1), { api: 'north' }, 'an unknown name settles nothing');
  const [session] = front.north.sessions;
  session?.peer.subscribe('north/all');
  const answers: unknown[] = [];
  socket.emit('south:join', 'all', (answer: unknown) => answers.push(answer));
  socket.emit('south:echo', { text: 'second' }, (answer: unknown) => answers.push(answer));
  socket.emit('north:echo', { text: 'third' }, (answer: unknown) => answers.push(answer));
  await until(() => front.south.sessions.length === 1);
  t.same(session?.ends, [false], 'the first session is over');
  t.equal(session?.peer.isOpen, false);
  t.equal(session?.peer.send('42["late",1]'), false, 'and reaches nobody');
  t.same(front.south.ran, [], 'nothing runs before the other is ready');
  ready();
  await until(() => answers.length === 3);
  t.match(answers, [
    { ok: true },
    { ok: true, text: 'second' },
    { ok: false, api: 'south', code: 'unknown_op' },
  ]);
  t.same(front.south.ran, ['join all', 'echo second']);
  front.fanout.publish('north/all', '42["posted",{"api":"north"}]', 1, false);
  front.fanout.publish('south/all', '42["posted",{"api":"south"}]', 1, false);
  await until(() => events.length === 3);
  t.same(
    events.map(({ name, argument }) => [name, argument]),
    [
      ['welcome', 'north'],
      ['welcome', 'south'],
      ['posted', { api: 'south' }],
    ],
  );
  t.equal(front.south.sessions[0]?.peer.id, socket.id);
  socket.disconnect();
  await until(() => front.peers.size === 0);
  t.same(session?.ends, [false], 'ended once');
  t.same(front.south.sessions[0]?.ends, [true]);
});

t.test('who shows nothing is somebody only where its dialect knows it and says so', async (t) => {
  const front = await startEventFront(t, { south: { anonymous: { ...ann, id: 'nobody' } } });
  const south = await connected(eventClient(t, front, { auth: { api: 'south' } }));
  t.match(await south.emitWithAck('south:echo', { text: 'x' }), { ok: true });
  t.match(front.south.sessions[0], { auth: { api: 'south' }, peer: { principal: { id: 'nobody' } } });
  await t.rejects(connected(eventClient(t, front, { auth: {} })), { message: 'north says unauthenticated' });
  const wrong = { api: 'south', token: 'wrong' };
  await t.rejects(connected(eventClient(t, front, { auth: wrong })), {
    message: 'south says unauthenticated',
  });
});

t.test('what a client says of itself is looked at by the dialect that it names', async (t) => {
  const front = await startEventFront(t, { south: { isWordy: true } });
  const auth = { token: 'ann', api: 'south' };
  await t.rejects(connected(eventClient(t, front, { auth: { ...auth, who: 'bob' } })), {
    message: 'south says forbidden',
  });
  await connected(eventClient(t, front, { auth: { ...auth, who: 'ann' } }));
  await connected(eventClient(t, front, { auth: { token: 'ann', who: 'bob' } }));
  t.same([front.south.sessions.length, front.north.sessions.length], [1, 1]);
});

t.test('refusals are events where a dialect says so, acknowledged or not', async (t) => {
  const front = await startEventFront(t, { south: { isWordy: true } });
  const socket = await connected(eventClient(t, front, { auth: { token: 'ann', api: 'south' } }));
  const events = record(socket);
  socket.emit('south:later', { text: 'no' });
  socket.emit('south:echo', 'no object');
  t.match(await socket.emitWithAck('south:unknown', {}), { ok: false });
  await until(() => events.length === 3);
  t.same(
    events.map(({ argument }) => argument),
    [
      { code: 'invalid_request', event: 'south:echo' },
      { code: 'unknown_op', event: 'south:unknown' },
      { code: 'forbidden', event: 'south:later' },
    ],
  );
});

t.test('a client that is gone while its socket is handed over ends both sessions once', async (t) => {
  const front = await startEventFront(t, { south: { ready: () => new Promise(() => undefined) } });
  const socket = await connected(eventClient(t, front));
  socket.emit('south:echo', { text: 'never' });
  await until(() => front.south.sessions.length === 1);
  socket.io.engine.close();
  await until(() => front.peers.size === 0);
  t.same([front.north.sessions[0]?.ends, front.south.sessions[0]?.ends], [[false], [false]]);
  t.same(front.south.ran, []);
});

t.test('a socket that another dialect cannot make ready in time is closed, and comes back', async (t) => {
  const clock = MovedClock.still();
  const front = await startEventFront(t, { clock, south: { ready: () => new Promise(() => undefined) } });
  const socket = await connected(eventClient(t, front));
  const ended = new Promise((resolve) => socket.once('disconnect', resolve));
  socket.emit('south:echo', { text: 'never' });
  await until(() => front.south.sessions.length === 1);
  clock.advance(limits.eventReadyMsMax - 1_000);
  t.equal(front.peers.size, 1);
  clock.advance(1_000);
  t.equal(await ended, 'transport close', 'not for good');
  t.same(front.south.sessions[0]?.ends, [false]);
});

t.test('what a dialect breaks in a refusal ends nobody else, whenever it does', async (t) => {
  const front = await startEventFront(t, { south: { refusalThrows: true } });
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  process.on('unhandledRejection', fail);
  t.teardown(() => process.off('unhandledRejection', fail));
  const bystander = await connected(eventClient(t, front));
  const first = await connected(eventClient(t, front));
  const ended = new Promise((resolve) => first.once('disconnect', resolve));
  first.emit('south:echo', { text: 1 }, () => undefined);
  t.equal(await ended, 'transport close', 'in the first event of a socket that was handed over');
  const later = await connected(eventClient(t, front, { auth: { token: 'ann', api: 'south' } }));
  later.emit('south:later', { text: 'no' }, () => undefined);
  await until(() => front.logged.length + failures.length >= 3);
  t.same(failures, []);
  t.match(front.logged[0], /^A socket could not be handed over/);
  t.match(front.logged.slice(1), [/^An event could not be handled/, /^A refusal could not be told/]);
  t.match(await bystander.emitWithAck('north:echo', { text: 'on' }), { ok: true });
});

t.test('many clients of both, on topics of one name, with the same words', async (t) => {
  const front = await startEventFront(t);
  const clients = await Promise.all(
    Array.from({ length: 12 }, async (_, n) => {
      const api = n % 2 === 0 ? 'north' : 'south';
      const transports = n % 3 === 0 ? ['polling'] : ['websocket'];
      const auth = n < 6 ? { token: 'ann', api } : { token: 'ann' };
      const socket = eventClient(t, front, { transports, auth });
      const events = record(socket);
      await connected(socket);
      await socket.emitWithAck(`${api}:join`, 'all');
      return { api, socket, events };
    }),
  );
  await Promise.all(
    clients.map(({ api, socket }) => socket.emitWithAck(`${api}:post`, { topic: 'all', text: 'hello' })),
  );
  const posted = (events: ReturnType<typeof record>) => events.filter(({ name }) => name === 'posted');
  await until(() => clients.every(({ events }) => posted(events).length >= 6));
  for (const { api, events } of clients) {
    t.same(
      posted(events).map(({ argument }) => argument),
      Array.from({ length: 6 }, () => ({ api, text: 'hello' })),
    );
  }
});
