/** Lines of a node, held against schemas/log.json as a collector would read it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaCheck } from './json-schema-check.ts';
import { repository } from './temporary.ts';

interface LogSchema {
  readonly oneOf: readonly { readonly properties: { readonly message: { readonly const: string } } }[];
  readonly $defs: object;
}

/** Why lines of a text are not as the schema has them, one sentence for each; empty when all are. */
export function logFaults(text: string): readonly string[] {
  const schema = JSON.parse(readFileSync(join(repository, 'schemas/log.json'), 'utf8')) as LogSchema;
  const check = schemaCheck({});
  return text
    .trimEnd()
    .split('\n')
    .map((line) => lineFault(line, schema, check))
    .filter((fault) => fault !== '');
}

/** Looks at the one form that the message names: what is wrong with the hundred others helps nobody. */
function lineFault(line: string, { oneOf, $defs }: LogSchema, check: ReturnType<typeof schemaCheck>): string {
  const value = JSON.parse(line) as { readonly message?: string };
  const repeated = repeatedName(line, value);
  if (repeated) return `a name twice: ${line}`;
  const form = oneOf.find(({ properties }) => properties.message.const === value.message);
  if (form === undefined) return `not declared: ${line}`;
  const fault = check({ ...form, $defs }, value);
  return fault === '' ? '' : `${fault}: ${line}`;
}

/** pino writes a field that is named as one of its own beside it: JSON of which half is lost. */
function repeatedName(line: string, value: object): boolean {
  return JSON.stringify(value).length !== line.length;
}
