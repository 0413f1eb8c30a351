import t from 'tap';
import { openAuditStore } from '../../../../src/adapters/postgres/audit/audit-store.ts';
import { insertAudit } from '../../../../src/adapters/postgres/audit/insert-audit.ts';
import type { AuditEntry } from '../../../../src/ports/audit.ts';
import { given, openTestPools } from '../../../kit/identity.ts';

const entry: AuditEntry = {
  tenant: 't1',
  actor: { id: 'ada', kind: 'user' },
  action: 'key.created',
  subject: 'k1',
  detail: { name: "it's", count: 1, isOn: true, none: null },
  address: null,
};

t.test('an entry is read as it was written', async (t) => {
  const pools = await openTestPools(t);
  const store = openAuditStore(pools);
  t.equal(await store.record(entry), null);
  const { records } = given(await store.list({ limit: 10 }));
  t.match(records, [{ ...entry, id: /^\d+$/, at: Number, requestId: null, onBehalfOf: null }]);
  t.ok(Math.abs((records[0]?.at ?? 0) / 1000 - Date.now()) < 60_000);
});

t.test('not even the owner of the table changes or deletes an entry', async (t) => {
  const pools = await openTestPools(t);
  await openAuditStore(pools).record(entry);
  const refused = /neither changed nor deleted/;
  await t.rejects(pools.sql`update audit_entries set action = 'x'`, refused);
  await t.rejects(pools.sql`delete from audit_entries`, refused);
  await t.rejects(pools.sql`truncate audit_entries`, refused);
  t.equal(given(await openAuditStore(pools).list({ limit: 10 })).records.length, 1);
});

t.test('an entry of a transaction that fails was never there', async (t) => {
  const pools = await openTestPools(t);
  const failed = pools.identity.transacting(async (tx) => {
    await insertAudit(tx, entry);
    throw new Error('changed my mind');
  });
  await t.rejects(failed, /changed my mind/);
  t.same(given(await openAuditStore(pools).list({ limit: 10 })).records, []);
});
