/** Settings of a tenant: who sees them, and what becomes of them without keys. */
import t from 'tap';
import { missingMasterKey } from '../../../src/core/sealing/data-keys.ts';
import { openTenantSettings } from '../../../src/core/tenant/open-tenant-settings.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { AuditEntry } from '../../../src/ports/audit.ts';

const owner: Principal = {
  ...{ tenant: 'a', id: 'ann', kind: 'user', displayName: 'Ann', scopes: [], role: 'owner' },
  ...{ superAdmin: false, sid: 's', service: null, expiresAt: null },
};
const trace = { address: '127.0.0.1', requestId: 'r' };
const codeOf = (answer: unknown): unknown => (answer instanceof Problem ? answer.code : answer);

function opened() {
  const kept = new Map<string, string>();
  const audited: AuditEntry[] = [];
  const world: { keys: 'there' | 'missing' | 'erased' } = { keys: 'there' };
  const settings = openTenantSettings({
    store: {
      read: async (tenant) => kept.get(tenant) ?? null,
      async replace(tenant, sealed, _at, audit) {
        kept.set(tenant, sealed);
        audited.push(audit);
        return null;
      },
    },
    sealer: {
      sealText: ({ tenant }, [id, place], text) =>
        world.keys === 'there' ? `${tenant} ${id} ${place} ${text}` : missingMasterKey(),
      opener: ({ tenant }) =>
        world.keys === 'missing'
          ? missingMasterKey()
          : {
              text: (sealed, [id, place]) =>
                world.keys === 'erased'
                  ? 'erased'
                  : { text: sealed.slice(`${tenant} ${id} ${place} `.length) },
              event: (event) => event,
            },
    },
    clock: { nowMicros: () => 7 },
  });
  return { settings, kept, audited, world };
}

t.test('what is kept comes back to administrators and services, and to nobody else', async (t) => {
  const { settings, audited } = opened();
  t.same(await settings.read(owner), {}, 'nothing yet');
  t.equal(await settings.replace(owner, { XAI_API_KEY: 'canary' }, trace), null);
  const service: Principal = { ...owner, id: 'hook', kind: 'service', role: 'member' };
  for (const who of [owner, { ...owner, role: 'admin' } as const, service]) {
    t.same(await settings.read(who), { XAI_API_KEY: 'canary' });
  }
  for (const kind of ['user', 'agent'] as const) {
    const other: Principal = { ...owner, kind, role: 'member' };
    t.equal(codeOf(await settings.read(other)), 'forbidden');
    t.equal(codeOf(await settings.replace(other, {}, trace)), 'forbidden');
  }
  t.same(await settings.read({ ...owner, tenant: 'b' }), {}, 'another tenant');
  t.equal(audited.length, 1);
  t.match(audited[0], {
    tenant: 'a',
    action: 'settings.replaced',
    detail: { names: 'XAI_API_KEY' },
    ...trace,
  });
  t.notMatch(JSON.stringify(audited), /canary/);
});

t.test('names that are not in the list, and long values, change nothing', async (t) => {
  const { settings, kept } = opened();
  const long = { XAI_API_KEY: 'x'.repeat(4_097) };
  for (const values of [{ PATH: '/bin' }, { xai_api_key: 'x' }, { constructor: 'x' }, long]) {
    const refused = await settings.replace(owner, values, trace);
    t.match(refused, { code: 'invalid_request', fields: [{ path: String, reason: String }] });
  }
  t.equal(kept.size, 0);
});

t.test('without a key nothing is kept, and what was sealed is not lost', async (t) => {
  const { settings, world } = opened();
  await settings.replace(owner, { XAI_API_KEY: 'x' }, trace);
  world.keys = 'missing';
  t.match(await settings.read(owner), { code: 'unavailable', reason: 'no_master_key' });
  t.match(await settings.replace(owner, {}, trace), { code: 'unavailable', reason: 'no_master_key' });
  world.keys = 'there';
  t.same(await settings.read(owner), { XAI_API_KEY: 'x' });
  world.keys = 'erased';
  t.same(await settings.read(owner), {}, 'they are gone with the keys of their tenant');
});
