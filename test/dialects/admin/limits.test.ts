import t, { type Test } from 'tap';
import { openAuditStore } from '../../../src/adapters/postgres/audit/audit-store.ts';
import { openTenantLimits } from '../../../src/adapters/postgres/tenant-limits.ts';
import { auditTrailOver } from '../../../src/core/audit/audit-trail.ts';
import { limitsAdministrationOver } from '../../../src/core/limits/limits-administration.ts';
import { adminDialect } from '../../../src/dialects/admin/index.ts';
import { defaultTenantLimits } from '../../../src/domain/limiting/tenant-limits.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { call } from '../../kit/clients/http-client.ts';
import { ann, startFront } from '../../kit/clients/http-front.ts';
import { openTestPools } from '../../kit/identity.ts';

const here = '01890000-0000-7000-8000-00000000000a';
const there = '01890000-0000-7000-8000-00000000000b';
const people: Readonly<Record<string, Principal>> = {
  owner: { ...ann, tenant: here, id: 'owner', role: 'owner' },
  admin: { ...ann, tenant: here, id: 'admin', role: 'admin' },
  other: { ...ann, tenant: there, id: 'other', role: 'owner' },
  root: { ...ann, tenant: there, id: 'root', role: 'owner', superAdmin: true },
};

const refused = async (): Promise<Problem> => new Problem('not_found');
const noDataKeys = { rotate: refused, erase: refused };

async function start(t: Test) {
  const pools = await openTestPools(t);
  for (const id of [here, there]) {
    await pools.identity.answering(
      (sql) => sql`insert into tenants (id, name, slug, created_us) values (${id}, ${id}, ${id}, 1)`,
    );
  }
  const store = openTenantLimits(pools);
  const told: string[] = [];
  const tenantLimits = limitsAdministrationOver({
    store,
    caps: { refresh: async () => null },
    link: { tell: (kind) => void told.push(kind) },
  });
  const audit = auditTrailOver(openAuditStore(pools));
  const front = await startFront(t, [adminDialect({ audit, dataKeys: noDataKeys, tenantLimits })], {
    authenticate: ({ bearer }) => people[bearer ?? ''] ?? ann,
  });
  const at = (tenant: string) => `/api/admin/tenants/${tenant}/limits`;
  return {
    store,
    told,
    read: (token: string, tenant: string) => call(front, 'GET', at(tenant), { token }),
    patch: (token: string, tenant: string, body: unknown) =>
      call(front, 'PATCH', at(tenant), { token, body }),
    entries: async () =>
      (await call(front, 'GET', `/api/admin/audit?tenant=${here}`, { token: 'root' })).body.entries,
  };
}

const defaults = {
  conversations: defaultTenantLimits.conversations,
  participants: defaultTenantLimits.participants,
  messages_per_second: defaultTenantLimits.messagesPerSecond,
};

t.test('a super admin sets limits, and its tenant sees them', async (t) => {
  const { read, patch, entries, told } = await start(t);
  t.same((await read('owner', here)).body, { tenant_id: here, ...defaults, overridden: [] });
  const changed = await patch('root', here, { conversations: 5, participants: 10 });
  t.equal(changed.status, 200);
  const expected = { ...defaults, conversations: 5, participants: 10 };
  t.same(changed.body, { tenant_id: here, ...expected, overridden: ['conversations', 'participants'] });
  t.same((await read('owner', here.toUpperCase())).body, changed.body);
  t.same((await patch('root', here, { participants: null })).body.overridden, ['conversations']);
  t.equal(told.length, 2, 'other nodes are told');
  t.match(await entries(), [
    { action: 'limits.changed', detail: { participants: null, participants_before: 10 } },
    {
      action: 'limits.changed',
      subject: here,
      actor: { id: 'root', tenant_id: there },
      detail: { conversations: 5, conversations_before: null, participants: 10 },
      address: '127.0.0.1',
    },
  ]);
});

t.test('nobody else sees or sets them, and foreign tenants look like none', async (t) => {
  const { read, patch } = await start(t);
  const unknown = '01890000-0000-7000-8000-0000000000ff';
  t.equal((await read('admin', here)).status, 403);
  for (const [who, tenant] of [
    ['other', here],
    ['owner', there],
    ['owner', unknown],
    ['owner', 'x'],
  ] as const) {
    t.equal((await read(who, tenant)).status, 404, `${who} ${tenant}`);
    t.equal((await patch(who, tenant, { conversations: 1 })).status, 404, `${who} ${tenant}`);
  }
  t.equal((await patch('owner', here, { conversations: 1 })).status, 403);
  t.equal((await read('root', unknown)).status, 404);
  t.equal((await patch('root', unknown, { conversations: 1 })).status, 404);
});

t.test('values out of range are refused', async (t) => {
  const { patch, entries } = await start(t);
  for (const body of [
    { conversations: -1 },
    { participants: 1 },
    { participants: 1_001 },
    { messages_per_second: 0 },
    { messages_per_second: 1.5 },
    { conversations: '5' },
  ])
    t.equal((await patch('root', here, body)).status, 400, JSON.stringify(body));
  t.same(await entries(), []);
});

t.test('changes of several fields at once do not undo each other', async (t) => {
  const { patch, store } = await start(t);
  await Promise.all([
    ...Array.from({ length: 5 }, (_, n) => patch('root', here, { conversations: n })),
    patch('root', here, { participants: 7 }),
    patch('root', here, { messages_per_second: 9 }),
  ]);
  t.match(await store.read(here), { participants: 7, messagesPerSecond: 9 });
  const seen = await store.changedSince(0);
  t.match(seen, [{ tenant: here, overrides: { participants: 7 } }]);
});
