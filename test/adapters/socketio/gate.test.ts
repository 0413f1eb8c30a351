/** Socket.IO clients pass the gate of all other sockets. */
import t from 'tap';
import { WebSocket } from 'ws';
import { openRateLimiter } from '../../../src/core/limits/rate-limiter.ts';
import { rates } from '../../../src/domain/limiting/rates.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { RateLimiter } from '../../../src/ports/limits/rate-limiter.ts';
import { connected, type EventFront, eventClient, startEventFront } from '../../kit/clients/event-front.ts';
import { RawPoller } from '../../kit/clients/raw-poller.ts';
import { until } from '../../kit/log-entries.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';

type Headers = Readonly<Record<string, string>>;

const opening = '/socket.io/?EIO=4&transport=polling';

/** Statuses of the two ways to begin; 101 for a WebSocket that opens. */
async function begin(front: EventFront, headers: Headers): Promise<[number, number]> {
  const poll = await fetch(`${front.url}${opening}`, { headers });
  await poll.text();
  const socket = new WebSocket(`${front.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    headers,
  });
  const status = await new Promise<number>((resolve) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0));
    socket.on('error', () => undefined);
  });
  socket.terminate();
  return [poll.status, status];
}

t.test('origins: none, our own and named ones', async (t) => {
  const front = await startEventFront(t, { origins: ['https://app.example'] });
  t.same(await begin(front, {}), [200, 101]);
  t.same(await begin(front, { Origin: front.url }), [200, 101]);
  t.same(await begin(front, { Origin: 'https://app.example' }), [200, 101]);
  t.same(await begin(front, { Origin: 'https://evil.example' }), [403, 403]);
  t.same(await begin(front, { Origin: 'null' }), [403, 403]);
  const poller = await RawPoller.open(front.url, { Origin: 'https://app.example' });
  const answers = [
    await poller.post('40{"token":"ann"}'),
    await poller.poll(),
    await poller.post('not a packet'),
  ];
  for (const { headers } of answers) {
    t.equal(headers.get('access-control-allow-origin'), 'https://app.example');
    t.equal(headers.get('access-control-allow-credentials'), 'true');
    t.equal(headers.get('x-content-type-options'), 'nosniff');
    t.equal(headers.get('cache-control'), 'no-store');
    t.match(headers.get('content-security-policy'), /default-src 'none'/);
  }
  const stolen = await RawPoller.open(front.url);
  const other = await fetch(stolen.url, { headers: { Origin: 'https://evil.example' } });
  t.equal(other.status, 403, 'also with the id of a connection');
});

t.test('a preflight is answered for pages that are named', async (t) => {
  const front = await startEventFront(t, { origins: ['https://app.example'] });
  const ask = (origin: string) =>
    fetch(`${front.url}${opening}`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });
  const allowed = await ask('https://app.example');
  t.equal(allowed.status, 204);
  t.match(allowed.headers.get('access-control-allow-methods'), /POST/);
  t.match(allowed.headers.get('access-control-allow-headers'), /Authorization/);
  t.equal((await ask('https://evil.example')).headers.get('access-control-allow-origin'), null);
});

t.test('a cookie counts from a page of our own, or from a program', async (t) => {
  const front = await startEventFront(t, { origins: ['*'] });
  const by = (transports: string[], extraHeaders: Headers) =>
    connected(
      eventClient(t, front, { auth: {}, transports, extraHeaders: { Cookie: 'token=ann', ...extraHeaders } }),
    );
  for (const transports of [['websocket'], ['polling']]) {
    t.equal((await by(transports, { Origin: front.url })).connected, true);
    t.equal((await by(transports, {})).connected, true);
    for (const strange of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
      await t.rejects(by(transports, strange), { message: 'north says unauthenticated' });
    }
  }
  t.equal((await by(['polling'], { 'Sec-Fetch-Site': 'same-origin' })).connected, true);
});

t.test('a node that drains refuses new connections, and goes on with those it has', async (t) => {
  const front = await startEventFront(t);
  const poller = await RawPoller.connect(front.url);
  front.sockets.refuseNew();
  t.same(await begin(front, {}), [503, 503]);
  await poller.post('421["north:echo",{"text":"x"}]');
  t.match((await poller.poll()).text, /431\[\{"ok":true/);
});

t.test('the headers of common.md hold for all events of a connection', async (t) => {
  const front = await startEventFront(t);
  const extraHeaders = {
    'X-Env': 'stage',
    'X-Data-Class': 'pii',
    'X-Policy-Ref': 'p1',
    'X-Org-Id': 'tenant-a',
  };
  for (const transports of [['websocket'], ['polling']]) {
    await connected(eventClient(t, front, { transports, extraHeaders }));
    t.same(front.north.sessions.at(-1)?.peer.context, { env: 'stage', dataClass: 'pii', policyRef: 'p1' });
  }
  t.same(await begin(front, { 'X-Env': 'moon' }), [400, 400]);
  const foreign = eventClient(t, front, { extraHeaders: { 'X-Org-Id': 'tenant-b' } });
  await t.rejects(connected(foreign), { message: 'north says forbidden' });
});

t.test('no spelling of an id that is none goes around the gate', async (t) => {
  const front = await startEventFront(t);
  front.sockets.refuseNew();
  for (const sid of ['sid=', 'sid', 'sid=x&sid=', '%73id=', 'sid=x&%73id=']) {
    t.equal((await fetch(`${front.url}${opening}&${sid}`)).status, 503, sid);
  }
  t.equal((await fetch(`${front.url}${opening}&sid=&sid=x`)).status, 400);
});

t.test('who is nameless has a place of few, who said its name has one of its own', async (t) => {
  // Its clock stands still: by the time all are there the first may have been nameless for too long.
  const front = await startEventFront(t, { clock: MovedClock.still() });
  const pollers = await Promise.all(
    Array.from({ length: limits.anonymousSocketsPerAddressMax }, () => RawPoller.open(front.url)),
  );
  t.equal(front.metrics.anonymousSockets.total, limits.anonymousSocketsPerAddressMax);
  t.same(await begin(front, {}), [503, 503]);
  await pollers[0]?.post('40{"token":"ann"}');
  await until(() => front.north.sessions.length === 1);
  t.equal(front.metrics.anonymousSockets.total, limits.anonymousSocketsPerAddressMax - 1);
  t.same(await begin(front, {}), [200, 503]);
});

t.test('what Engine.IO refuses leaves no place taken', async (t) => {
  const front = await startEventFront(t);
  const refused = [
    'EIO=3&transport=polling',
    'EIO=4&transport=pigeon',
    'EIO=4',
    '',
    'EIO=4&transport=websocket',
  ];
  for (const query of refused) t.equal((await fetch(`${front.url}/socket.io/?${query}`)).status, 400, query);
  t.equal((await fetch(`${front.url}${opening}`, { method: 'POST', body: 'x' })).status, 400);
  await until(() => front.metrics.anonymousSockets.total === 0);
  t.equal(front.peers.size, 0);
});

t.test('guesses and handshakes are rated by the address behind trusted proxies', async (t) => {
  // Its clock stands still: on a slow machine guesses would be forgiven as fast as they come.
  const clock = { monotonicMs: () => 1_000 };
  const limiter = openRateLimiter(true, { clock, metrics: quietMetrics() });
  const front = await startEventFront(t, { rates: limiter, proxies: ['127.0.0.1'] });
  const guess = (forwarded: string) =>
    connected(
      eventClient(t, front, { auth: { token: 'wrong' }, extraHeaders: { 'X-Forwarded-For': forwarded } }),
    ).then(
      () => 'in',
      (error: Error) => error.message,
    );
  const answers: string[] = [];
  const most = Math.ceil((rates.refused.address?.burst ?? 0) + 20);
  for (let n = 0; n < most && answers.at(-1) !== 'north says rate_limited'; n += 1) {
    answers.push(await guess('203.0.113.7'));
  }
  t.equal(answers.at(-1), 'north says rate_limited');
  t.equal(await guess('203.0.113.8'), 'north says unauthenticated', 'another client goes on');
  t.ok((front.metrics.rejectedHandshakes.totals.get('unauthenticated') ?? 0) > 1);
});

t.test('events take from the rate of their declaration', async (t) => {
  const taken: (string | null)[] = [];
  const limiter: RateLimiter = {
    take(caller, _origin, rateClass) {
      taken.push(`${caller?.id ?? 'nobody'} ${rateClass}`);
      return rateClass === 'write' ? new Problem('rate_limited') : null;
    },
  };
  const front = await startEventFront(t, { rates: limiter });
  const socket = await connected(eventClient(t, front));
  t.match(await socket.emitWithAck('north:echo', { text: 'x' }), { ok: false, code: 'rate_limited' });
  t.match(await socket.emitWithAck('nobody:knows'), { ok: false, code: 'rate_limited' }, 'unknown ones, too');
  t.same(taken.slice(-3), ['nobody handshake', 'ann write', 'ann write']);
  t.same(front.north.ran, []);
});
