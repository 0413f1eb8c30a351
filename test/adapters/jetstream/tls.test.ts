/** NATS over TLS, against a real server that asks for certificates of its clients. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openNatsServer } from '../../../src/adapters/embedded/nats-server.ts';
import { openNats } from '../../../src/adapters/jetstream/connections/connection.ts';
import { serverVariables } from '../../../src/adapters/jetstream/door/nats-credentials.ts';
import { natsUrlWith } from '../../../src/config/server-files.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { type CertificateFiles, makeCertificates } from '../../kit/outside/certificates.ts';
import { startNats, testNatsBinary } from '../../kit/servers/nats.ts';
import { makeTestCredentials, testPassword } from '../../kit/servers/nats-credentials.ts';
import { quietPort, repository, temporaryDir } from '../../kit/temporary.ts';

const certificates = await makeCertificates(t);
const { caFile, client, strangerCaFile } = certificates;

/** The repository's configuration with TLS, as `deploy` does it. */
async function startTls({ certFile, keyFile }: CertificateFiles, verify: boolean): Promise<string> {
  const dir = await temporaryDir('nats');
  t.teardown(dir.remove);
  const configPath = join(dir.path, 'tls.conf');
  const base = await readFile(join(repository, 'nats-server.conf'), 'utf8');
  const files = { cert_file: certFile, key_file: keyFile, ca_file: caFile };
  const lines = Object.entries(files).map(([name, path]) => `  ${name}: ${JSON.stringify(path)}`);
  await writeFile(configPath, `${base}\ntls {\n${lines.join('\n')}\n  verify: ${verify}\n}\n`);
  const server = await openNatsServer({
    ...{ binary: await testNatsBinary(), configPath, dataDir: dir.path, port: await quietPort() },
    variables: serverVariables(makeTestCredentials().credentials),
  });
  t.teardown(() => server.close());
  return `tls://core:${testPassword}@127.0.0.1:${server.port}`;
}

/** The round trip of a connection to the server. */
async function reaches(url: string, connectTimeoutMs = 25_000): Promise<boolean> {
  const nats = await openNats({ url, name: 'test', log: silentLogger(), connectTimeoutMs });
  await nats.connection.flush();
  const isSecure = nats.connection.info?.tls_required === true;
  await nats.close();
  return isSecure;
}

const ours = { ca: caFile, cert: client.certFile, key: client.keyFile };

t.test('with the CA and a client certificate the connection is encrypted', async (t) => {
  t.equal(await reaches(natsUrlWith(await startTls(certificates.server, true), ours)), true);
  const anonymous = natsUrlWith(await startTls(certificates.server, false), {
    ...ours,
    cert: null,
    key: null,
  });
  t.equal(await reaches(anonymous), true);
});

t.test('a server that is not who it should be is refused, and so are we without a certificate', async (t) => {
  const server = await startTls(certificates.server, true);
  const refused = [
    natsUrlWith(server, { ca: strangerCaFile, cert: null, key: null }),
    natsUrlWith(server, { ca: null, cert: null, key: null }),
    natsUrlWith(server, { ca: caFile, cert: null, key: null }),
    natsUrlWith(await startTls(certificates.otherHost, false), { ...ours, cert: null, key: null }),
  ];
  for (const url of refused) await t.rejects(reaches(url, 3_000), url.replace(/.*@/, ''));
});

t.test('tls:// is never answered in clear text', async (t) => {
  const nats = await startNats(t);
  const url = `tls://${nats.user}:${nats.pass}@127.0.0.1:${nats.port}`;
  await t.rejects(reaches(natsUrlWith(url, ours), 3_000));
});
