/** OpenAPI of everything that is declared. */
import { Validator } from '@seriousme/openapi-schema-validator';
import t from 'tap';
import { declaredDialects, staticDocuments } from '../../../src/compose/documents/documents.ts';
import { schemaCheck } from '../../kit/json-schema-check.ts';
import { danglingReferences } from '../../kit/references.ts';

interface Content {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface Described {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}
interface Document {
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Content>> }>>;
  };
}

const document = JSON.parse(staticDocuments('1.2.3').openApi()) as Document;
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
const check = schemaCheck(document);

t.test('it is valid OpenAPI 3.1 and refers to nothing that is missing', async (t) => {
  const result = await new Validator().validate({ ...structuredClone(document) });
  t.ok(result.valid, JSON.stringify(result.errors));
  t.same(danglingReferences(document), []);
});

t.test(
  'it has every operation but other addresses of the same things, each under a tag that is described',
  async (t) => {
    const declared = declaredDialects()
      .flatMap((dialect) => dialect.operations)
      .filter(({ isAlias }) => isAlias !== true)
      .map(({ id }) => id);
    t.same(operations.map(({ operationId }) => operationId).sort(), declared.sort());
    const described = new Set(document.tags.filter(({ description }) => description).map(({ name }) => name));
    t.same(
      operations
        .filter(({ tags }) => !tags.every((tag) => described.has(tag)))
        .map(({ operationId }) => operationId),
      [],
    );
  },
);

t.test('every example is what its schema says', async (t) => {
  let seen = 0;
  const look = (where: string, { schema, example, examples = {} }: Content): void => {
    const values = [
      ...(example === undefined ? [] : [example]),
      ...Object.values(examples).map(({ value }) => value),
    ];
    seen += values.length;
    for (const value of values) t.equal(check(schema, value), '', where);
  };
  for (const { operationId, requestBody, responses } of operations) {
    for (const content of Object.values(requestBody?.content ?? {})) look(`${operationId} request`, content);
    for (const [status, { content = {} }] of Object.entries(responses))
      for (const one of Object.values(content)) look(`${operationId} ${status}`, one);
  }
  for (const [name, { content }] of Object.entries(document.components.responses))
    for (const one of Object.values(content)) look(name, one);
  t.ok(seen > operations.length, 'there are examples');
});

t.test('every operation shows what it is sent and what it answers', async (t) => {
  const isBare = ({ example }: Content): boolean => example === undefined;
  for (const { operationId, requestBody, responses } of operations) {
    const sent = requestBody?.content['application/json'];
    t.notOk(
      sent !== undefined && isBare(sent),
      `${operationId}: give its fields \`examples\`, or it an \`example.body\``,
    );
    const [, success] = Object.entries(responses).find(([status]) => Number(status) < 300) ?? [];
    const answered = Object.values(success?.content ?? {});
    t.notOk(
      answered.some(isBare),
      `${operationId}: give its answer's fields \`examples\`, or it an \`example.response\``,
    );
  }
});

t.test('every refusal of every dialect has an example in its words', async (t) => {
  for (const [name, { content }] of Object.entries(document.components.responses)) {
    const { examples = {} } = content['application/json'] as Content;
    t.match(Object.keys(examples), ['invalid_request', 'unauthenticated', 'forbidden', 'not_found'], name);
  }
});
