import t from 'tap';
import { openPasswordHash } from '../../../src/adapters/argon2/password-hash.ts';
import { given, named } from '../../kit/identity.ts';

t.test('a hash is Argon2id with 19 MiB and two passes, and salted', async (t) => {
  const passwords = openPasswordHash();
  const [one, two] = [given(await passwords.hash('secret')), given(await passwords.hash('secret'))];
  t.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  t.not(one, two);
});

t.test('only the very password verifies, to its last character', async (t) => {
  const passwords = openPasswordHash();
  const long = `${'p'.repeat(100)}ä`;
  const hash = given(await passwords.hash(long));
  t.equal(await passwords.verify(hash, long), true);
  t.equal(await passwords.verify(hash, `${'p'.repeat(100)}b`), false);
  t.equal(await passwords.verify('not a hash', long), false);
  t.equal(await passwords.verify('', long), false);
});

t.test('a crowd waits in a bounded queue, and what does not fit is told so', async (t) => {
  const passwords = openPasswordHash({ concurrencyMax: 1, queuedMax: 2 });
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => passwords.hash('secret')));
  t.same(outcomes.map(named), ['ok', 'ok', 'ok', 'overloaded', 'overloaded']);
  t.equal(named(await passwords.hash('secret')), 'ok', 'there is room again');
});

t.test('hashing leaves the event loop free', async (t) => {
  const passwords = openPasswordHash({ concurrencyMax: 1 });
  let turns = 0;
  let isDone = false;
  const hashing = passwords.hash('secret').then(() => {
    isDone = true;
  });
  while (!isDone) {
    turns += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await hashing;
  t.ok(turns > 50, `${turns} turns`);
});
