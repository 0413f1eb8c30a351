import t from 'tap';
import { openClock } from '../../src/adapters/system/clock.ts';
import { openApiDocument } from '../../src/contract/documents/openapi.ts';
import { limits } from '../../src/domain/limits.ts';
import { type OpsDeps, opsDialect } from '../../src/ops/index.ts';
import { readReadiness } from '../../src/ops/readiness.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { startFront } from '../kit/clients/http-front.ts';
import { until } from '../kit/log-entries.ts';

let isDraining = false;
let natsAnswer: () => Promise<string | null> | string | null = () => null;
let asked = 0;
const deps: OpsDeps = {
  version: '1.2.3',
  node: 'n1',
  clock: openClock(),
  checks: [
    { name: 'nats', check: () => natsAnswer() },
    { name: 'postgres', check: async () => null },
  ],
  isDraining: () => isDraining,
  metrics: async () => 'parley_sockets 1\n',
  metricsContentType: 'text/plain; version=0.0.4; charset=utf-8',
  jwks: () => ({ keys: [{ kty: 'OKP' }] }),
  documents: {
    openApi: () => {
      asked += 1;
      return '{"openapi":"3.1.0"}';
    },
    asyncApi: () => '{"asyncapi":"3.0.0"}',
    page: () => '<!doctype html>',
    llms: () => '# Parley',
    llmsFull: () => '# All of Parley',
    guides: () => [{ name: 'first', html: () => '<p>the first</p>' }],
  },
  console: null,
  links: { '/v1/socket': 'the native socket' },
};

t.test('the operational endpoints answer without a credential', async (t) => {
  const { url } = await startFront(t, [opsDialect(deps)]);
  const body = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
  t.match(await body('/healthz'), { status: 'ok', timestamp: /^\d{4}-\d\d-\d\dT[\d:.]{15}Z$/ });
  t.same(await body('/.well-known/jwks.json'), { keys: [{ kty: 'OKP' }] });
  t.same(await body('/docs/openapi.json'), { openapi: '3.1.0' });
  t.same(await body('/docs/openapi.json'), { openapi: '3.1.0' });
  t.equal(asked, 1, 'a document is made once');
  t.same(await body('/docs/asyncapi.json'), { asyncapi: '3.0.0' });
  t.match(await body('/docs/index.json'), {
    name: 'parley',
    version: '1.2.3',
    node: 'n1',
    links: { '/readyz': String, '/v1/socket': String },
  });
  t.same(await body('/docs/nothing'), { error: { code: 'not_found', message: 'There is no such path.' } });
  const metrics = await fetch(`${url}/metrics`);
  t.equal(metrics.headers.get('content-type'), deps.metricsContentType);
  t.equal(await metrics.text(), 'parley_sockets 1\n');
});

t.test('the documents are served once made, and the page may load its style only', async (t) => {
  const { url } = await startFront(t, [opsDialect(deps)]);
  const get = (path: string) => fetch(url + path, { redirect: 'manual' });
  const page = await get('/docs');
  t.equal(await page.text(), '<!doctype html>');
  t.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  const policy = page.headers.get('content-security-policy');
  t.match(policy, /^default-src 'none'; style-src 'self';/);
  t.notMatch(policy, /unsafe|script/);
  t.match(page.headers.get('cache-control'), /^public, max-age=\d+$/);
  const style = await get('/docs/docs.css');
  t.equal(style.headers.get('content-type'), 'text/css; charset=utf-8');
  t.match(await style.text(), /prefers-color-scheme: dark/);
  const llms = await get('/docs/llms.txt');
  t.equal(llms.headers.get('content-type'), 'text/plain; charset=utf-8');
  t.equal(await llms.text(), '# Parley');
  t.equal(await (await get('/docs/llms-full.txt')).text(), '# All of Parley');
});

t.test('who has a document already is not sent it again', async (t) => {
  const { url } = await startFront(t, [opsDialect(deps)]);
  const ask = (path: string, tag: string) => fetch(url + path, { headers: { 'If-None-Match': tag } });
  for (const path of ['/docs', '/docs/docs.css', '/docs/openapi.json', '/docs/llms-full.txt']) {
    const first = await fetch(url + path);
    await first.text();
    const tag = first.headers.get('etag') ?? '';
    t.match(tag, /^"[a-z0-9]+-[a-z0-9]+"$/, path);
    const again = await ask(path, `"other", W/${tag}`);
    t.same([again.status, await again.text(), again.headers.get('etag')], [304, '', tag], path);
    const changed = await ask(path, '"other"');
    t.same([changed.status, (await changed.text()) !== ''], [200, true], path);
  }
});

t.test('where clients of upstreams look for documents they are sent to ours', async (t) => {
  const { url } = await startFront(t, [opsDialect(deps)]);
  const places = {
    '/': '/docs',
    '/api/docs': '/docs',
    '/openapi.json': '/docs/openapi.json',
    '/api/openapi.json': '/docs/openapi.json',
    '/api/docs/openapi.json': '/docs/openapi.json',
    '/llms.txt': '/docs/llms.txt',
    '/llm.txt': '/docs/llms.txt',
    '/api/docs/llms.txt': '/docs/llms.txt',
    '/llms-full.txt': '/docs/llms-full.txt',
    '/api/docs/llms-full.txt': '/docs/llms-full.txt',
  };
  for (const [path, target] of Object.entries(places)) {
    const answer = await fetch(url + path, { redirect: 'manual' });
    t.same([answer.status, answer.headers.get('location')], [302, target], path);
    t.equal((await fetch(url + path)).status, 200, `${target} is there`);
  }
});

t.test('a node is ready when all it needs is, and it is not about to end', async (t) => {
  const { url } = await startFront(t, [opsDialect(deps)]);
  const ready = async (): Promise<unknown> => {
    const answer = await fetch(`${url}/readyz`);
    return [answer.status, await answer.json()];
  };
  t.same(await ready(), [200, { status: 'ready', checks: { nats: 'ok', postgres: 'ok' } }]);
  natsAnswer = () => 'not connected';
  t.same(await ready(), [503, { status: 'unready', checks: { nats: 'not connected', postgres: 'ok' } }]);
  natsAnswer = () => Promise.reject(new Error('connect nats://user:password@host'));
  t.same(await ready(), [503, { status: 'unready', checks: { nats: 'failed', postgres: 'ok' } }]);
  natsAnswer = () => {
    throw new Error('at once');
  };
  t.match(await ready(), [503, { checks: { nats: 'failed' } }]);
  natsAnswer = () => null;
  isDraining = true;
  t.same(await ready(), [503, { status: 'draining', checks: { nats: 'ok', postgres: 'ok' } }]);
  isDraining = false;
});

t.test('a check that does not answer has failed', async (t) => {
  const waits: number[] = [];
  const clock: Clock = {
    ...openClock(),
    after(ms, run) {
      waits.push(ms);
      setImmediate(run);
      return () => {};
    },
  };
  const never = { name: 'nats', check: () => new Promise<null>(() => {}) };
  t.same(await readReadiness([never], clock), { isReady: false, checks: { nats: 'does not answer' } });
  t.same(waits, [limits.readyCheckMsMax]);
});

t.test('they are in the documents', async (t) => {
  const facts = { title: 'Parley', version: '1', serverUrl: '/', cookieName: null };
  const { paths } = openApiDocument([opsDialect(deps)], facts) as { paths: object };
  t.ok(Object.keys(paths).includes('/readyz'));
  t.notOk(Object.keys(paths).includes('/llm.txt'), 'without the other addresses of the same things');
});

t.test('however many ask at once whether a node is ready, its servers are asked once', async (t) => {
  const { url, inFlight } = await startFront(t, [opsDialect(deps)]);
  let [checks, answer] = [0, (_words: null): void => undefined];
  natsAnswer = () => {
    checks += 1;
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  const asking = Array.from({ length: 20 }, () => fetch(`${url}/readyz`));
  await until(() => inFlight() === asking.length);
  const health = await fetch(`${url}/healthz`);
  t.equal(health.status, 200, 'nobody else waits for the servers');
  answer(null);
  const answers = await Promise.all(asking);
  t.same([...new Set(answers.map(({ status }) => status))], [200]);
  t.equal(checks, 1, `${checks} checks for 20 questions`);
  natsAnswer = () => null;
  t.equal((await fetch(`${url}/readyz`)).status, 200);
});

t.test('a guide is a page that may load its style and nothing else', async (t) => {
  const { url } = await startFront(t, [opsDialect(deps)]);
  const found = await fetch(`${url}/docs/guides/first`);
  t.equal(found.status, 200);
  t.equal(await found.text(), '<p>the first</p>');
  t.match(found.headers.get('content-security-policy'), /default-src 'none'; style-src 'self'/);
  const etag = found.headers.get('etag') ?? '';
  const again = await fetch(`${url}/docs/guides/first`, { headers: { 'if-none-match': etag } });
  t.equal(again.status, 304);
  t.equal((await fetch(`${url}/docs/guides/second`)).status, 404);
  const all = await fetch(`${url}/docs/guides`, { redirect: 'manual' });
  t.same([all.status, all.headers.get('location')], [302, '/docs/guides/concepts']);
});
