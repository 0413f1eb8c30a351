import t from 'tap';
import { readConsoleFiles } from '../../src/adapters/console-files/read-console-files.ts';
import type { HttpDialect } from '../../src/contract/operation.ts';
import { consolePolicy, consoleRoutes } from '../../src/ops/console.ts';
import type { ConsoleFile } from '../../src/ports/http/console-files.ts';
import { startFront, testDialect } from '../kit/clients/http-front.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const page: ConsoleFile = {
  contentType: 'text/html; charset=utf-8',
  etag: '"page"',
  bytes: bytes('<!doctype html>'),
  brotli: bytes('as brotli'),
  gzip: bytes('as gzip'),
};
const script: ConsoleFile = {
  contentType: 'text/javascript; charset=utf-8',
  etag: '"script"',
  bytes: bytes('export {}'),
  brotli: null,
  gzip: null,
};
const files = { page, assets: new Map([['index-1a2b.js', script]]) };
const dialect = (given: Parameters<typeof consoleRoutes>[0]): HttpDialect =>
  testDialect(consoleRoutes(given), { prefixes: ['/console'] });

t.test('the page is asked for again and again, and may load nothing but its own', async (t) => {
  const { url } = await startFront(t, [dialect(files)]);
  const plain = { 'accept-encoding': 'identity' };
  for (const path of ['/console', '/console/', '/console?x=1']) {
    const answer = await fetch(url + path, { headers: plain });
    t.equal(await answer.text(), '<!doctype html>', path);
    t.match(Object.fromEntries(answer.headers), {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': consolePolicy,
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
      etag: '"page"',
    });
  }
  t.match(consolePolicy, /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';/);
  t.notMatch(consolePolicy, /unsafe|\*/);
  const known = await fetch(`${url}/console`, { headers: { 'if-none-match': 'W/"page"' } });
  t.equal(known.status, 304);
  t.equal(await known.text(), '');
  const head = await fetch(`${url}/console`, { method: 'HEAD', headers: plain });
  t.equal(head.headers.get('content-length'), '15');
  t.equal(await head.text(), '');
  t.equal((await fetch(`${url}/console`, { method: 'POST' })).status, 405);
});

t.test('its files never change, and come as the client takes them', async (t) => {
  const { url } = await startFront(t, [dialect(files)]);
  const asset = await fetch(`${url}/console/assets/index-1a2b.js`);
  t.equal(await asset.text(), 'export {}');
  t.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  for (const name of ['index-0000.js', '..%2findex.html', 'constructor', '%ff'])
    t.equal((await fetch(`${url}/console/assets/${name}`)).status, name === '%ff' ? 400 : 404, name);
  const encodingFor = async (accepted: string): Promise<string | null> => {
    const answer = await fetch(`${url}/console`, {
      method: 'HEAD',
      headers: { 'accept-encoding': accepted },
    });
    return answer.headers.get('content-encoding');
  };
  t.equal(await encodingFor('gzip, deflate, br, zstd'), 'br');
  t.equal(await encodingFor('GZIP;q=0.5'), 'gzip');
  t.equal(await encodingFor('br;q=0, gzip;q=0.0'), null);
  t.equal(await encodingFor('deflate'), null);
});

t.test('where it was not built, a sentence says so', async (t) => {
  const dir = t.testdir({});
  t.equal(await readConsoleFiles(dir), null);
  const { url } = await startFront(t, [dialect(null)]);
  const answer = await fetch(`${url}/console`);
  t.equal(answer.status, 404);
  t.match(await answer.json(), { message: 'The console was not built here: make build makes it.' });
  t.equal((await fetch(`${url}/console/assets/index-1a2b.js`)).status, 404);
});
