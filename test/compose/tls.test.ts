/** A whole node over TLS: to its clients, to NATS and to Postgres, the projector's thread included. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import t from 'tap';
import { WebSocket } from 'ws';
import { openNatsServer } from '../../src/adapters/embedded/nats-server.ts';
import { openPostgres } from '../../src/adapters/embedded/postgres-server.ts';
import { serverVariables } from '../../src/adapters/jetstream/door/nats-credentials.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { makeCertificates } from '../kit/outside/certificates.ts';
import { testNatsBinary } from '../kit/servers/nats.ts';
import { makeTestCredentials, testPassword } from '../kit/servers/nats-credentials.ts';
import { startNode } from '../kit/servers/node.ts';
import { fastSettings } from '../kit/servers/postgres.ts';
import { quietPort, repository, temporaryDir } from '../kit/temporary.ts';

t.setTimeout(120_000);

t.test('everything a node says goes over TLS', async (t) => {
  const { server, caFile, ca } = await makeCertificates(t);
  const dir = await temporaryDir('tls');
  t.teardown(dir.remove);
  const configPath = join(dir.path, 'nats.conf');
  const base = await readFile(join(repository, 'nats-server.conf'), 'utf8');
  const [cert, key] = [JSON.stringify(server.certFile), JSON.stringify(server.keyFile)];
  await writeFile(configPath, `${base}\ntls { cert_file: ${cert}, key_file: ${key} }\n`);
  const [user, password] = ['core', testPassword];
  const nats = await openNatsServer({
    ...{
      binary: await testNatsBinary(),
      configPath,
      dataDir: dir.path,
      port: await quietPort(),
      variables: serverVariables(makeTestCredentials().credentials),
    },
  });
  t.teardown(() => nats.close());
  const tls = { ssl: 'on', ssl_cert_file: server.certFile, ssl_key_file: server.keyFile };
  const settings = { ...fastSettings, ...tls };
  const postgres = await openPostgres({ dataDir: dir.path, port: await quietPort(), settings });
  t.teardown(() => postgres.close());
  const node = await startNode(
    {
      nats: { url: nats.url, user, pass: password },
      database: { url: postgres.url },
      env: {
        NATS_URL: `tls://${user}:${password}@127.0.0.1:${nats.port}`,
        PARLEY_NATS_CA: caFile,
        PARLEY_DATABASE_CA: caFile,
        PARLEY_TLS_CERT: server.certFile,
        PARLEY_TLS_KEY: server.keyFile,
        PARLEY_ADMIN_EMAIL: 'root@example.org',
        PARLEY_ADMIN_PASSWORD: 'a long password',
      },
    },
    t,
  );
  t.match(node.url, /^https:/);
  const body = JSON.stringify({ email: 'root@example.org', password: 'a long password' });
  const asked = request(`${node.url}/auth/login`, {
    ca,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  asked.end(body);
  const [answer] = await once(asked, 'response');
  const { access_token: token } = JSON.parse((await answer.toArray()).join('')) as { access_token: string };
  const address = `${node.url.replace(/^http/, 'ws')}/v1/socket`;
  const socket = new WebSocket(address, 'parley.v1', { ca, headers: { authorization: `Bearer ${token}` } });
  const client = new NativeClient(socket);
  await client.find((frame) => frame['hello'] !== undefined);
  const { conversation } = await client.ask('create', { type: 'group', participants: [] });
  await client.ask('open', { conversation: conversation.id });
  t.match(await client.ask('post', { conversation: conversation.id, content: 'over TLS' }), { ok: true });
  await client.event(conversation.id, 2);
  await until(async () => (await client.ask('list', {}))['conversations']?.[0]?.seq === 1);
  await client.close();
});
