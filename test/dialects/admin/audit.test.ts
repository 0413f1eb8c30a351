import t, { type Test } from 'tap';
import { openAuditStore } from '../../../src/adapters/postgres/audit/audit-store.ts';
import { auditTrailOver, entryOf } from '../../../src/core/audit/audit-trail.ts';
import { adminDialect } from '../../../src/dialects/admin/index.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { call } from '../../kit/clients/http-client.ts';
import { ann, startFront } from '../../kit/clients/http-front.ts';
import { noTenantLimits } from '../../kit/hostile/rate-limits.ts';
import { openTestPools } from '../../kit/identity.ts';

const here = '01890000-0000-7000-8000-00000000000a';
const there = '01890000-0000-7000-8000-00000000000b';
const people: Readonly<Record<string, Principal>> = {
  owner: { ...ann, tenant: here, id: 'owner', role: 'owner' },
  admin: { ...ann, tenant: here, id: 'admin', role: 'admin' },
  member: { ...ann, tenant: here, id: 'member' },
  other: { ...ann, tenant: there, id: 'other', role: 'owner' },
  root: { ...ann, tenant: there, id: 'root', role: 'owner', superAdmin: true },
};

const refused = async (): Promise<Problem> => new Problem('not_found');
const noDataKeys = { rotate: refused, erase: refused };

async function start(t: Test) {
  const store = openAuditStore(await openTestPools(t));
  const others = { dataKeys: noDataKeys, tenantLimits: noTenantLimits };
  const front = await startFront(t, [adminDialect({ audit: auditTrailOver(store), ...others })], {
    authenticate: ({ bearer }) => people[bearer ?? ''] ?? ann,
  });
  const read = (token: string, query = '', headers: Record<string, string> = {}) =>
    call(front, 'GET', `/api/admin/audit${query}`, { token, headers });
  return { store, read };
}

const trace = { address: '192.0.2.1', requestId: 'r1' };
const owner = people['owner'] as Principal;
const root = people['root'] as Principal;
const actions = (answer: { body: { entries: { action: string }[] } }) =>
  answer.body.entries.map(({ action }) => action);

t.test('an entry says who did what, when and from where', async (t) => {
  const { store, read } = await start(t);
  const detail = { role: 'admin', former_role: 'member' };
  await store.record(entryOf(owner, trace, { tenant: here, action: 'user.changed', subject: 'ben', detail }));
  await store.record(entryOf(root, trace, { tenant: here, action: 'user.suspended', subject: 'ben' }));
  const { status, body, headers } = await read('owner');
  t.equal(status, 200);
  t.equal(headers.get('cache-control'), 'no-store');
  t.match(body, {
    entries: [
      { action: 'user.suspended', actor: { id: 'root', kind: 'user', tenant_id: there }, detail: {} },
      {
        id: /^\d+$/,
        at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
        tenant_id: here,
        actor: { id: 'owner', kind: 'user' },
        on_behalf_of: null,
        action: 'user.changed',
        subject: 'ben',
        detail,
        address: '192.0.2.1',
        request_id: 'r1',
      },
    ],
    next_cursor: null,
  });
  t.notOk('tenant_id' in body.entries[1].actor);
});

t.test('owners and admins read their tenant, super admins all, nobody else anything', async (t) => {
  const { store, read } = await start(t);
  await store.record(entryOf(owner, trace, { tenant: here, action: 'key.created', subject: 'k1' }));
  await store.record(entryOf(root, trace, { tenant: there, action: 'key.deleted', subject: 'k2' }));
  await store.record(entryOf(null, trace, { tenant: null, action: 'signing_keys.rotated', subject: null }));
  for (const who of ['owner', 'admin']) t.same(actions(await read(who)), ['key.created'], who);
  t.same(actions(await read('other')), ['key.deleted']);
  t.same(actions(await read('root')), ['signing_keys.rotated', 'key.deleted', 'key.created']);
  t.same(actions(await read('root', `?tenant=${here.toUpperCase()}`)), ['key.created']);
  t.same(actions(await read('root', '', { 'X-Org-Id': there })), ['key.deleted']);
  for (const [who, query] of [
    ['member', ''],
    ['owner', `?tenant=${there}`],
  ] as const) {
    const refused = await read(who, query);
    t.equal(refused.status, 403);
    t.type(refused.body.error, 'string');
    t.equal(refused.body.message, refused.body.error);
  }
  t.equal((await read('root', `?tenant=${here}`, { 'X-Org-Id': there })).status, 400);
});

t.test('pages have every entry once, and filters leave out the rest', async (t) => {
  const { store, read } = await start(t);
  for (let n = 0; n < 7; n += 1) {
    const by = n % 2 === 0 ? owner : (people['admin'] as Principal);
    const action = n < 5 ? 'key.created' : 'key.deleted';
    await store.record(entryOf(by, trace, { tenant: here, action, subject: `k${n}` }));
  }
  const seen: string[] = [];
  let cursor: string | null = '';
  for (let pages = 0; cursor !== null; pages += 1) {
    t.ok(pages < 4, 'it ends');
    const { body } = await read('owner', `?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
    seen.push(...body.entries.map((entry: { subject: string }) => entry.subject));
    cursor = body.next_cursor;
  }
  t.same(seen, ['k6', 'k5', 'k4', 'k3', 'k2', 'k1', 'k0']);
  const subjects = async (query: string) =>
    (await read('owner', query)).body.entries.map((entry: { subject: string }) => entry.subject);
  t.same(await subjects('?actor=admin'), ['k5', 'k3', 'k1']);
  t.same(await subjects('?action=key.deleted'), ['k6', 'k5']);
  t.same(await subjects('?actor=admin&action=key.deleted'), ['k5']);
  const { body } = await read('owner');
  const at: string = body.entries[3].at;
  t.same(await subjects(`?after=${at}`), ['k6', 'k5', 'k4', 'k3']);
  t.same(await subjects(`?before=${at}`), ['k2', 'k1', 'k0']);
});

t.test('what makes no sense is refused, and nothing of it reaches the database', async (t) => {
  const { read } = await start(t);
  const hostile = [
    'limit=0',
    'limit=201',
    'limit=x',
    'cursor=x',
    'cursor=0',
    'cursor=9999999999999999999',
    'after=yesterday',
    'before=2026-02-30',
    'tenant=',
    `actor=${'x'.repeat(256)}`,
    'action=%00',
    'action=%ff',
    'limit=1&limit=2',
  ];
  for (const query of hostile) t.equal((await read('owner', `?${query}`)).status, 400, query);
  for (const text of ["' or 1=1 --", '\u{1f600}', 'a"b\\']) {
    t.same(actions(await read('owner', `?actor=${encodeURIComponent(text)}`)), [], text);
  }
});
