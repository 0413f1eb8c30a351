import fc from 'fast-check';
import t from 'tap';
import { textCipher as cipher } from '../../../src/adapters/sealing/text-cipher.ts';

const place = ['tenant', 'conversation', 'event', 7] as const;
const key = cipher.newKey();

t.test('any JSON text comes back as it was, and is sealed differently each time', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const json = JSON.stringify([value, text]);
      const [one, other] = [cipher.seal(json, key, 3, place), cipher.seal(json, key, 3, place)];
      t.equal(cipher.open(one, key, place), json);
      t.not(one, other);
      t.equal(cipher.versionOf(one), 3);
    }),
    { numRuns: 200 },
  );
});

t.test('a sealed text with any character changed does not open', async (t) => {
  const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'];
  const sealed = cipher.seal('{"content":"the tide is out"}', key, 1, place);
  let tried = 0;
  for (let at = 0; at < sealed.length; at += 1) {
    for (const changed of alphabet) {
      if (changed === sealed[at]) continue;
      tried += 1;
      const forged = sealed.slice(0, at) + changed + sealed.slice(at + 1);
      if (cipher.open(forged, key, place) !== null) t.fail(`opened with ${changed} at ${at}`);
    }
  }
  t.ok(tried > 5_000);
  for (let length = 0; length < sealed.length; length += 1)
    t.equal(cipher.open(sealed.slice(0, length), key, place), null);
});

t.test('it opens at no other place, with no other key and under no other version', async (t) => {
  const sealed = cipher.seal('text', key, 1, place);
  for (const other of [
    ['other', 'conversation', 'event', 7],
    ['tenant', 'other', 'event', 7],
    ['tenant', 'conversation', 'other', 7],
    ['tenant', 'conversation', 'event', 8],
    ['tenant', 'conversation', 'event', '7'],
    ['tenant","conversation', 'event', 7],
    ['tenant', 'conversation', 'event'],
  ] as const) {
    t.equal(cipher.open(sealed, key, other), null, JSON.stringify(other));
  }
  t.equal(cipher.open(sealed, cipher.newKey(), place), null);
  t.equal(cipher.open(sealed.replace('v1.1.', 'v1.2.'), key, place), null);
});

t.test('what is no sealed text has no version and does not open', async (t) => {
  for (const text of ['', 'v1', 'v1.1', 'v1.0.a.b.c', 'v2.1.a.b.c', 'v1.x.a.b.c', 'erased', 'v1.1....']) {
    t.equal(cipher.versionOf(text), null, text);
    t.equal(cipher.open(text, key, place), null, text);
  }
});
