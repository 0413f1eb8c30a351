/** Whatever a client sends: it is refused or its connection ends, and everybody else goes on. */
import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import { limits } from '../../../src/domain/limits.ts';
import { connected, eventClient, startEventFront } from '../../kit/clients/event-front.ts';
import { connectRaw } from '../../kit/clients/http-front.ts';
import { RawPoller } from '../../kit/clients/raw-poller.ts';
import { until } from '../../kit/log-entries.ts';
import type { Teardown } from '../../kit/temporary.ts';

const front = await startEventFront(t);
const bystander = await connected(eventClient(t, front));
const failures: unknown[] = [];
process.on('unhandledRejection', (error) => failures.push(error));

/** The others go on, nothing was thrown, and no connection but the bystander's stays. */
async function stillServes(t: Pick<typeof import('tap').t, 'match' | 'same'>): Promise<void> {
  t.match(await bystander.timeout(25_000).emitWithAck('north:echo', { text: 'on' }), { ok: true });
  t.same(failures, []);
  t.same(front.logged, []);
}

/** A WebSocket of Engine.IO, connected unless `packet` is another first packet. */
async function rawSocket(t: Teardown, packet: string | null = '40{"token":"ann"}') {
  const socket = new WebSocket(`${front.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`);
  t.teardown(() => socket.terminate());
  socket.on('error', () => undefined);
  const texts: string[] = [];
  socket.on('message', (bytes) => texts.push(String(bytes)));
  const closed = once(socket, 'close').then(() => texts);
  const hasEnded = (): boolean => socket.readyState === WebSocket.CLOSED;
  await once(socket, 'open');
  if (packet !== null) {
    socket.send(packet);
    await until(() => texts.some((text) => text.startsWith('40')));
  }
  return { socket, texts, closed, hasEnded };
}

const ask = (id: number, ...event: unknown[]): string => `42${id}${JSON.stringify(event)}`;

t.test('events with any name are refused, and do nothing else', async (t) => {
  const { socket, texts } = await rawSocket(t);
  const names = [
    ...['error', 'newListener', 'removeListener', 'disconnect', 'disconnecting', 'connect', 'connection', ''],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'message', 'close', 'x'.repeat(10_000)],
    ...[0, -1, 1.5, 1e300],
  ];
  for (const [id, name] of names.entries()) socket.send(ask(id, name, { text: 'x' }));
  socket.send(ask(99, 'north:echo', { text: 'last' }));
  await until(() => texts.some((text) => text.startsWith('4399')));
  const acks = texts.filter((text) => text.startsWith('43'));
  t.equal(acks.length, names.length + 1);
  for (const [id, name] of names.entries()) {
    const ack = acks.find((text) => text.startsWith(`43${id}[`)) ?? '';
    t.match(JSON.parse(ack.slice(`43${id}`.length)), [{ code: 'unknown_op', event: String(name) }]);
  }
  t.equal(socket.readyState, WebSocket.OPEN);
  await stillServes(t);
});

t.test('arguments that are not what was declared are refused', async (t) => {
  const { socket, texts } = await rawSocket(t);
  const deep = `${'['.repeat(200)}${']'.repeat(200)}`;
  const events = [
    ...[
      '["north:echo"]',
      '["north:echo",null]',
      '["north:echo",1]',
      '["north:echo",[]]',
      '["north:echo",{}]',
    ],
    ...[
      '["north:echo",{"text":{}}]',
      '["north:echo",{"text":"\\u0000"}]',
      '["north:echo",{"text":"\\ud800"}]',
    ],
    ...[`["north:echo",{"text":"x","more":${deep}}]`, '["north:join",{"__proto__":{"length":1}}]'],
    ...['["north:echo",{"__proto__":{"text":"x"}}]', '["north:echo",{"constructor":{"text":"x"}}]'],
  ];
  for (const [id, event] of events.entries()) socket.send(`42${id}${event}`);
  await until(() => texts.filter((text) => text.startsWith('43')).length === events.length);
  for (const ack of texts.filter((text) => text.startsWith('43'))) t.match(ack, /"code":"invalid_request"/);
  socket.send('42["north:echo"]');
  socket.send('42["north:echo",{"text":"ok"},"further","ones"]');
  socket.send(ask(50, 'north:echo', { text: 'ok' }, { more: true }));
  await until(() => texts.some((text) => text.startsWith('4350')));
  t.match(texts.at(-1), /"text":"ok"/, 'further arguments are passed over');
  t.equal(
    texts.filter((text) => text.startsWith('43')).length,
    events.length + 1,
    'no ack that was not asked for',
  );
  t.equal({}.constructor, Object);
  await stillServes(t);
});

t.test(
  'binary events are refused with their pieces, acknowledgements of clients are passed over',
  async (t) => {
    const { socket, texts } = await rawSocket(t);
    socket.send('451-7["north:echo",{"_placeholder":true,"num":0}]');
    socket.send(Buffer.from([1, 2, 3]));
    await until(() => texts.some((text) => text.startsWith('437')));
    t.match(texts.at(-1), /"code":"invalid_request","reason":"binary"/);
    for (const ack of ['430[]', '4399999[1,2]', '43["x"]', '43[]', '461-1[{"_placeholder":true,"num":0}]'])
      socket.send(ack);
    socket.send(Buffer.from([1]));
    socket.send(ask(8, 'north:echo', { text: 'on' }));
    await until(() => texts.some((text) => text.startsWith('438')));
    await stillServes(t);
  },
);

const breaches: readonly (string | Buffer)[] = [
  ...[
    '4',
    '49',
    '4x',
    '42',
    '42x',
    '42[]',
    '42{}',
    '42[null]',
    '42[{}]',
    '42[["a"]]',
    '421',
    '42"x"',
    '42[1',
    '45',
    '451',
  ],
  ...[
    '451-',
    '450-["x"]',
    '4599-["x"]',
    '45999999999-["x"]',
    '451-["x"]',
    '46',
    '44{"message":"x"}',
    '40',
    '40{"token":"ann"}',
  ],
  ...[
    '42/admin,["x"]',
    '41/admin,',
    '43/x,1[]',
    '41x',
    '2',
    '2probe',
    '5',
    '0',
    '9',
    'x',
    '',
    '\u0000',
    '💥',
  ],
  ...[Buffer.from([1, 2, 3]), Buffer.from([0xff, 0xfe]), Buffer.alloc(0)],
  ...['451-["north:echo",{"_placeholder":true,"num":0}]42["x"]', `42${'9'.repeat(400)}["north:echo"]`],
];

for (const [n, breach] of breaches.entries()) {
  t.test(`breach ${n}: ${String(breach).slice(0, 30)}`, async (t) => {
    const { socket, closed, hasEnded, texts } = await rawSocket(t);
    socket.send(breach);
    socket.send(breach);
    socket.send(ask(1, 'north:echo', { text: 'x' }));
    await until(() => hasEnded() || texts.some((text) => text.startsWith('431')));
    socket.close();
    await closed;
    const poller = await RawPoller.connect(front.url);
    const { status } = await poller.post(breach);
    t.ok([200, 400, 411, 500].includes(status), `status ${status}`);
    await poller.post('1');
    await until(() => front.peers.size === 1);
    await stillServes(t);
  });
}

for (const connect of [
  '40"ann"',
  '40[1]',
  '401',
  '40null',
  '40{',
  '40{"token":{"a":1}}',
  '40{"token":null}',
  '40/admin,',
  '40/,{}',
  '42["x"]',
  '41',
  '43[]',
]) {
  t.test(`a first packet ${connect}`, async (t) => {
    const { socket, closed, hasEnded, texts } = await rawSocket(t, null);
    socket.send(connect);
    await until(() => hasEnded() || texts.some((text) => text.startsWith('44')));
    t.notOk(texts.some((text) => text.startsWith('40')));
    socket.close();
    await closed;
    await until(() => front.peers.size === 1);
    await stillServes(t);
  });
}

t.test('a namespace that does not exist may be asked for a few times', async (t) => {
  const { socket, closed } = await rawSocket(t);
  for (let n = 0; n < 100; n += 1) socket.send(`40/n${n},`);
  const texts = await closed;
  t.ok(texts.filter((text) => text.startsWith('44/n')).length < limits.helloFramesMax);
  await stillServes(t);
});

t.test('two CONNECT packets at once are one session too many', async (t) => {
  const before = front.north.sessions.length;
  const { socket, closed } = await rawSocket(t, null);
  socket.send('40{"token":"slow"}');
  socket.send('40{"token":"slow"}');
  await closed;
  await until(() => front.peers.size === 1);
  t.ok(front.north.sessions.slice(before).every(({ ends }) => ends.length === 1));
  await stillServes(t);
});

t.test('a message over 1 MB ends its connection', async (t) => {
  const { socket, closed } = await rawSocket(t);
  socket.send(ask(1, 'north:echo', { text: 'x'.repeat(limits.eventBodyBytesMax) }));
  await closed;
  const poller = await RawPoller.connect(front.url);
  const big = await poller.post('x'.repeat(limits.eventBodyBytesMax + 1)).catch(() => ({ status: 413 }));
  t.equal(big.status, 413);
  t.equal((await poller.poll()).status, 400);
  await until(() => front.peers.size === 1);
  await stillServes(t);
});

t.test('10,000 events in one body are each answered', async (t) => {
  const poller = await RawPoller.connect(front.url);
  const body = Array.from({ length: 10_000 }, (_, n) => ask(n, 'north:echo', { text: 'x' })).join('\x1e');
  t.equal((await poller.post(body)).text, 'ok');
  let acks = 0;
  while (acks < 10_000)
    acks += (await poller.poll()).text.split('\x1e').filter((text) => text.startsWith('43')).length;
  t.equal(acks, 10_000);
  const later = Array.from({ length: 10_000 }, (_, n) => ask(n, 'north:later', { text: 'x' })).join('\x1e');
  const ran = front.north.ran.length;
  t.equal((await poller.post(later)).text, 'ok');
  const answers: string[] = [];
  while (answers.length < 10_000) {
    answers.push(...(await poller.poll()).text.split('\x1e').filter((text) => text.startsWith('43')));
  }
  const refused = answers.filter((text) => text.includes('"overloaded"')).length;
  t.equal(front.north.ran.length - ran, 10_000 - refused);
  t.ok(refused > 0, `${refused} were too many at once`);
  await poller.post('1');
  await until(() => front.peers.size === 1);
  await stillServes(t);
});

t.test('more packets than one client may send at once end its connection', async (t) => {
  const before = front.north.ran.length;
  const poller = await RawPoller.connect(front.url);
  const event = '42["north:echo",{"text":"x"}]';
  await t.rejects(poller.post(Array.from({ length: 30_000 }, () => event).join('\x1e')));
  t.equal(front.north.ran.length, before, 'a body is refused unread');
  t.equal((await poller.poll()).status, 400);
  const { socket, closed, hasEnded } = await rawSocket(t);
  for (let n = 0; n < 200_000; n += 1) socket.send('42[1]');
  await until(() => hasEnded() || socket.bufferedAmount === 0);
  socket.close();
  await closed;
  await until(() => front.peers.size === 1);
  await stillServes(t);
});

t.test('garbage of requests and bodies', async (t) => {
  const paths = [
    ...[
      '/socket.io/',
      '/socket.io',
      '/socket.io/?EIO=4',
      '/socket.io/?EIO=4&transport=websocket',
      '/socket.io/?sid=__proto__',
    ],
    ...[
      '/socket.io/?EIO=4&transport=polling&sid=constructor',
      '/socket.io/?EIO=4&transport=polling&sid=',
      '/socket.io/?%',
    ],
    ...[
      '/socket.io/?EIO=4&transport=__proto__',
      '/socket.io/?EIO=4&transport=polling&j=0',
      '/socket.io/?__proto__=1',
    ],
  ];
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) {
      const init = method === 'POST' || method === 'PUT' ? { method, body: 'x' } : { method };
      const { status } = await fetch(`${front.url}${path}`, init);
      t.ok(status < 500, `${method} ${path} ${status}`);
    }
  }
  const bodies: readonly (string | Uint8Array)[] = [
    ...[
      '',
      'x',
      '\x1e\x1e\x1e',
      '4'.repeat(1_000),
      'b4AQID',
      'b',
      'bAAAA'.repeat(100),
      '42["north:echo"]\x1eb4AQID',
    ],
    ...[
      '6\x1e6\x1e6',
      '3\x1e3',
      '2\x1e2',
      '1\x1e42["north:echo",{"text":"after the end"}]',
      '41\x1e42["x"]',
      '4\x1e',
    ],
    new Uint8Array([0xff, 0xfe, 0, 0x1e, 0xc0]),
  ];
  for (const body of bodies) {
    const poller = await RawPoller.connect(front.url);
    t.ok([200, 400, 411, 500].includes((await poller.post(body)).status));
    t.ok([200, 400].includes((await poller.post('1')).status));
  }
  const poller = await RawPoller.connect(front.url);
  const binary = await poller.post('42["x"]', { 'Content-Type': 'application/octet-stream' });
  t.equal(binary.status, 400);
  await until(() => front.peers.size === 1);
  await stillServes(t);
});

t.test('requests that overlap, break off or say a wrong length', async (t) => {
  const path = (poller: RawPoller): string => poller.url.slice(front.url.length);
  // Two polls at once.
  const overlapping = await RawPoller.connect(front.url);
  const polls = await Promise.all([overlapping.poll(), overlapping.poll()]);
  t.ok(polls.every(({ status }) => status === 200 || status === 500));
  // A poll whose client is gone.
  const gone = await RawPoller.connect(front.url);
  const waiting = await connectRaw(t, front.port);
  waiting.write(`GET ${path(gone)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await until(() => front.peers.size === 2);
  waiting.destroy();
  await until(() => front.peers.size === 1);
  // A body that breaks off, and two at once.
  for (const length of [10, 100, 1_000]) {
    const poller = await RawPoller.connect(front.url);
    const body = await connectRaw(t, front.port);
    body.write(`POST ${path(poller)} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n42["n`);
    const second = await poller.post(ask(1, 'north:echo', { text: 'x' })).catch(() => ({ status: 0 }));
    t.ok([0, 200, 400, 500].includes(second.status));
    body.destroy();
    await until(() => front.peers.size === 1);
  }
  // Without a length, in pieces, and with a length that is none.
  for (const head of ['Transfer-Encoding: chunked', 'Content-Length: -1', 'Content-Length: x', 'X: y']) {
    const poller = await RawPoller.connect(front.url);
    const raw = await connectRaw(t, front.port);
    raw.write(`POST ${path(poller)} HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n5\r\n42["n\r\n0\r\n\r\n`);
    await raw.until(/HTTP/);
    raw.destroy();
    await poller.post('1').catch(() => undefined);
  }
  await until(() => front.peers.size === 1);
  await stillServes(t);
});

t.test('upgrades twice, of strangers, of nobody, and half ones', async (t) => {
  const poller = await RawPoller.connect(front.url);
  const url = `${poller.url.replace(/^http/, 'ws').replace('polling', 'websocket')}`;
  const upgrade = async (target: string, ...packets: (string | Buffer)[]) => {
    const socket = new WebSocket(target);
    t.teardown(() => socket.terminate());
    socket.on('error', () => undefined);
    const isOpen = await Promise.race([
      once(socket, 'open').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    if (isOpen) for (const packet of packets) socket.send(packet);
    return { socket, isOpen };
  };
  t.equal((await upgrade(`${url}x`)).isOpen, false, 'an unknown connection');
  const first = await upgrade(url, '2probe');
  t.equal(first.isOpen, true);
  t.equal((await upgrade(url)).isOpen, false, 'while another one is under way');
  const texts: string[] = [];
  first.socket.on('message', (bytes) => texts.push(String(bytes)));
  first.socket.send('5');
  await until(() => front.north.sessions.at(-1)?.peer.isOpen === true);
  first.socket.send(ask(1, 'north:echo', { text: 'x' }));
  await until(() => texts.some((text) => text.startsWith('431')));
  t.equal((await upgrade(url)).isOpen, false, 'of one that has it');
  first.socket.terminate();
  await until(() => front.peers.size === 1);
  for (const packets of [
    ['x'],
    ['5', '5'],
    ['2probe', 'x'],
    ['2probe', Buffer.from([1])],
    ['2probe', '2probe', '5', '5'],
    ['40'],
  ]) {
    const other = await RawPoller.connect(front.url);
    const target = other.url.replace(/^http/, 'ws').replace('polling', 'websocket');
    const { socket } = await upgrade(target, ...packets);
    await new Promise((resolve) => setTimeout(resolve, 5));
    socket.terminate();
    await other.post('1').catch(() => undefined);
  }
  await until(() => front.peers.size === 1);
  await stillServes(t);
});
