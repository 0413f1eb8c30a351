/** OpenAPI 3.1 from the declarations of all dialects. */
import type { TObject, TSchema } from '@sinclair/typebox';
import { namesIn } from '../checking/compiled-operation.ts';
import type { HttpDialect, Operation } from '../operation.ts';
import {
  commonHeaders,
  errorStatuses,
  headerParameters,
  securityOf,
  securitySchemes,
} from './openapi-shared.ts';
import {
  refusalExample,
  refusalExamples,
  requestExample,
  responseExample,
  successStatus,
} from './operation-examples.ts';
import { type JsonSchema, SchemaComponents } from './schema-components.ts';

export interface ApiFacts {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
  /** Where clients reach it; '/' when that is not known. */
  readonly serverUrl: string;
  /** Name of the session cookie; null: there is none. */
  readonly cookieName: string | null;
}

type Json = Record<string, unknown>;

/** The document as a value to be written as JSON; the same declarations give the same text. */
export function openApiDocument(dialects: readonly HttpDialect[], facts: ApiFacts): Json {
  const components = new SchemaComponents();
  const responses: Json = {};
  const paths: Record<string, Json> = {};
  for (const dialect of dialects) {
    responses[refusalName(dialect)] = refusalOf(dialect, components);
    for (const operation of documented(dialect)) {
      const path = operation.path.replace(/:([^/]+)/g, '{$1}');
      const item = paths[path] ?? {};
      item[operation.method.toLowerCase()] = describe(operation, dialect, components, facts);
      paths[path] = item;
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: facts.title, version: facts.version, description: facts.description ?? facts.title },
    servers: [{ url: facts.serverUrl }],
    tags: tagsOf(dialects),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: components.all(),
      responses,
      parameters: headerParameters,
      securitySchemes: securitySchemes(facts.cookieName),
    },
  };
}

/** What the documents tell of a dialect: not the other addresses of the same things. */
export function documented({ operations }: HttpDialect): readonly Operation[] {
  return operations.filter(({ isAlias }) => isAlias !== true);
}

function describe(
  operation: Operation,
  dialect: HttpDialect,
  components: SchemaComponents,
  facts: ApiFacts,
): Json {
  const { schemas, access } = operation;
  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.tag ?? dialect.title],
    security: securityOf(access, facts.cookieName),
    parameters: [
      ...pathParameters(operation, components, dialect.name),
      ...queryParameters(schemas.query, components, dialect.name),
      ...(access === 'public' ? [] : commonHeaders),
    ],
    ...requestBodyOf(operation, components, dialect.name),
    responses: responsesOf(operation, dialect, components),
  };
}

function pathParameters(operation: Operation, components: SchemaComponents, scope: string): Json[] {
  const properties = operation.schemas.params?.properties ?? {};
  return namesIn(operation.path).map((name) => {
    const property = properties[name];
    return {
      name,
      in: 'path',
      required: true,
      schema: property === undefined ? { type: 'string' } : components.refer(property, scope),
    };
  });
}

function queryParameters(query: TObject | undefined, components: SchemaComponents, scope: string): Json[] {
  return Object.entries(query?.properties ?? {}).map(([name, property]) => ({
    name,
    in: 'query',
    required: query?.required?.includes(name) ?? false,
    ...(property.description === undefined ? {} : { description: property.description }),
    schema: components.refer(property, scope),
  }));
}

function requestBodyOf(operation: Operation, components: SchemaComponents, scope: string): Json {
  const { schemas, streamsBody, bodyTypes } = operation;
  if (bodyTypes !== undefined) {
    const content = Object.entries(bodyTypes).map(([type, schema]) => {
      const shown = { schema: components.refer(schema, scope) };
      return [type, type === 'application/json' ? withExample(shown, requestExample(operation)) : shown];
    });
    return { requestBody: { required: true, content: Object.fromEntries(content) } };
  }
  if (streamsBody === true) return { requestBody: { required: true, content: { '*/*': { schema: bytes } } } };
  if (schemas.body === undefined) return {};
  return { requestBody: bodyOf(operation, schemas.body, components, scope) };
}

const bytes: JsonSchema = { type: 'string', format: 'binary' };
const formType = 'application/x-www-form-urlencoded';

function bodyOf(operation: Operation, body: TSchema, components: SchemaComponents, scope: string): Json {
  const content = withExample({ schema: components.refer(body, scope) }, requestExample(operation));
  // A zero-length body is {}: required only where {} is not enough.
  const isRequired = (body['required'] as readonly string[] | undefined)?.length !== undefined;
  const form = operation.takesForms === true ? { [formType]: { schema: content.schema } } : {};
  return { required: isRequired, content: { 'application/json': content, ...form } };
}

function responsesOf(operation: Operation, dialect: HttpDialect, components: SchemaComponents): Json {
  const declared = Object.entries(operation.responses).map(
    ([status, { description, schema, contentType }]) => {
      if (schema === null) return [status, { description }];
      const isSuccess = Number(status) === successStatus(operation);
      const example = isSuccess
        ? responseExample(operation)
        : refusedExample(schema, dialect, Number(status));
      const content = withExample({ schema: components.refer(schema, dialect.name) }, example);
      const ofAll = isRefusal(status) ? undefined : operation.contentType;
      const type = contentType ?? ofAll ?? 'application/json';
      return [status, { description, content: { [type]: content } }];
    },
  );
  const refusal = { $ref: `#/components/responses/${refusalName(dialect)}` };
  const refused = errorStatuses(operation).map((status) => [status, refusal]);
  // What is declared says more than what every operation may answer.
  return Object.fromEntries([...refused, ...declared]);
}

function isRefusal(status: string): boolean {
  return Number(status) >= 400;
}

/** Only where the refusal has the shape that all refusals of the dialect have. */
function refusedExample(schema: TSchema, dialect: HttpDialect, status: number): unknown {
  return schema === dialect.refusal ? refusalExample(dialect, status) : undefined;
}

function withExample(content: Json, example: unknown): Json {
  return example === undefined ? content : { ...content, example };
}

function refusalOf(dialect: HttpDialect, components: SchemaComponents): Json {
  const description = `A refusal in the words of ${dialect.title}`;
  const schema: JsonSchema =
    dialect.refusal === undefined ? {} : components.refer(dialect.refusal, dialect.name);
  const examples = Object.fromEntries(
    Object.entries(refusalExamples(dialect)).map(([code, value]) => [code, { value }]),
  );
  return { description, content: { 'application/json': { schema, examples } } };
}

function refusalName({ name }: HttpDialect): string {
  return `${name}.Refusal`;
}

function tagsOf(dialects: readonly HttpDialect[]): Json[] {
  const described = new Map(dialects.map(({ title, description }) => [title, description]));
  const names = dialects.flatMap((dialect) => documented(dialect).map(({ tag }) => tag ?? dialect.title));
  return [...new Set(names)].map((name) => {
    const description = described.get(name);
    return description === undefined ? { name } : { name, description };
  });
}
