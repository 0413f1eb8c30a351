import { connect, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { migrate } from '../../../../src/adapters/postgres/migrate.ts';
import { openPool } from '../../../../src/adapters/postgres/pool.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';

const { url } = await startPostgres(t);
await migrate(url, silentLogger());

t.test('arrays of every type that statements use come and go as they are', async (t) => {
  const pool = openPool({ url, role: 'parley_identity', max: 1, log: silentLogger() });
  t.teardown(() => pool.close());
  const texts = [
    '',
    'a',
    'a b',
    'a,b',
    '"quoted"',
    'back\\slash',
    '{}',
    'NULL',
    'null',
    'two\nlines',
    'süß 🦊',
  ];
  const ids = ['01900000-0000-7000-8000-00000000000a'];
  const answer = await pool.answering(
    (sql) => sql`
      select ${texts}::text[] as texts, ${[]}::text[] as none, ${['a', null]}::text[] as "withNull", ${ids}::uuid[] as ids,
        ${[0, -1, Number.MAX_SAFE_INTEGER]}::bigint[] as bigints, ${[1, 2]}::integer[] as integers,
        ${[1, 2]}::smallint[] as smallints, ${[0.5]}::float8[] as doubles, ${'{t,f,NULL}'}::boolean[] as booleans,
        ${texts.map((text) => ({ text })) as never}::json[] as jsons, ${[{ a: [1, '"'] }] as never}::jsonb[] as jsonbs,
        array[true, false] as made`,
  );
  t.same(answer, [
    {
      ...{ texts, none: [], withNull: ['a', null], ids, bigints: [0, -1, Number.MAX_SAFE_INTEGER] },
      ...{ integers: [1, 2], smallints: [1, 2], doubles: [0.5], booleans: [true, false, null] },
      ...{ jsons: texts.map((text) => ({ text })), jsonbs: [{ a: [1, '"'] }], made: [true, false] },
    },
  ]);
});

/** A way to the server on which every connection ends the moment it is ready. */
async function endingWhenReady(t: Test, target: URL): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (bytes) => void upstream.write(bytes));
    upstream.on('data', (bytes: Buffer) => {
      client.write(bytes);
      // ReadyForQuery, idle.
      if (bytes.includes('Z\u0000\u0000\u0000\u0005I')) client.once('data', () => client.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
  return address.port;
}

t.test('a connection that is lost at its first statement is unavailable, and ends no process', async (t) => {
  const way = new URL(url);
  way.port = String(await endingWhenReady(t, new URL(url)));
  const pool = openPool({ url: way.href, role: 'parley_identity', max: 1, log: silentLogger() });
  t.teardown(() => pool.close());
  for (let attempt = 0; attempt < 3; attempt += 1)
    t.match(await pool.answering((sql) => sql`select 1`), { code: 'unavailable' });
});
