import { Type } from '@sinclair/typebox';
import t from 'tap';
import { compileCheck } from '../../../src/contract/checking/check.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { FieldError } from '../../../src/domain/problem.ts';

const Body = Type.Object(
  {
    content: Type.String({ minLength: 1, maxLength: 10 }),
    size: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    ratio: Type.Optional(Type.Number()),
    id: Type.Optional(Type.String({ format: 'uuid' })),
    at: Type.Optional(Type.String({ format: 'date-time' })),
    mail: Type.Optional(Type.String({ format: 'email' })),
    role: Type.Optional(Type.Union([Type.Literal('owner'), Type.Literal('member')])),
    name: Type.Optional(Type.Union([Type.String({ maxLength: 3 }), Type.Null()])),
    tags: Type.Optional(Type.Array(Type.String(), { maxItems: 2, uniqueItems: true })),
    nested: Type.Optional(Type.Object({ 'a/b': Type.String() })),
  },
  { additionalProperties: false },
);
const check = compileCheck(Body);

function fieldOf(extra: object): FieldError | undefined {
  const value = { content: 'hi', ...extra };
  t.notOk(check.accepts(value));
  return check.refusal(value).fields?.[0];
}

t.test('a value of the schema is accepted', async (t) => {
  const value = {
    content: 'hi',
    size: 3,
    id: '0193F000-0000-7000-8000-000000000000',
    at: '2026-11-20T10:00:00.123456Z',
    mail: 'a@b.example',
    role: 'owner',
    name: null,
    tags: ['a', 'b'],
  };
  t.ok(check.accepts(value));
});

t.test('each kind of refusal has its reason, path and limit', async (t) => {
  t.same(fieldOf({ content: undefined }), { path: 'content', reason: 'required' });
  t.same(fieldOf({ content: 3 }), { path: 'content', reason: 'type' });
  t.same(fieldOf({ content: '' }), { path: 'content', reason: 'too_short', limit: 1 });
  t.same(fieldOf({ content: 'x'.repeat(11) }), { path: 'content', reason: 'too_long', limit: 10 });
  t.same(fieldOf({ size: 201 }), { path: 'size', reason: 'too_large', limit: 200 });
  t.same(fieldOf({ size: 0 }), { path: 'size', reason: 'too_small', limit: 1 });
  t.same(fieldOf({ size: 1.5 }), { path: 'size', reason: 'type' });
  t.same(fieldOf({ ratio: Number.POSITIVE_INFINITY }), { path: 'ratio', reason: 'type' });
  t.same(fieldOf({ id: 'x' }), { path: 'id', reason: 'format' });
  t.same(fieldOf({ at: 'yesterday' }), { path: 'at', reason: 'format' });
  t.same(fieldOf({ mail: 'a b@c' }), { path: 'mail', reason: 'format' });
  t.same(fieldOf({ role: 'king' }), { path: 'role', reason: 'not_allowed' });
  t.same(fieldOf({ name: 'long' }), { path: 'name', reason: 'too_long', limit: 3 });
  t.same(fieldOf({ name: 3 }), { path: 'name', reason: 'type' });
  t.same(fieldOf({ tags: ['a', 'b', 'c'] }), { path: 'tags', reason: 'too_many', limit: 2 });
  t.same(fieldOf({ tags: ['a', 'a'] }), { path: 'tags', reason: 'repeated' });
  t.same(fieldOf({ tags: ['a', 1] }), { path: 'tags.1', reason: 'type' });
  t.same(fieldOf({ nested: {} }), { path: 'nested.a/b', reason: 'required' });
  t.same(fieldOf({ other: 1 }), { path: 'other', reason: 'unknown_field' });
});

t.test('a field is named once and the sentence is about the first', async (t) => {
  const problem = check.refusal({ size: 'x' });
  t.same(problem.fields, [
    { path: 'content', reason: 'required' },
    { path: 'size', reason: 'type' },
  ]);
  t.equal(problem.message, 'content is required.');
  t.equal(check.refusal(null).fields?.[0]?.path, '');
});

t.test('what a client can make long is cut', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`field${index}`, 1]));
  t.equal(check.refusal({ content: 'x', ...many }).fields?.length, limits.fieldErrorsMax);
  const path = check.refusal({ content: 'x', ['k'.repeat(100_000)]: 1 }).fields?.[0]?.path ?? '';
  t.ok(path.length <= limits.fieldPathCharsMax + 1);
});

t.test('names from the prototype are not fields', async (t) => {
  t.notOk(compileCheck(Type.Object({ constructor: Type.String() })).accepts({}));
  t.notOk(compileCheck(Type.Object({ toString: Type.Object({}) })).accepts({}));
});
