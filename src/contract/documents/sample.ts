/** An example of a schema, for the documents: what its fields say by `examples`, and what follows from their types. */
import type { TSchema } from '@sinclair/typebox';

/** Where no example follows from a schema: a field whose declaration should name one. */
export const noSample: unique symbol = Symbol('no sample');

const formats: Readonly<Record<string, string>> = {
  uuid: '0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b10',
  'date-time': '2026-11-20T10:00:00.123456Z',
  email: 'ada@example.org',
  uri: 'https://example.org/',
};

/**
 * The first of its `examples`, else what its keywords allow: constants, first alternatives, required fields, and
 * optional ones that name an example. noSample for a text about which nothing more is said.
 */
export function sampleOf(schema: TSchema): unknown {
  const examples = schema['examples'] as readonly unknown[] | undefined;
  if (examples !== undefined) return examples[0];
  if (schema['const'] !== undefined) return schema['const'];
  const choices = (schema['anyOf'] ?? schema['oneOf']) as readonly TSchema[] | undefined;
  if (choices !== undefined) return sampleOfChoice(choices);
  const values = schema['enum'] as readonly unknown[] | undefined;
  if (values !== undefined) return values[0];
  return sampleOfType(schema);
}

/** The first alternative that has an example; a null only where nothing else is possible. */
function sampleOfChoice(choices: readonly TSchema[]): unknown {
  const others = choices.filter((choice) => choice['type'] !== 'null');
  for (const choice of others.length > 0 ? others : choices) {
    const sample = sampleOf(choice);
    if (sample !== noSample) return sample;
  }
  return noSample;
}

function sampleOfType(schema: TSchema): unknown {
  const type: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (type) {
    case 'object':
      return sampleOfObject(schema);
    case 'array':
      return sampleOfArray(schema);
    case 'string':
      return formats[schema['format'] as string] ?? noSample;
    case 'integer':
    case 'number':
      return schema['default'] ?? schema['minimum'] ?? 1;
    case 'boolean':
      return schema['default'] ?? true;
    case 'null':
      return null;
    default:
      return noSample;
  }
}

function sampleOfObject(schema: TSchema): unknown {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, TSchema>>;
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  const fields: [string, unknown][] = [];
  for (const [name, field] of Object.entries(properties)) {
    if (!required.has(name) && field['examples'] === undefined) continue;
    const sample = sampleOf(field);
    if (sample === noSample) return noSample;
    fields.push([name, sample]);
  }
  return Object.fromEntries(fields);
}

function sampleOfArray(schema: TSchema): unknown {
  const items = schema['items'] as TSchema | undefined;
  const sample = items === undefined ? noSample : sampleOf(items);
  return sample === noSample ? noSample : [sample];
}
