import fc from 'fast-check';
import t from 'tap';
import { canonicalUuid, isTenantId, isUuid, uuidv7TimeMs } from '../../src/domain/ids.ts';

t.test('a UUID of any version and case is one, and compares without case', async () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      (id) => isUuid(id) && isUuid(id.toUpperCase()) && canonicalUuid(id.toUpperCase()) === id,
    ),
  );
});

t.test('other texts are no UUIDs', async (t) => {
  const id = '01900000-0000-7000-8000-000000000001';
  for (const text of [
    '',
    id.slice(1),
    `${id}0`,
    `{${id}}`,
    id.replaceAll('-', ''),
    id.replace('0', 'g'),
    `${id}\n`,
  ]) {
    t.equal(canonicalUuid(text), null, text);
  }
  fc.assert(fc.property(fc.string(), (text) => !isUuid(text) && canonicalUuid(text) === null));
});

t.test('a UUIDv7 tells when it was made, other ids do not', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => {
      const hex = ms.toString(16).padStart(12, '0');
      return uuidv7TimeMs(`${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`) === ms;
    }),
  );
  fc.assert(fc.property(fc.uuid({ version: 4 }), (id) => uuidv7TimeMs(id) === null));
  t.equal(uuidv7TimeMs('opaque'), null);
});

t.test('a tenant id is one token of a subject as it stands', async (t) => {
  for (const id of ['acme', 'org_2aB-9', '01890000-0000-7000-8000-000000000001', 'x'.repeat(255)]) {
    t.equal(isTenantId(id), true, id);
  }
  for (const id of ['', 'a.b', 'a*', '>', 'a b', 'ä', 'a\0', 'a\n', 'x'.repeat(256)])
    t.equal(isTenantId(id), false, id);
});
