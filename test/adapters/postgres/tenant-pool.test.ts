/** One tenant at a time: what a connection remembers of the tenant before, and of work that has ended. */
import t, { type Test } from 'tap';
import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import { openPool, type Sql, type TenantPool } from '../../../src/adapters/postgres/pool.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { until } from '../../kit/log-entries.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { type Owner, openOwner } from '../../kit/servers/owner.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

const code = (answer: unknown): string => (answer instanceof Problem ? answer.code : 'answered');

async function start(t: Test, max = 1, statementMs?: number): Promise<{ pool: TenantPool; sql: Owner }> {
  const { url } = await startPostgres(t);
  await migrate(url, silentLogger());
  const sql = openOwner(t, url);
  await sql`insert into tenants (id, name, slug, created_us) values ('a', 'A', 'a', 1), ('b', 'B', 'b', 1)`;
  const options = statementMs === undefined ? {} : { statementMs };
  const pool = openPool({ url, role: 'parley_requests', max, log: silentLogger(), ...options });
  t.teardown(() => pool.close());
  return { pool, sql };
}

/** Asked until there is an answer: with little patience a pool gives up a connection that takes a second to be made. */
async function answerOf<T>(ask: () => Promise<T | Problem>): Promise<T> {
  let answer = await ask();
  await until(async () => {
    if (answer instanceof Problem) answer = await ask();
    return !(answer instanceof Problem);
  });
  return answer as T;
}

/** Work for `a` that goes on when the test says so, and what became of its statement then. */
function lateWork() {
  let goOn = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const end: { error?: unknown } = {};
  const work = async (as: Sql): Promise<void> => {
    await told;
    try {
      await as`update tenants set name = 'late'`;
    } catch (error) {
      end.error = error;
    }
  };
  return { work, end, goOn };
}

const visible = async (sql: Sql): Promise<string> =>
  (await sql<{ id: string }[]>`select id from tenants order by id`).map(({ id }) => id).join();
const setting = async (sql: Sql): Promise<string | null> =>
  (await sql<{ it: string | null }[]>`select current_setting('parley.tenant', true) as it`)[0]?.it ?? null;

t.test('each use sees its own tenant, whoever used the connection before', async (t) => {
  const { pool } = await start(t);
  const order = ['a', 'b', 'a', 'c', 'b', 'o\'neil \\ " ü', 'a'];
  const seen = await Promise.all(order.map((tenant) => pool.answering(tenant, visible)));
  t.same(seen, ['a', 'b', 'a', '', 'b', '', 'a']);
  t.equal(await pool.transacting('b', visible), 'b');
  t.equal(await pool.answering('a', visible), 'a');
});

t.test('a tenant that cannot be set is no use of the connection', async (t) => {
  const { pool, sql } = await start(t);
  t.equal(await pool.answering('a', visible), 'a');
  t.equal(code(await pool.answering('a\0', visible)), 'internal', 'not what the tenant before sees');
  t.equal(code(await pool.transacting('a\0', visible)), 'internal');
  const write = (as: Sql) => as`update tenants set name = 'stolen'`;
  t.equal(code(await pool.transacting('\0', write)), 'internal');
  t.same(await sql`select name from tenants order by id`, [{ name: 'A' }, { name: 'B' }]);
  t.equal(await pool.answering('b', visible), 'b');
});

t.test('the tenant is set in the round trip of the statement, and a transaction forgets it', async (t) => {
  const { pool } = await start(t);
  await pool.answering('a', visible);
  await pool.transacting('b', async (tx) => t.equal(await setting(tx), 'b'));
  const order: string[] = [];
  await pool.answering('a', async (as) => {
    const first = as`select 1`.execute().then(() => order.push('statement'));
    setImmediate(() => order.push('turn'));
    await first;
  });
  t.same(order, ['turn', 'statement'], 'sent with the tenant, answered in a later turn');
});

t.test('work that has ended, or was given up, gets no statement through', async (t) => {
  const { pool, sql } = await start(t, 1, 200);
  const kept = await answerOf(() => pool.answering('a', async (as) => ({ sql: as })));
  t.throws(() => kept.sql`select 1`, { code: 'CONNECTION_CLOSED' });
  const { work, end, goOn } = lateWork();
  t.equal(code(await pool.answering('a', work)), 'unavailable');
  t.equal(await answerOf(() => pool.answering('b', visible)), 'b', 'on a connection of its own');
  goOn();
  await until(() => end.error !== undefined);
  t.match(end.error, { code: 'CONNECTION_CLOSED' });
  t.same(await sql`select name from tenants order by id`, [{ name: 'A' }, { name: 'B' }]);
});

t.test(
  'callers of one tenant share a connection, and who waits for another tenant gets a turn',
  async (t) => {
    const { pool } = await start(t);
    await pool.answering('a', visible);
    let ended = 0;
    let isEnough = false;
    // Each comes back as soon as it is answered: without turns nobody else would ever be served.
    const greedy = Array.from({ length: 8 }, async () => {
      while (!isEnough) {
        t.equal(await pool.answering('a', visible), 'a');
        ended += 1;
      }
    });
    await until(() => ended > 50);
    t.equal(await pool.answering('b', visible), 'b');
    t.equal(await pool.transacting('b', visible), 'b');
    isEnough = true;
    await Promise.all(greedy);
    const many = Array.from({ length: 200 }, (_, n) => ['a', 'b', 'c'][n % 3] ?? '');
    t.same(
      await Promise.all(many.map((tenant) => pool.answering(tenant, visible))),
      many.map((tenant) => (tenant === 'c' ? '' : tenant)),
    );
  },
);

t.test('who is given up on a shared connection does not end it, nor reach the next tenant', async (t) => {
  const { pool, sql } = await start(t, 1, 200);
  const pid = async (as: Sql) => (await as<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid;
  const { work, end, goOn } = lateWork();
  await answerOf(() => pool.answering('a', pid));
  const slow = pool.answering('a', work);
  const first = await pool.answering('a', pid);
  t.equal(code(await slow), 'unavailable');
  const ofB = await pool.transacting('b', async (tx) => {
    goOn();
    await until(() => end.error !== undefined);
    return pid(tx);
  });
  t.match(end.error, { code: 'CONNECTION_CLOSED' });
  t.equal(ofB, first, 'it answered others, so it stays');
  t.same(await sql`select name from tenants order by id`, [{ name: 'A' }, { name: 'B' }]);
});

t.test('a connection that is lost inside of a transaction ends it, and nothing else', async (t) => {
  const { pool, sql } = await start(t);
  const pid = async (as: Sql): Promise<number> =>
    (await as<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid ?? 0;
  const kill = (which: number) => sql`select pg_terminate_backend(${which}, 5000)`;
  const inStatement = pool.transacting('a', async (tx) => {
    await tx`update tenants set name = 'lost'`;
    const which = await pid(tx);
    await Promise.all([tx`select pg_sleep(30)`, kill(which)]);
  });
  t.equal(code(await inStatement), 'unavailable');
  const between = pool.transacting('a', async (tx) => {
    await tx`update tenants set name = 'lost'`;
    await kill(await pid(tx));
    await until(() => isRefused(tx));
    await tx`update tenants set name = 'lost'`;
  });
  t.equal(code(await between), 'unavailable');
  const atTheEnd = pool.transacting('a', async (tx) => {
    await tx`update tenants set name = 'lost'`;
    await kill(await pid(tx));
    await until(() => isRefused(tx));
  });
  t.equal(code(await atTheEnd), 'unavailable');
  const alone = pool.answering('a', async (as) => {
    await kill(await pid(as));
    await until(() => isRefused(as));
    return 'as if nothing had been';
  });
  t.equal(code(await alone), 'unavailable');
  t.same(await sql`select name from tenants order by id`, [{ name: 'A' }, { name: 'B' }]);
  t.equal(await pool.transacting('b', visible), 'b', 'the next one connects anew');
});

/** The client hears of the end of its connection a moment after the server. */
function isRefused(sql: Sql): boolean {
  try {
    sql``;
    return false;
  } catch {
    return true;
  }
}

t.test(
  'without a tenant there is nothing to see and nothing to write, and no way out of the role',
  async (t) => {
    const { url } = await startPostgres(t);
    await migrate(url, silentLogger());
    const sql = openOwner(t, url);
    await sql`insert into tenants (id, name, slug, created_us) values ('a', 'A', 'a', 1)`;
    await sql`insert into read_cursors values ('a', 'c', 'p', 1, 1)`;
    const as = openOwner(t, url, { role: 'parley_requests' });
    const rows = async () => [
      ...(await as`select tenant_id from read_cursors`),
      ...(await as`select id from tenants`),
    ];
    t.same(await rows(), []);
    await t.rejects(as`insert into read_cursors values ('a', 'c', 'q', 1, 1)`, /row-level security/);
    t.equal((await as`update read_cursors set last_read_seq = 9`).count, 0);
    await as.begin(async (tx) => {
      await tx`select set_config('parley.tenant', 'a', true)`;
      t.equal((await tx`select from read_cursors`).length, 1);
    });
    await as`reset role`;
    await as`select set_config('parley.tenant', null, false)`;
    t.same(await rows(), [], 'RESET ROLE leads back to the role of the connection');
    for (const table of ['signing_keys', 'identity_changes', 'refresh_tokens', 'schema_migrations'])
      await t.rejects(as`select from ${as(table)}`, /permission denied/, table);
  },
);
