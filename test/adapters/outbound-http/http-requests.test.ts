/** Runs alone: it asks how long what fails takes to fail. */
import t from 'tap';
import { openHttpRequests } from '../../../src/adapters/outbound-http/http-requests.ts';
import { limits } from '../../../src/domain/limits.ts';
import { until } from '../../kit/log-entries.ts';
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
    const http = openHttpRequests({ timeoutMs: 400 });
    t.teardown(() => http.close());
    const moods = { gone: 'away', silent: 'late', huge: 'too_large', cut: 'away' } as const;
    for (const [mood, fault] of Object.entries(moods)) {
      await server.be(mood as keyof typeof moods);
      const start = performance.now();
      t.equal(await http.send(get(server.url)), fault, mood);
      t.ok(performance.now() - start < 2000, `${mood} in time`);
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
