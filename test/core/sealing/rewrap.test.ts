/** Another master key: everything stays readable, and the former one opens nothing any more. */
import t from 'tap';
import { openKeyWrap } from '../../../src/adapters/master-key/key-wrap.ts';
import { openDataKeyStore } from '../../../src/adapters/postgres/data-key-store.ts';
import { openWrappedDataKeys } from '../../../src/adapters/postgres/wrapped-data-keys.ts';
import { textCipher as cipher } from '../../../src/adapters/sealing/text-cipher.ts';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { type KeyChain, openDataKeys } from '../../../src/core/sealing/data-keys.ts';
import { rewrapDataKeys } from '../../../src/core/sealing/rewrap-data-keys.ts';
import { must } from '../../kit/clients/reader.ts';
import { openTestPools } from '../../kit/identity.ts';

const [former, present, other] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];
const pools = await openTestPools(t);
const store = openDataKeyStore(pools.requests);
const wrapped = openWrappedDataKeys(pools.identity);
const keysBy = (master: string, ...others: string[]) =>
  openDataKeys({ store, wrap: openKeyWrap(master, others), cipher, clock: openClock() });
const chainOf = async (master: string, tenant: string): Promise<KeyChain> =>
  must(await keysBy(master).chain(tenant, 1));

t.test('keys of every tenant are wrapped anew, erased ones excepted', async (t) => {
  const keys = keysBy(former);
  const made = new Map<string, Uint8Array>();
  for (const tenant of ['a', 'b', 'c']) made.set(tenant, must(await keys.present(tenant)).key);
  must(await keys.rotate('b'));
  must(await keys.erase('c'));
  t.match(await rewrapDataKeys(wrapped, openKeyWrap(other)), { code: 'conflict', reason: 'not_unwrapped' });
  t.equal(await rewrapDataKeys(wrapped, openKeyWrap(present, [former])), 3);
  t.equal(await rewrapDataKeys(wrapped, openKeyWrap(present, [former])), 0, 'once is enough');
  for (const tenant of ['a', 'b']) {
    t.same((await chainOf(present, tenant)).keys.get(1), made.get(tenant));
    t.equal((await chainOf(former, tenant)).keys.get(1), 'locked');
  }
  t.equal((await chainOf(present, 'b')).present, 2);
  t.equal((await chainOf(present, 'c')).keys.get(1), 'erased');
});

t.test('nodes that need the first key of a tenant at once agree on one', async (t) => {
  const nodes = Array.from({ length: 5 }, () => keysBy(former));
  const found = await Promise.all(nodes.map(async (keys) => must(await keys.present('together'))));
  t.equal(new Set(found.map(({ version }) => version)).size, 1);
  for (const { key } of found) t.same(key, found[0]?.key);
});

t.test('a node that saw no key before another made the first one takes that one', async (t) => {
  const first = keysBy(former);
  let listings = 0;
  const late = openDataKeys({
    store: {
      ...store,
      async list(tenant) {
        const before = await store.list(tenant);
        listings += 1;
        if (listings === 1) must(await first.present(tenant));
        return before;
      },
    },
    wrap: openKeyWrap(former),
    cipher,
    clock: openClock(),
  });
  t.same(must(await late.present('late')), must(await first.present('late')));
  t.equal(must(await store.list('late')).length, 1);
});

t.test('rotations at once leave one present key', async (t) => {
  const nodes = Array.from({ length: 5 }, () => keysBy(former));
  await Promise.all(nodes.map((keys) => keys.rotate('rotating')));
  const stored = must(await store.list('rotating'));
  t.equal(stored.filter(({ retiredAt }) => retiredAt === null).length, 1);
  t.equal(stored.at(-1)?.retiredAt, null);
});

t.test('a key that was erased is not sealed with, and its number is not given again', async (t) => {
  const keys = keysBy(former);
  must(await keys.present('erasing'));
  t.equal(await keys.erase('erasing'), 1);
  t.equal(must(await keys.present('erasing')).version, 2);
  t.equal(await keys.erase('erasing'), 1);
  t.equal(await keys.erase('erasing'), 0);
});
