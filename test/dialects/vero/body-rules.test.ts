/** vero.md §1 of every operation that may carry a body: its size, its type, its bytes, what it must be. */
import t from 'tap';
import { call } from '../../kit/clients/http-client.ts';
import { refusal, startChat } from './chat/stage.ts';

t.setTimeout(180_000);
const kibibytes256 = 262_144;
/** A valid body of so many bytes: fields that nobody knows are ignored. */
const padded = (bytes: number) => JSON.stringify({ pad: 'x'.repeat(bytes - '{"pad":""}'.length) });
/** Webhooks are below /v1, too, and are not Vero's. */
const roots = /^\/(?:auth|v1\/(?!webhooks))/;

t.test('every operation has the same rules for bodies, also where it takes none', async (t) => {
  const { ann, node } = await startChat(t);
  const { body: document } = await call(node, 'GET', '/docs/openapi.json');
  const lines = Object.entries<Record<string, unknown>>(document.paths)
    .filter(([path]) => roots.test(path))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => [method.toUpperCase(), path] as const))
    .filter(([method]) => ['POST', 'PATCH', 'DELETE'].includes(method))
    .sort(([, one], [, two]) => Number(one === '/auth/logout') - Number(two === '/auth/logout'));
  t.ok(lines.length > 30, `${lines.length} operations`);
  const nobody = '01920000-0000-7000-8000-000000000000';

  for (const [method, path] of lines) {
    // Nothing is there, so that nothing happens: every refusal below comes before anything is looked for.
    const at = path.replaceAll(/\{\w+\}/g, nobody);
    const send = async (body: string, type = 'application/json') =>
      refusal(await call(node, method, at, { token: ann.token, body, headers: { 'content-type': type } }));
    const line = `${method} ${path}`;
    t.equal(await send(padded(kibibytes256 + 1)), '413 payload_too_large', line);
    t.equal(await send('x'.repeat(kibibytes256 + 1), 'text/plain'), '413 payload_too_large', `${line}: size`);
    t.equal(await send('{}', 'text/plain'), '415 unsupported_media_type', line);
    t.equal(await send('{"a":'), '400 invalid_json', line);
    for (const body of ['[]', '"x"', '5', 'null', 'true', '[{}]'])
      t.equal(await send(body), '400 invalid_request', `${line}: ${body}`);
    t.not(await send(padded(kibibytes256)), '413 payload_too_large', `${line}: exactly as much as allowed`);
  }
});
