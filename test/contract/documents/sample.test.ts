import { Type } from '@sinclair/typebox';
import t from 'tap';
import { compileCheck } from '../../../src/contract/checking/check.ts';
import { noSample, sampleOf } from '../../../src/contract/documents/sample.ts';

t.test('a sample follows from examples first, then from the types', async (t) => {
  const schema = Type.Object({
    id: Type.String({ format: 'uuid' }),
    at: Type.String({ format: 'date-time' }),
    name: Type.String({ examples: ['Harbour', 'Port'] }),
    role: Type.Union([Type.Literal('owner'), Type.Literal('member')]),
    note: Type.Union([Type.Null(), Type.String({ examples: ['a note'] })]),
    none: Type.Null(),
    limit: Type.Integer({ minimum: 5 }),
    tags: Type.Array(Type.String({ examples: ['a'] })),
    more: Type.Record(Type.String(), Type.Unknown()),
    isOpen: Type.Boolean(),
    shown: Type.Optional(Type.String({ examples: ['yes'] })),
    left: Type.Optional(Type.String()),
  });
  const sample = sampleOf(schema);
  t.match(sample, {
    name: 'Harbour',
    role: 'owner',
    note: 'a note',
    none: null,
    limit: 5,
    tags: ['a'],
    more: {},
    isOpen: true,
    shown: 'yes',
  });
  t.notOk('left' in (sample as object), 'an optional field without an example is left out');
  t.ok(compileCheck(schema).accepts(sample));
});

t.test('a text about which nothing is said has no sample, and nothing around it has one', async (t) => {
  t.equal(sampleOf(Type.String()), noSample);
  t.equal(sampleOf(Type.Object({ inner: Type.Array(Type.Object({ name: Type.String() })) })), noSample);
  t.same(sampleOf(Type.Object({ name: Type.Optional(Type.String()) })), {});
});
