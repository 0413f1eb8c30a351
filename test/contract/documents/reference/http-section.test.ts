import { Type } from '@sinclair/typebox';
import t from 'tap';
import { httpSection } from '../../../../src/contract/documents/reference/http-section.ts';
import { fieldsTable, typeOf } from '../../../../src/contract/documents/reference/schema-rows.ts';
import { operation } from '../../../../src/contract/operation.ts';
import { testDialect } from '../../../kit/clients/http-front.ts';

const Thing = Type.Object({ id: Type.String({ format: 'uuid' }) }, { title: 'Thing' });
const rename = operation(
  {
    id: 'test.rename',
    method: 'PATCH',
    path: '/t/things/:thingId',
    summary: 'Renames a thing',
    access: 'principal',
    schemas: {
      query: Type.Object({
        confirm: Type.String({ examples: ['yes & no'] }),
        dry: Type.Optional(Type.Boolean()),
      }),
      body: Type.Object({ name: Type.String({ maxLength: 80, examples: ["Ada's"] }) }),
    },
    responses: { 200: { description: 'The thing.', schema: Thing } },
  },
  () => ({ status: 200 }),
);
const alias = operation(
  { ...rename, id: 'test.alias', path: '/t/other', isAlias: true, schemas: {} },
  () => ({
    status: 200,
  }),
);

t.test('an operation is told with a request that may be pasted into a shell', async (t) => {
  const { entries } = httpSection(testDialect([rename, alias]), 'https://chat.example.org');
  t.same(
    entries.map(({ id }) => id),
    ['test.rename', 'test.shape.Thing'],
    'not the other address of it',
  );
  const [entry] = entries;
  t.equal(entry?.title, 'PATCH /t/things/{thingId}');
  const request = entry?.blocks.find((block) => block.kind === 'code');
  t.same(request, {
    kind: 'code',
    label: 'Request',
    text: [
      'curl -X PATCH "https://chat.example.org/t/things/$THING_ID?confirm=yes%20%26%20no" \\',
      '  -H "authorization: Bearer $TOKEN" \\',
      "  -H 'content-type: application/json' \\",
      `  -d '{"name":"Ada'\\''s"}'`,
    ].join('\n'),
  });
  t.match(entry?.blocks.at(-1), { label: 'Answer, 200', text: /"id": "[0-9a-f-]{36}"/ });
  const words = entry?.blocks.flatMap((block) => (block.kind === 'text' ? [block.text] : []));
  t.match(words?.join('\n'), /may also be refused: 400, 401, 403, 413, 415, 429, 500, 503\./);
});

t.test('types are said in a few words', async (t) => {
  const Role = Type.Union([Type.Literal('owner'), Type.Literal('member')]);
  t.equal(typeOf(Role), '"owner" or "member"');
  t.equal(typeOf(Type.Union([Type.String({ format: 'uuid' }), Type.Null()])), 'uuid or null');
  t.equal(typeOf(Type.Array(Thing)), 'Thing[]');
  t.equal(
    typeOf(Type.Object({ a: Type.Integer(), b: Type.Optional(Role) })),
    '{a: integer, b?: "owner" or "member"}',
  );
  t.equal(typeOf(Type.Unknown({ type: ['string', 'null'] })), 'string or null');
  t.equal(typeOf(Type.Unknown()), 'any JSON');
  t.same(
    fieldsTable(
      Type.Object({ n: Type.Optional(Type.Integer({ minimum: 1, maximum: 9, description: 'How many.' })) }),
    ),
    [{ kind: 'table', head: ['field', 'type', 'what'], rows: [['`n`?', 'integer', 'How many; 1 to 9']] }],
  );
  t.same(fieldsTable(null), []);
});
