import { Validator } from '@seriousme/openapi-schema-validator';
import { Type } from '@sinclair/typebox';
import t from 'tap';
import { openApiDocument } from '../../../src/contract/documents/openapi.ts';
import { operation } from '../../../src/contract/operation.ts';
import { testDialect } from '../../kit/clients/http-front.ts';
import { danglingReferences } from '../../kit/references.ts';

const Thing = Type.Object(
  { id: Type.String({ format: 'uuid' }), name: Type.Union([Type.String(), Type.Null()]) },
  { title: 'Thing' },
);
const Failure = Type.Object({ refused: Type.String() }, { title: 'Error' });
const facts = {
  title: 'Parley',
  version: '1.2.3',
  serverUrl: 'http://localhost:3000',
  cookieName: 'session',
};

const list = operation(
  {
    id: 'a.list',
    method: 'GET',
    path: '/a/things',
    summary: 'Lists things',
    access: 'optional',
    schemas: {
      query: Type.Object({
        limit: Type.Optional(Type.Integer({ description: 'How many' })),
        tag: Type.Array(Type.String()),
      }),
    },
    responses: { 200: { description: 'Things', schema: Type.Array(Thing) } },
  },
  () => ({ status: 200, body: [] }),
);
const change = operation(
  {
    id: 'a.change',
    method: 'PUT',
    path: '/a/things/:id/parts/:part',
    summary: 'Changes a part',
    access: 'principal',
    schemas: {
      params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
      body: Type.Object({ thing: Thing }),
    },
    responses: {
      200: { description: 'Changed', schema: Thing },
      202: { description: 'Told as it happens', schema: Type.String(), contentType: 'text/event-stream' },
      409: { description: 'Taken', schema: Failure },
    },
    example: { body: { thing: { id: '0193f000-0000-7000-8000-000000000000', name: null } } },
  },
  () => ({ status: 200 }),
);
const metrics = operation(
  {
    id: 'b.metrics',
    method: 'GET',
    path: '/metrics',
    summary: 'Text',
    access: 'public',
    schemas: {},
    contentType: 'text/plain',
    responses: { 200: { description: 'Text', schema: Type.String() } },
  },
  () => ({ status: 200, text: '' }),
);
const dialects = [
  testDialect([list, change], { name: 'a', title: 'A', refusal: Failure }),
  testDialect([metrics], {
    name: 'b',
    title: 'B',
    refusal: Type.Object({ other: Type.String() }, { title: 'Error' }),
  }),
];

t.test('the document is valid OpenAPI 3.1 and refers to nothing that is missing', async (t) => {
  const document = openApiDocument(dialects, facts);
  const result = await new Validator().validate(structuredClone(document));
  t.ok(result.valid, JSON.stringify(result.errors));
  t.same(danglingReferences(document), []);
});

t.test('each declaration is in it', async (t) => {
  const document = openApiDocument(dialects, facts);
  t.match(document, {
    openapi: '3.1.0',
    info: { title: 'Parley', version: '1.2.3' },
    paths: {
      '/a/things': {
        get: {
          operationId: 'a.list',
          tags: ['A'],
          security: [{ bearer: [] }, { apiKey: [] }, { cookie: [] }, {}],
          parameters: [
            { name: 'limit', in: 'query', required: false, description: 'How many' },
            { name: 'tag', in: 'query', required: true },
          ],
          responses: {
            200: {
              content: {
                'application/json': {
                  schema: { type: 'array', items: { $ref: '#/components/schemas/a.Thing' } },
                },
              },
            },
          },
        },
      },
      '/a/things/{id}/parts/{part}': {
        put: {
          parameters: [
            { name: 'id', schema: { format: 'uuid' } },
            { name: 'part', schema: { type: 'string' } },
          ],
          requestBody: { required: true },
          responses: {
            200: { content: { 'application/json': {} } },
            202: { content: { 'text/event-stream': { schema: { type: 'string' } } } },
            401: { $ref: '#/components/responses/a.Refusal' },
            409: { content: { 'application/json': { schema: { $ref: '#/components/schemas/a.Error' } } } },
            415: { $ref: '#/components/responses/a.Refusal' },
          },
        },
      },
      '/metrics': { get: { security: [], responses: { 200: { content: { 'text/plain': {} } } } } },
    },
    components: { schemas: { 'a.Error': {}, 'b.Error': {}, 'a.Thing': {} } },
  });
});

t.test('one title of a dialect means one schema', async (t) => {
  const other = operation(
    {
      ...list,
      id: 'a.other',
      path: '/a/other',
      responses: { 200: { description: 'x', schema: Type.String({ title: 'Thing' }) } },
      schemas: {},
    },
    () => ({ status: 200 }),
  );
  t.throws(
    () => openApiDocument([testDialect([list, other])], facts),
    /Two schemas of test have the title Thing/,
  );
});
