import fc from 'fast-check';
import t from 'tap';
import { findJsonFault } from '../../../src/contract/checking/json-fault.ts';

t.test('a fault is where it is, in the words of Python', async (t) => {
  const cases: readonly (readonly [text: string, at: number, expected: string])[] = [
    ['{', 1, 'Expecting property name enclosed in double quotes'],
    ['{"a":}', 5, 'Expecting value'],
    ['{"a" 1}', 5, "Expecting ':' delimiter"],
    ['{"a":1 "b":2}', 7, "Expecting ',' delimiter"],
    ['{"a":1,}', 7, 'Expecting property name enclosed in double quotes'],
    ["{'a':1}", 1, 'Expecting property name enclosed in double quotes'],
    ['[1,]', 3, 'Expecting value'],
    ['[1 2]', 3, "Expecting ',' delimiter"],
    ['{"a":"b', 5, 'Unterminated string starting at'],
    ['{"a":"\\x"}', 6, 'Invalid \\escape'],
    ['{"a":"\n"}', 6, 'Invalid control character at'],
    ['{} x', 3, 'Extra data'],
    ['{"a":[1}]', 7, "Expecting ',' delimiter"],
    ['  nul', 2, 'Expecting value'],
    ['', 0, 'Expecting value'],
    ['{"😀":tru}', 5, 'Expecting value'],
  ];
  for (const [text, at, expected] of cases) t.same(findJsonFault(text), { at, expected }, text);
});

t.test('whatever is cut off or broken has a fault inside of it', async (t) => {
  const broken = fc.tuple(
    fc.json(),
    fc.nat({ max: 200 }),
    fc.constantFrom('', '}', '"', '\\', '\u0001', ',', ':'),
  );
  fc.assert(
    fc.property(broken, ([json, at, put]) => {
      const text = json.slice(0, at) + put + json.slice(at + 1);
      try {
        JSON.parse(text);
      } catch {
        const fault = findJsonFault(text);
        return fault.at >= 0 && fault.at <= [...text].length && fault.expected !== '';
      }
      return true;
    }),
    { numRuns: 2_000 },
  );
  t.same(findJsonFault('['.repeat(200_000)).at, 200_000, 'however deep');
});
