import t from 'tap';
import { VerifiedCredentials } from '../../../../src/core/identity/credentials/verified-credentials.ts';
import type { Principal } from '../../../../src/domain/principal.ts';

function principal(fields: Partial<Principal>): Principal {
  return {
    tenant: 't1',
    id: 'ada',
    kind: 'user',
    scopes: [],
    role: 'member',
    superAdmin: false,
    displayName: 'Ada',
    sid: 's1',
    service: null,
    expiresAt: 100,
    ...fields,
  };
}

t.test('a credential is known until it expires', async (t) => {
  const known = new VerifiedCredentials(10);
  const ada = principal({});
  known.add('token', ada);
  t.equal(known.get('token', 99), ada);
  t.equal(known.get('token2', 99), null);
  t.equal(known.get('token', 100), null);
  t.equal(known.size, 0);
  known.add('key', principal({ expiresAt: null }));
  t.ok(known.get('key', Number.MAX_SAFE_INTEGER));
});

t.test('forgetting a session forgets its tokens and no others', async (t) => {
  const known = new VerifiedCredentials(10);
  known.add('a', principal({ sid: 's1' }));
  known.add('b', principal({ sid: 's1' }));
  known.add('c', principal({ sid: 's2' }));
  known.add('d', principal({ sid: 's1', tenant: 't2' }));
  known.forgetSid('t1', 's1');
  t.same(
    ['a', 'b', 'c', 'd'].map((secret) => known.get(secret, 1) !== null),
    [false, false, true, true],
  );
});

t.test('forgetting a principal forgets all its sessions and keys', async (t) => {
  const known = new VerifiedCredentials(10);
  known.add('a', principal({ sid: 's1' }));
  known.add('b', principal({ sid: 's2' }));
  known.add('c', principal({ id: 'ben', sid: 's3' }));
  known.forgetPrincipal('t1', 'ada');
  t.same(
    ['a', 'b', 'c'].map((secret) => known.get(secret, 1) !== null),
    [false, false, true],
  );
  known.forgetPrincipal('t1', 'nobody');
});

t.test('it never holds more than its bound, and keeps what is used', async (t) => {
  const known = new VerifiedCredentials(100);
  for (let n = 0; n < 1000; n += 1) {
    known.add(`token${n}`, principal({ sid: `s${n}` }));
    known.get('token0', 1);
    t.ok(known.size <= 100);
  }
  t.ok(known.get('token0', 1), 'used all the time');
  t.ok(known.get('token999', 1), 'the newest');
  t.equal(known.get('token500', 1), null);
});

t.test('adding a credential again replaces what was known', async (t) => {
  const known = new VerifiedCredentials(2);
  known.add('a', principal({ sid: 's1' }));
  known.add('a', principal({ sid: 's2', displayName: 'Ada L.' }));
  known.forgetSid('t1', 's1');
  t.equal(known.get('a', 1)?.displayName, 'Ada L.');
  t.equal(known.size, 1);
});
