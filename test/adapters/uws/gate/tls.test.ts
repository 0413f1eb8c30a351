import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import t from 'tap';
import { checkTlsFiles } from '../../../../src/adapters/uws/gate/tls-files.ts';
import { connectRaw, echo, startFront, testDialect } from '../../../kit/clients/http-front.ts';
import { makeCertificates } from '../../../kit/outside/certificates.ts';

const certificates = await makeCertificates(t);
const { server, ca, caFile, dir } = certificates;

t.test('a front end with a certificate speaks https, and nothing else', async (t) => {
  const front = await startFront(t, [testDialect([echo])], {}, [], server);
  t.match(front.url, /^https:/);
  const asked = request(`${front.url}/t/echo/1`, {
    ca,
    method: 'POST',
    headers: { authorization: 'Bearer ann', 'content-type': 'application/json' },
  });
  asked.end('{"content":"over TLS"}');
  const [answer] = await once(asked, 'response');
  t.equal(answer.statusCode, 201);
  t.match(answer.headers, { 'strict-transport-security': /max-age/ });
  let text = '';
  for await (const piece of answer) text += piece;
  t.match(JSON.parse(text), { content: 'over TLS', by: 'ann' });
  const plain = await connectRaw(t, front.port);
  plain.write('GET /t/nowhere HTTP/1.1\r\nHost: a\r\n\r\n');
  t.notMatch(await plain.ended, /HTTP/);
});

t.test('a pair that cannot work is said in a sentence at start', async (t) => {
  const junk = join(dir, 'junk.pem');
  await writeFile(junk, 'no certificate');
  const gone = join(dir, 'gone.pem');
  const broken: [Parameters<typeof checkTlsFiles>[0], RegExp][] = [
    [{ ...server, certFile: gone }, /PARLEY_TLS_CERT cannot be read: ENOENT/],
    [{ ...server, keyFile: gone }, /PARLEY_TLS_KEY cannot be read: ENOENT/],
    [{ ...server, certFile: junk }, /PARLEY_TLS_CERT: .* is not in PEM form/],
    [{ ...server, keyFile: junk }, /PARLEY_TLS_KEY: .* is not in PEM form/],
    [{ ...server, keyFile: certificates.client.keyFile }, /is not that of the certificate/],
  ];
  for (const [files, message] of broken) {
    t.throws(() => checkTlsFiles(files), { message });
    await t.rejects(startFront(t, [], {}, [], files), { message });
  }
  const copy = join(dir, 'copy.crt');
  await copyFile(server.certFile, copy);
  t.doesNotThrow(() => checkTlsFiles({ ...server, certFile: copy }));
  t.ok(caFile);
});
