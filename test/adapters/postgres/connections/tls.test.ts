/** Both drivers over TLS, against a real server with a certificate of its own. */
import t from 'tap';
import { openPostgres } from '../../../../src/adapters/embedded/postgres-server.ts';
import { databaseAddress } from '../../../../src/adapters/postgres/connections/address.ts';
import { connected } from '../../../../src/adapters/postgres/connections/connected.ts';
import { migrate } from '../../../../src/adapters/postgres/migrate.ts';
import { openPool } from '../../../../src/adapters/postgres/pool.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { makeCertificates } from '../../../kit/outside/certificates.ts';
import { fastSettings } from '../../../kit/servers/postgres.ts';
import { quietPort, temporaryDir } from '../../../kit/temporary.ts';

const certificates = await makeCertificates(t);

async function startServer(files: { certFile: string; keyFile: string } | null): Promise<URL> {
  const dir = await temporaryDir('postgres');
  t.teardown(dir.remove);
  const tls = files === null ? {} : { ssl: 'on', ssl_cert_file: files.certFile, ssl_key_file: files.keyFile };
  const settings = { ...fastSettings, ...tls };
  const server = await openPostgres({ dataDir: dir.path, port: await quietPort(), settings });
  t.teardown(() => server.close());
  return new URL(server.url);
}

const [local, elsewhere, plain] = await Promise.all([
  startServer(certificates.server),
  startServer(certificates.otherHost),
  startServer(null),
]);
await migrate(local.href, silentLogger());

const version = 'select version from pg_stat_ssl where pid = pg_backend_pid()';
const within = (url: URL, parameters: Record<string, string>): string => {
  const copy = new URL(url);
  for (const [name, value] of Object.entries(parameters)) copy.searchParams.set(name, value);
  return copy.href;
};
/** TLS version of a connection of the migration driver; null: none. */
async function ofMigration(url: string): Promise<unknown> {
  return await connected(url, 'test', async (client) => (await client.query(version)).rows[0].version);
}
/** The same of the run-time driver, as the owner sees it: the role may not look. */
async function ofPool(url: string): Promise<unknown> {
  const pool = openPool({ url, role: 'parley_identity', max: 1, log: silentLogger() });
  const rows = await pool.answering((sql) => sql`select pg_backend_pid() as pid`);
  if (rows instanceof Problem) {
    await pool.close();
    return rows.code;
  }
  const seen = await connected(local.href, 'test', (client) =>
    client.query('select version from pg_stat_ssl where pid = $1', [rows[0]?.['pid']]),
  );
  await pool.close();
  return seen.rows[0].version;
}

const { caFile, strangerCaFile } = certificates;

t.test('without sslmode nothing is encrypted, with it everything is', async (t) => {
  t.equal(await ofMigration(local.href), null);
  t.equal(await ofPool(local.href), null);
  for (const parameters of [
    { sslmode: 'require' },
    { sslmode: 'verify-ca', sslrootcert: caFile },
    { sslmode: 'verify-full', sslrootcert: caFile },
    { sslrootcert: caFile },
  ]) {
    const url = within(local, parameters);
    t.equal(await ofMigration(url), 'TLSv1.3', JSON.stringify(parameters));
    t.equal(await ofPool(url), 'TLSv1.3', JSON.stringify(parameters));
  }
});

t.test('a server that is not who it should be is refused', async (t) => {
  const refused: [URL, Record<string, string>][] = [
    [local, { sslmode: 'verify-full', sslrootcert: strangerCaFile }],
    [local, { sslmode: 'require', sslrootcert: strangerCaFile }],
    [local, { sslmode: 'verify-full' }],
    [elsewhere, { sslmode: 'verify-full', sslrootcert: caFile }],
    [elsewhere, { sslrootcert: caFile }],
    [plain, { sslmode: 'require' }],
  ];
  for (const [server, parameters] of refused) {
    const url = within(server, parameters);
    await t.rejects(ofMigration(url), JSON.stringify(parameters));
    t.equal(await ofPool(url), 'unavailable', JSON.stringify(parameters));
  }
  t.equal(await ofMigration(within(elsewhere, { sslmode: 'verify-ca', sslrootcert: caFile })), 'TLSv1.3');
});

t.test('what would only look like protection is an error', async (t) => {
  for (const sslmode of ['prefer', 'allow', 'no-verify', 'true'])
    t.throws(() => databaseAddress(within(local, { sslmode })), {
      message: /sslmode of DATABASE_URL must be one of/,
    });
  t.throws(() => databaseAddress(within(local, { sslrootcert: '/nowhere/ca.pem' })), {
    message: /sslrootcert of DATABASE_URL cannot be read: ENOENT/,
  });
});
