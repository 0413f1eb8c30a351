/** bench/examples/browser-page.html with the client beside it, as its comment says, from an origin of its own. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { repository, type Teardown } from '../temporary.ts';

const types: Readonly<Record<string, string>> = { js: 'text/javascript', html: 'text/html' };

/** Answers the origin. */
export async function serveExamplePage(t: Teardown): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const [, extension = ''] = /^\/(?:client\/[a-z0-9/-]+|browser-page)\.(js|html)$/.exec(pathname) ?? [];
    const folder = extension === 'js' ? 'dist/src' : 'bench/examples';
    readFile(join(repository, folder, pathname)).then(
      (bytes) => response.writeHead(200, { 'content-type': types[extension] ?? 'text/plain' }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
