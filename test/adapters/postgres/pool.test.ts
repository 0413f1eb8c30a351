import t from 'tap';
import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import { openPool } from '../../../src/adapters/postgres/pool.ts';
import { openProjectionReader } from '../../../src/adapters/postgres/projection-reader.ts';
import {
  openInlineProjection,
  openProjectionWriter,
} from '../../../src/adapters/postgres/projection-writer.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { eventStream } from '../../kit/clients/event-stream.ts';
import { until } from '../../kit/log-entries.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { runSql, startPostgres, startPostgresServer } from '../../kit/servers/postgres.ts';

const code = (answer: unknown): string => (answer instanceof Problem ? answer.code : 'answered');

/** Waits until it is: on a busy machine a new connection may take longer than a pool with little patience waits. */
async function untilAnswered<T>(ask: () => Promise<T | Problem>): Promise<T> {
  let answer = await ask();
  await until(async () => {
    if (answer instanceof Problem) answer = await ask();
    return !(answer instanceof Problem);
  });
  return answer as T;
}

/** The migrations make the roles. */
async function migrated<Database extends { readonly url: string }>(database: Database): Promise<Database> {
  await migrate(database.url, silentLogger());
  // Test servers do not wait for the disk: a commit that does keeps what came before it over a kill -9.
  await runSql(database.url, 'set synchronous_commit = on; create table flushed ()');
  return database;
}

t.test('big integers come and go as numbers, texts and arrays as they are', async (t) => {
  const { url } = await migrated(await startPostgres(t));
  const pool = openPool({ url, role: 'parley_identity', max: 2, log: silentLogger() });
  t.teardown(() => pool.close());
  const rows = await pool.answering(
    (sql) =>
      sql`select ${Number.MAX_SAFE_INTEGER}::bigint as n, ${['a', '"b\\']}::text[] as texts, null as nothing`,
  );
  t.same([...(rows as object[])], [{ n: Number.MAX_SAFE_INTEGER, texts: ['a', '"b\\'], nothing: null }]);
});

t.test('a statement that is refused is internal, and neither its text nor the driver is told', async (t) => {
  const { url } = await migrated(await startPostgres(t));
  const log = silentLogger();
  const pool = openPool({ url, role: 'parley_identity', max: 2, log });
  t.teardown(() => pool.close());
  const answer = await pool.answering((sql) => sql`select secret_column from nowhere`);
  t.equal(code(answer), 'internal');
  t.notMatch(JSON.stringify([answer, log.lines]), /secret_column|nowhere/);
  t.match(log.lines, [{ fields: { sql_state: '42P01' } }]);
});

t.test('an error of the program is no problem of Postgres', async (t) => {
  const { url } = await migrated(await startPostgres(t));
  const pool = openPool({ url, role: 'parley_identity', max: 2, log: silentLogger() });
  t.teardown(() => pool.close());
  const broken = pool.answering(async () => {
    throw new TypeError('a bug');
  });
  await t.rejects(broken, { message: 'a bug' });
});

t.test('a statement that takes too long is ended by the server', async (t) => {
  const { url } = await migrated(await startPostgres(t));
  const pool = openPool({ url, role: 'parley_identity', max: 2, log: silentLogger(), statementMs: 100 });
  t.teardown(() => pool.close());
  await untilAnswered(() => pool.answering((sql) => sql`select 1`));
  t.equal(code(await pool.answering((sql) => sql`select pg_sleep(30)`)), 'unavailable');
  await untilAnswered(() => pool.answering((sql) => sql`select 1`));
});

t.test('more callers than may wait are refused at once, and the others are served', async (t) => {
  const { url } = await migrated(await startPostgres(t));
  const patient = { statementMs: 60_000 };
  const pool = openPool({ url, role: 'parley_identity', max: 1, log: silentLogger(), ...patient });
  t.teardown(() => pool.close());
  const callers = Array.from({ length: limits.sqlWaitingMax + limits.sqlLaneUsersMax + 3 }, () =>
    pool.answering((sql) => sql`select 1`),
  );
  const answers = await Promise.all(callers);
  const codes = answers.map(code);
  t.equal(codes.filter((one) => one === 'overloaded').length, 3);
  const bounds = answers.filter((one) => one instanceof Problem).map(({ overload }) => overload);
  t.same(bounds, ['sql', 'sql', 'sql']);
  t.equal(codes.filter((one) => one === 'answered').length, limits.sqlWaitingMax + limits.sqlLaneUsersMax);
});

t.test('a killed server is unavailable at once, and is found again when it is back', async (t) => {
  const server = await migrated(await startPostgresServer(t));
  const open = { url: server.url, max: 3, log: silentLogger() };
  const pool = openPool({ ...open, role: 'parley_requests' });
  t.teardown(() => pool.close());
  const batches = openPool({ ...open, role: 'parley_projector' });
  t.teardown(() => batches.close());
  const reader = openProjectionReader(pool);
  const writer = openProjectionWriter(batches);
  const inline = openInlineProjection(pool);
  t.equal(code(await pool.answering('a', (sql) => sql`select 1`)), 'answered');
  await server.kill();
  const { appended } = eventStream({ seed: 1, conversations: 1, commands: 5 });
  const ref = appended[0]!.ref;
  const took: number[] = [];
  const timed = async (answer: () => Promise<unknown>): Promise<void> => {
    const startedMs = performance.now();
    t.equal(await answer().then(code, code), 'unavailable');
    took.push(performance.now() - startedMs);
  };
  for (let again = 0; again < 3; again += 1) {
    await timed(() => reader.snapshot(ref.tenant, ref.conversation, 10));
    await timed(() => reader.entries(ref, { limit: 1, keep: 'oldest' }));
    await timed(() => inline.applyStructural(appended));
    await timed(() => writer.apply(appended));
  }
  // Of each: the machine may stand still during one of them.
  const median = took.sort((a, b) => a - b)[took.length / 2] ?? Number.NaN;
  t.ok(median < limits.sqlConnectMsMax, `${median} ms`);
  await server.restart();
  await untilAnswered(() => pool.answering('a', (sql) => sql`select 1`));
});

t.test('a server that no longer answers is given up, and works again when it goes on', async (t) => {
  const server = await migrated(await startPostgresServer(t));
  const pool = openPool({
    url: server.url,
    role: 'parley_identity',
    max: 2,
    log: silentLogger(),
    statementMs: 500,
  });
  t.teardown(() => pool.close());
  const ask = () => pool.answering((sql) => sql<{ pid: number }[]>`select pg_backend_pid() as pid`);
  const [row] = await untilAnswered(ask);
  const stopped = [row!.pid, server.pid()];
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  const startedMs = performance.now();
  const onStopped = code(await pool.answering((sql) => sql`select 1`));
  const onNew = code(await pool.answering((sql) => sql`select 1`));
  const tookMs = performance.now() - startedMs;
  for (const pid of stopped) process.kill(pid, 'SIGCONT');
  t.same([onStopped, onNew], ['unavailable', 'unavailable']);
  t.ok(tookMs < 2 * (500 + limits.sqlGraceMs) + 60_000, `${tookMs} ms`);
  await untilAnswered(ask);
});
