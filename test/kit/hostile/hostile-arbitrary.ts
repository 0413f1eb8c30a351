/** What nobody should send: texts that hurt careless programs, and values that were nearly right. */
import fc, { type Arbitrary } from 'fast-check';

/** Texts with a history in parsers, databases, subjects, paths and headers. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udc00\ud800',
  '\ufeff',
  '\u202e\u2066',
  'e\u0301'.repeat(100),
  '👩‍👩‍👧‍👦'.repeat(50),
  "' or 1=1 --",
  '"; drop table tenants; --',
  '$1',
  '%00',
  '%ff%fe',
  '%s%n%p',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '*',
  '>',
  'conv.0.>',
  '_INBOX.x',
  'a.b.c',
  '__proto__',
  'constructor',
  'toString',
  '{{7*7}}',
  '$(id)',
  '<script>alert(1)</script>',
  'a\r\nSet-Cookie: x=1',
  '-1',
  '0',
  '1e309',
  '9007199254740993',
  'NaN',
  'null',
  'true',
  '[object Object]',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '9999-12-31T23:59:59.999999Z',
  '-infinity',
];

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** One value that no careful client sends. */
export const hostileValue: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.constantFrom<unknown>(null, true, false, 0, -0, -1, 0.1, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, [], {}),
  fc.constantFrom<unknown>([[]], [null], { a: null }, { length: 1 }, { toString: 1 }),
  fc.constantFrom(20, 31, 32, 33, 200, 4_000).map(nested),
  fc.constantFrom(256, 4_096, 70_000, 300_000).map((chars) => 'x'.repeat(chars)),
  fc.constantFrom(101, 1_001).map((items) => Array<string>(items).fill('x')),
  fc.jsonValue({ maxDepth: 4 }),
);

/** A value with one place of it replaced, taken away or added to. */
export function mutated(values: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc
    .tuple(values, hostileValue, fc.nat(), fc.constantFrom('replace', 'delete', 'add'))
    .map(([value, hostile, at, how]) => changedAt(value, at, hostile, how));
}

function changedAt(value: unknown, at: number, hostile: unknown, how: 'replace' | 'delete' | 'add'): unknown {
  if (typeof value !== 'object' || value === null) return hostile;
  const copy = structuredClone(value) as Record<string, unknown>;
  const keys = Object.keys(copy);
  if (how === 'add' || keys.length === 0) {
    const name = hostileTexts[at % hostileTexts.length] ?? '';
    return Array.isArray(copy) ? [...copy, hostile] : { ...copy, [name]: hostile };
  }
  const key = keys[at % keys.length] ?? '';
  const inner = copy[key];
  if (how === 'delete') delete copy[key];
  else if (typeof inner === 'object' && inner !== null && at % 3 !== 0)
    copy[key] = changedAt(inner, Math.floor(at / 3), hostile, how);
  else copy[key] = hostile;
  return copy;
}

/** JSON text with some bytes of it changed, cut off or doubled: mostly no JSON any more. */
export function garbled(texts: Arbitrary<string>): Arbitrary<Uint8Array> {
  return fc
    .tuple(texts, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(3))
    .map(([text, changes, how]) => {
      const bytes = Buffer.from(text, 'utf8');
      for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      if (how === 0) return bytes.subarray(0, Math.floor(bytes.length / 2));
      return how === 1 ? Buffer.concat([bytes, bytes]) : bytes;
    });
}
