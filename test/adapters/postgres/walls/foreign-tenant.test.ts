/**
 * Two walls, each alone. The first: every statement names its tenant; tried with b's id and a's things as
 * the owner, whom no policy binds. The second: row level security; tried with statements that name a, on
 * connections of b. A method without a case here fails the first test.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openPool, type Pool, type TenantPool } from '../../../../src/adapters/postgres/pool.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import type { Owner } from '../../../kit/servers/owner.ts';
import { repository } from '../../../kit/temporary.ts';
import { rowsOf, startTwoTenants } from './two-tenants.ts';
import { acrossTenants, cases, openers, openStores } from './walled-methods.ts';

const told = (answer: unknown): unknown => (answer instanceof Problem ? answer.code : answer);

const isOther = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);

const noLoad = { waiting: 0, inUse: 0 };

t.test('every method of every store is tried here, or is for no tenant', async (t) => {
  const none = unusable('nobody asks');
  const stores = openStores({
    requests: none,
    identity: none,
    counting: none,
    platform: none,
  } as unknown as Parameters<typeof openStores>[0]);
  const methods = Object.entries(stores).flatMap(([store, port]) =>
    Object.keys(port).map((method) => `${store}.${method}`),
  );
  t.same(methods.sort(), [...Object.keys(cases), ...Object.keys(acrossTenants)].sort());
  t.same(openersInSource().sort(), Object.keys(openers).sort());
});

t.test('with the id of another tenant no statement finds a thing', async (t) => {
  const { sql } = await startTwoTenants(t);
  const identity = unusable('a method of one tenant asks across tenants');
  const requests = asOwner(sql);
  const stores = openStores({ requests, counting: requests, identity, platform: identity });
  for (const [name, { run, nothing }] of Object.entries(cases)) {
    const before = await rowsOf(sql, ['a']);
    const answer = told(await run(stores, 'b'));
    t.match(answer, nothing as object, `${name}: what it answers`);
    t.notMatch(JSON.stringify(answer), /canary/, name);
    t.same(await rowsOf(sql, ['a']), before, `${name}: rows of a are as they were`);
    const own = told(await run(stores, 'a'));
    const hasWritten = (await rowsOf(sql, ['a'])).join() !== before.join();
    t.ok(hasWritten || isOther(own, answer), `${name} finds it with the id of a`);
  }
});

t.test('on a connection of another tenant no row is seen and none is written', async (t) => {
  const { url, sql } = await startTwoTenants(t);
  const pool = openPool({ url, role: 'parley_requests', max: 2, log: silentLogger() });
  t.teardown(() => pool.close());
  const identity = unusable('a method of one tenant asks across tenants');
  const ofB: TenantPool = {
    load: noLoad,
    answering: (_tenant, work) => pool.answering('b', work),
    transacting: (_tenant, work) => pool.transacting('b', work),
    close: () => pool.close(),
  };
  const [walled, own] = [ofB, pool].map((requests) =>
    openStores({ requests, counting: requests, identity, platform: identity }),
  );
  if (walled === undefined || own === undefined) throw new Error('two');
  for (const [name, one] of Object.entries(cases)) {
    const before = await rowsOf(sql, ['a', 'b']);
    const answer = told(await one.run(walled, 'a'));
    t.strictSame(answer, one.walled === undefined ? one.nothing : one.walled, `${name}: what it answers`);
    t.same(await rowsOf(sql, ['a', 'b']), before, `${name}: rows are as they were`);
    const found = told(await one.run(own, 'a'));
    const hasWritten = (await rowsOf(sql, ['a'])).join() !== before.join();
    t.ok(hasWritten || isOther(found, answer), `${name} finds it on a connection of a`);
  }
});

function unusable(reason: string): Pool {
  const refuse = (): never => {
    throw new Error(reason);
  };
  return { load: noLoad, answering: refuse, transacting: refuse, close: async () => undefined };
}

/** A pool without the second wall. */
function asOwner(sql: Owner): TenantPool {
  const answering = async <T>(work: () => Promise<T>): Promise<T | Problem> => {
    try {
      return await work();
    } catch (error) {
      return error instanceof Problem ? error : new Problem('internal');
    }
  };
  return {
    load: noLoad,
    answering: (_tenant, work) => answering(() => work(sql)),
    transacting: (_tenant, work) =>
      answering(async () => (await sql.begin(async (tx) => ({ it: await work(tx) }))).it),
    close: async () => undefined,
  };
}

/** Exported functions of the adapter that take a pool and give a port. */
function openersInSource(): string[] {
  const dir = join(repository, 'src/adapters/postgres');
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const pattern =
    /export (?:async )?function (\w+)\([^)]*\b(?:Pool|TenantPool|IdentityPools|SurveyPools)\b[^)]*\)/g;
  return files.flatMap((path) =>
    [...readFileSync(join(dir, path), 'utf8').matchAll(pattern)].map(([, name]) => name ?? ''),
  );
}
