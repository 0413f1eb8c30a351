import t from 'tap';
import { decideUserChange } from '../../../src/core/identity/change-user.ts';
import { newPrincipal } from '../../../src/core/identity/new-records.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import type { PrincipalRecord } from '../../../src/ports/identity/identity-records.ts';
import { named } from '../../kit/identity.ts';

function record(id: string, fields: Partial<PrincipalRecord> = {}): PrincipalRecord {
  return { ...newPrincipal('t1', id, 'user', id, 1), ...fields };
}

function as(id: string, role: Principal['role'], superAdmin = false): Principal {
  const plain = {
    tenant: 't1',
    kind: 'user',
    scopes: [],
    displayName: id,
    sid: 's',
    service: null,
    expiresAt: null,
  } as const;
  return { ...plain, id, role, superAdmin };
}

const owner = record('olga', { role: 'owner' });
const admin = record('adam', { role: 'admin' });
const member = record('mia');
const root = as('root', 'owner', true);

t.test('admins raise and suspend members, but leave owners alone and make none', async (t) => {
  const by = as('adam2', 'admin');
  t.same(decideUserChange(by, member, 1, { role: 'admin', status: 'suspended' }), {
    role: 'admin',
    status: 'suspended',
  });
  t.same(decideUserChange(by, admin, 1, { role: 'member' }), { role: 'member' });
  t.equal(named(decideUserChange(by, member, 1, { role: 'owner' })), 'forbidden');
  for (const changes of [{ role: 'member' }, { status: 'suspended' }, { scopes: [] }] as const) {
    t.equal(named(decideUserChange(by, owner, 2, changes)), 'forbidden');
  }
});

t.test('the last active owner stays an active owner', async (t) => {
  const by = as('olga', 'owner');
  t.equal(named(decideUserChange(by, owner, 1, { role: 'admin' })), 'conflict/last_owner');
  t.equal(named(decideUserChange(root, owner, 1, { role: 'member' })), 'conflict/last_owner');
  t.same(decideUserChange(by, owner, 2, { role: 'admin' }), { role: 'admin' });
  t.same(decideUserChange(by, owner, 1, { role: 'owner' }), { role: 'owner' });
  const suspended = record('old', { role: 'owner', status: 'suspended' });
  t.same(
    decideUserChange(by, suspended, 1, { role: 'member' }),
    { role: 'member' },
    'one that does not count',
  );
  t.same(
    decideUserChange(root, owner, 1, { status: 'suspended' }),
    { status: 'suspended' },
    'the platform may',
  );
});

t.test('nobody suspends itself', async (t) => {
  t.equal(named(decideUserChange(as('olga', 'owner'), owner, 2, { status: 'suspended' })), 'forbidden');
  t.equal(named(decideUserChange(as('adam', 'admin'), admin, 2, { status: 'suspended' })), 'forbidden');
  const rootRecord = record('root', { role: 'owner', superAdmin: true });
  t.equal(named(decideUserChange(root, rootRecord, 2, { status: 'suspended' })), 'forbidden');
});

t.test('only a super admin makes, unmakes or changes super admins', async (t) => {
  t.same(decideUserChange(root, member, 1, { superAdmin: true }), { superAdmin: true });
  t.same(decideUserChange(as('olga', 'owner'), member, 1, { superAdmin: true, role: 'admin' }), {
    role: 'admin',
  });
  const other = record('other', { superAdmin: true });
  t.equal(named(decideUserChange(as('olga', 'owner'), other, 1, { status: 'suspended' })), 'forbidden');
});

t.test('scopes and roles are kept once each', async (t) => {
  const by = as('olga', 'owner');
  const scopes = ['cap:messaging.route', 'cap:messaging.route'] as const;
  t.same(decideUserChange(by, member, 1, { scopes, v2Roles: ['pm', 'pm'] }), {
    grantedScopes: ['cap:messaging.route'],
    v2Roles: ['pm'],
  });
});
