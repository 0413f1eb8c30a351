/** One HTTP API as a section: an entry for each operation, then the shapes that they name. */

import { rateClassOf } from '../../../domain/limiting/rates.ts';
import { limits } from '../../../domain/limits.ts';
import type { HttpDialect, Operation } from '../../operation.ts';
import { documented } from '../openapi.ts';
import { errorStatuses } from '../openapi-shared.ts';
import { refusalExample, responseExample, successStatus } from '../operation-examples.ts';
import { curlOf } from './curl.ts';
import { type Block, code, type Entry, idOf, json, list, type Section, text } from './reference.ts';
import { fieldsTable, titledIn, typeOf } from './schema-rows.ts';

const access = {
  public: 'Needs no credential.',
  optional: 'A credential may be shown.',
  open: 'A credential may be shown; then it must be valid.',
  principal: 'Needs a credential.',
} as const;

/** `baseUrl` without a slash at its end. */
export function httpSection(dialect: HttpDialect, baseUrl: string): Section {
  const operations = documented(dialect);
  return {
    id: dialect.name,
    title: dialect.title,
    blocks: [
      ...(dialect.description === undefined ? [] : [text(dialect.description)]),
      json('A refusal, here 403', refusalExample(dialect, 403)),
    ],
    entries: [...operations.map((operation) => entryOf(operation, baseUrl)), ...shapesOf(dialect)],
  };
}

function entryOf(operation: Operation, baseUrl: string): Entry {
  const { id, method, path, summary, schemas, responses } = operation;
  const rate = operation.rate ?? rateClassOf(method);
  return {
    id: idOf(id),
    title: `${method} ${path.replace(/:([^/]+)/g, '{$1}')}`,
    summary,
    blocks: [
      text(`${access[operation.access]} Operation \`${id}\`, rate class \`${rate}\`.`),
      ...labelled('Path', fieldsTable(schemas.params)),
      ...labelled('Query', fieldsTable(schemas.query)),
      ...bodyBlocks(operation),
      list(
        ...Object.entries(responses).map(([status, { description, schema, contentType }]) => {
          const shape = schema === null ? 'no body' : shapeOf(operation, status, schema, contentType);
          return `${status}: ${description.replace(/\.$/, '')} (${shape})`;
        }),
      ),
      ...refusedBefore(operation),
      code('Request', curlOf(operation, baseUrl)),
      ...answerBlocks(operation),
    ],
  };
}

/** Statuses that are not declared, because every operation of its kind may answer them. */
function refusedBefore(operation: Operation): readonly Block[] {
  const statuses = errorStatuses(operation).filter((status) => !(status in operation.responses));
  return statuses.length === 0
    ? []
    : [text(`Any such request may also be refused: ${statuses.sort().join(', ')}.`)];
}

function bodyBlocks({ schemas, bodyBytesMax, streamsBody, bodyTypes }: Operation): readonly Block[] {
  const most = bodyBytesMax ?? limits.bodyBytesMax;
  if (bodyTypes !== undefined) {
    return Object.entries(bodyTypes).flatMap(([type, schema]) => [
      text(`Body: ${type} of at most ${most} bytes.`),
      ...fieldsTable(schema),
    ]);
  }
  if (streamsBody === true) return [text(`Body: at most ${most} bytes of any kind, stored as they come.`)];
  if (schemas.body === undefined) return [];
  return [text(`Body: JSON of at most ${most} bytes.`), ...fieldsTable(schemas.body)];
}

function answerBlocks(operation: Operation): readonly Block[] {
  const example = responseExample(operation);
  const label = `Answer, ${successStatus(operation)}`;
  if (example === undefined) return [];
  return [typeof example === 'string' ? code(label, example) : json(label, example)];
}

function shapeOf(
  { contentType: ofAll }: Operation,
  status: string,
  schema: NonNullable<Operation['schemas']['body']>,
  contentType = Number(status) >= 400 ? undefined : ofAll,
): string {
  return contentType ?? typeOf(schema);
}

function labelled(label: string, blocks: readonly Block[]): readonly Block[] {
  return blocks.length === 0 ? [] : [text(`${label}:`), ...blocks];
}

/** What the types of this section only name. */
function shapesOf(dialect: HttpDialect): readonly Entry[] {
  const schemas = documented(dialect).flatMap((operation) => [
    operation.schemas.body,
    ...Object.values(operation.responses).map(({ schema }) => schema),
  ]);
  return [...titledIn(schemas)].map(([title, schema]) => ({
    id: idOf(dialect.name, 'shape', title),
    title,
    summary: 'A shape that the operations above name',
    blocks: fieldsTable(schema),
  }));
}
