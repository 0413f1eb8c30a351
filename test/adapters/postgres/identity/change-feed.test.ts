import t, { type Test } from 'tap';
import { openChangeFeed } from '../../../../src/adapters/postgres/identity/change-feed.ts';
import type { Pool } from '../../../../src/adapters/postgres/pool.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { IdentityChange } from '../../../../src/ports/identity/identity-store.ts';
import { given, openTestPools } from '../../../kit/identity.ts';

const tenant = '01890000-0000-7000-8000-00000000000a';

async function start(t: Test) {
  const { identity, sql } = await openTestPools(t);
  await sql`insert into tenants (id, name, slug, created_us) values (${tenant}, 'A', 'a', 1)`;
  await sql`
    insert into principals (tenant_id, id, kind, display_name, created_us)
    select ${tenant}, 'p' || n, 'user', 'P', n from generate_series(1, 9) n`;
  const feed = openChangeFeed(identity);
  const subjects = async () => given<readonly IdentityChange[]>(await feed.next()).map(subjectOf);
  t.same(await subjects(), []);
  return { sql, feed, subjects };
}

function subjectOf(change: IdentityChange): string {
  if (change.kind === 'signing_keys') return change.kind;
  const subject = change.kind === 'data_keys' ? '' : `${change.subject} `;
  return `${change.kind} ${subject}${change.reason}`;
}

t.test('each change is answered once, in order, and none before the first call', async (t) => {
  const { sql, subjects } = await start(t);
  await sql`update principals set display_name = 'Q' where id = 'p1'`;
  await sql`update principals set status = 'suspended' where id = 'p2'`;
  await sql`update principals set display_name = display_name where id = 'p3'`;
  t.same(await subjects(), ['principal p1 changed', 'principal p2 suspended']);
  t.same(await subjects(), []);
  await sql`delete from principals where id = 'p2'`;
  t.same(await subjects(), ['principal p2 revoked']);
});

t.test(
  'a transaction that commits late is not missed, and nothing is answered twice meanwhile',
  async (t) => {
    const { sql, subjects } = await start(t);
    let commit = (): void => undefined;
    const mayCommit = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let written = (): void => undefined;
    const isWritten = new Promise<void>((resolve) => {
      written = resolve;
    });
    const slow = sql.begin(async (tx) => {
      await tx`update principals set display_name = 'slow' where id = 'p1'`;
      written();
      await mayCommit;
    });
    await isWritten;
    await sql`update principals set display_name = 'quick' where id = 'p2'`;
    t.same(await subjects(), ['principal p2 changed']);
    await sql`update principals set display_name = 'quick' where id = 'p3'`;
    t.same(await subjects(), ['principal p3 changed']);
    commit();
    await slow;
    t.same(await subjects(), ['principal p1 changed']);
    t.same(await subjects(), []);
  },
);

t.test('a rolled back change is none', async (t) => {
  const { sql, subjects } = await start(t);
  const failed = sql.begin(async (tx) => {
    await tx`update principals set display_name = 'x' where id = 'p1'`;
    throw new Error('no');
  });
  await t.rejects(failed);
  t.same(await subjects(), []);
});

t.test('more changes than a page holds arrive in one call', async (t) => {
  const { sql, subjects } = await start(t);
  const count = limits.identityChangesPageMax * 2 + 1;
  await sql`
    insert into principals (tenant_id, id, kind, display_name, created_us)
    select ${tenant}, 'q' || n, 'user', 'Q', n from generate_series(1, ${count}) n`;
  await sql`update principals set display_name = 'R' where id like 'q%'`;
  t.equal((await subjects()).length, count);
  t.same(await subjects(), []);
});

t.test('sessions and keys tell when they end, whoever ends them', async (t) => {
  const { sql, subjects } = await start(t);
  const [s1, s2, k1] = ['01', '02', '03'].map((end) => `01890000-0000-7000-8000-0000000000${end}`) as [
    string,
    string,
    string,
  ];
  const later = (Date.now() + 60_000) * 1000;
  await sql`
    insert into sessions (id, tenant_id, principal_id, created_us, expires_us, ends_us)
    values (${s1}, ${tenant}, 'p1', 1, ${later}, ${later}), (${s2}, ${tenant}, 'p1', 1, 2, 2)`;
  await sql`
    insert into api_keys (id, tenant_id, principal_id, name, prefix, sha256, kind, scopes, created_by, created_us)
    values (${k1}, ${tenant}, 'p2', 'k', 'pk_', '\\x00', 'service', '{}', 'p1', 1)`;
  t.same(await subjects(), [`key ${k1} changed`], 'a new key may hold less than its principal has');
  await sql`update sessions set expires_us = ${later + 1} where id = ${s1}`;
  t.same(await subjects(), [], 'moving its end is no change');
  await sql`update sessions set revoked_us = 5 where id = ${s1}`;
  await sql`update sessions set revoked_us = 6 where id = ${s1}`;
  t.same(await subjects(), [`session ${s1} revoked`], 'told once');
  await sql`delete from sessions`;
  t.same(await subjects(), [`session ${s2} revoked`], 'a socket of one that lapsed may still be there');
  await sql`update api_keys set revoked_us = 7 where id = ${k1}`;
  t.same(await subjects(), [`key ${k1} revoked`]);
});

t.test('what the pool read but gave up is read again', async (t) => {
  const { identity, sql } = await openTestPools(t);
  await sql`insert into tenants (id, name, slug, created_us) values (${tenant}, 'A', 'a', 1)`;
  let isGivenUp = false;
  const pool: Pool = {
    ...identity,
    async answering(work) {
      const result = await identity.answering(work);
      return isGivenUp ? new Problem('unavailable') : result;
    },
  };
  const feed = openChangeFeed(pool);
  given(await feed.next());
  await sql`
    insert into principals (tenant_id, id, kind, display_name, created_us) values (${tenant}, 'p1', 'user', 'P', 1)`;
  await sql`update principals set status = 'suspended' where id = 'p1'`;
  isGivenUp = true;
  t.match(await feed.next(), { code: 'unavailable' });
  isGivenUp = false;
  t.same(given<readonly IdentityChange[]>(await feed.next()).map(subjectOf), ['principal p1 suspended']);
  t.same(await feed.next(), []);
});
