/** Schemas as people read them: a type in a few words, an object as rows of a table. */
import type { TSchema } from '@sinclair/typebox';
import { type Block, table } from './reference.ts';

const fieldsHead = ['field', 'type', 'what'] as const;
/** Of an object that has no name: more fields than these are not listed in a cell. */
const inlineFieldsMax = 8;

/** The fields of an object with a row each; nothing for a schema that has none. */
export function fieldsTable(schema: TSchema | null | undefined): readonly Block[] {
  const rows = schema == null ? [] : rowsOf(schema);
  return rows.length === 0 ? [] : [table(fieldsHead, rows)];
}

function rowsOf(schema: TSchema): (readonly string[])[] {
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  return Object.entries(propertiesOf(schema)).map(([name, field]) => [
    `\`${name}\`${required.has(name) ? '' : '?'}`,
    typeOf(field),
    aboutOf(field),
  ]);
}

/** `uuid or null`, `"asc" | "desc"`, `Message[]`, `{id: string, role?: string}`. */
export function typeOf(schema: TSchema): string {
  if (schema.title !== undefined && hasFields(schema)) return schema.title;
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  const values = schema['enum'] as readonly unknown[] | undefined;
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' or ');
  const choices = (schema['anyOf'] ?? schema['oneOf']) as readonly TSchema[] | undefined;
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(' or ');
  const { type } = schema as { type?: string | readonly string[] };
  if (Array.isArray(type)) return type.map((one) => wordOf(one, schema)).join(' or ');
  return typeof type === 'string' ? wordOf(type, schema) : 'any JSON';
}

function wordOf(type: string, schema: TSchema): string {
  if (type === 'string') return (schema['format'] as string | undefined) ?? 'string';
  if (type === 'array') return `${typeOf((schema['items'] ?? {}) as TSchema)}[]`;
  return type === 'object' ? inline(schema) : type;
}

function inline(schema: TSchema): string {
  const fields = Object.entries(propertiesOf(schema));
  if (fields.length === 0 || fields.length > inlineFieldsMax) return 'object';
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  const words = fields.map(([name, field]) => `${name}${required.has(name) ? '' : '?'}: ${typeOf(field)}`);
  return `{${words.join(', ')}}`;
}

/** Its description, and the bounds that it keeps. */
function aboutOf(schema: TSchema): string {
  const { description = '' } = schema;
  const said = description.trim().replace(/\.$/, '');
  return [said, ...boundsOf(schema)].filter((words) => words !== '').join('; ');
}

function boundsOf(schema: TSchema): readonly string[] {
  const choices = ((schema['anyOf'] ?? []) as readonly TSchema[]).filter(
    (choice) => choice['type'] !== 'null',
  );
  const bounded = choices.length === 1 ? (choices[0] ?? schema) : schema;
  const { minimum, maximum, maxLength, maxItems } = bounded as Record<string, unknown>;
  const isAsked = typeof schema['default'] !== 'undefined';
  return [
    ...(minimum !== undefined && maximum !== undefined ? [`${minimum} to ${maximum}`] : []),
    ...(minimum !== undefined && maximum === undefined ? [`at least ${minimum}`] : []),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(maxItems === undefined ? [] : [`at most ${maxItems} entries`]),
    ...(isAsked ? [`default ${JSON.stringify(schema['default'])}`] : []),
  ];
}

function propertiesOf(schema: object): Readonly<Record<string, TSchema>> {
  return (schema as { properties?: Readonly<Record<string, TSchema>> }).properties ?? {};
}

/** Only what has fields is worth a table of its own. */
function hasFields(schema: object): boolean {
  return Object.keys(propertiesOf(schema)).length > 0;
}

/** Every schema with a title in these, by title: what typeOf() only names. */
export function titledIn(schemas: readonly (TSchema | null | undefined)[]): ReadonlyMap<string, TSchema> {
  const found = new Map<string, TSchema>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { title } = value as { title?: unknown };
    if (typeof title === 'string' && hasFields(value)) found.set(title, value as unknown as TSchema);
    for (const inner of Object.values(value)) visit(inner);
  };
  for (const schema of schemas) visit(schema);
  return found;
}
