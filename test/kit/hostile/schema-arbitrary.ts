/** Random values that a schema accepts: what its clients may send, at the edges as often as in the middle. */
import { Kind, OptionalKind, type TObject, type TSchema } from '@sinclair/typebox';
import fc, { type Arbitrary } from 'fast-check';

const formats: Readonly<Record<string, Arbitrary<string>>> = {
  uuid: fc.uuid(),
  'date-time': fc
    .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  email: fc.emailAddress(),
  uri: fc.webUrl(),
};

/** No bound of ours is so wide that a longer text would find more. */
const charsMax = 3_000;

/** Values of the schema. Throws for a kind that no declaration uses yet: then it is to be added here. */
export function arbitraryOf(schema: TSchema): Arbitrary<unknown> {
  switch (schema[Kind]) {
    case 'String':
      return text(schema);
    case 'Integer':
      return fc.maxSafeInteger().map((value) => between(schema, value));
    case 'Number':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => between(schema, value));
    case 'Boolean':
      return fc.boolean();
    case 'Null':
      return fc.constant(null);
    case 'Literal':
      return fc.constant(schema['const']);
    case 'Unknown':
    case 'Any':
      return fc.jsonValue({ maxDepth: 3 });
    case 'Union':
      return fc.oneof(...(schema['anyOf'] as TSchema[]).map(arbitraryOf));
    case 'Array':
      return fc.array(arbitraryOf(schema['items'] as TSchema), {
        minLength: schema['minItems'] ?? 0,
        maxLength: Math.min(schema['maxItems'] ?? 5, (schema['minItems'] ?? 0) + 5),
      });
    case 'Record':
      return fc.dictionary(fc.string({ maxLength: 20 }), anyOfPatterns(schema), { maxKeys: 4 });
    case 'Object':
      return object(schema as TObject);
    default:
      throw new Error(`no arbitrary for ${String(schema[Kind])}`);
  }
}

function text(schema: TSchema): Arbitrary<string> {
  const format = formats[String(schema['format'])];
  if (format !== undefined) return format;
  if (schema['pattern'] !== undefined) return fc.stringMatching(new RegExp(schema['pattern']));
  const minLength: number = schema['minLength'] ?? 0;
  const maxLength = Math.min(schema['maxLength'] ?? charsMax, charsMax);
  return fc.oneof(
    fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 40), unit: 'binary' }),
    fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 40) }),
    fc.constant('x'.repeat(maxLength)),
  );
}

/** Most numbers of a wide range, and its ends. */
function between(schema: TSchema, value: number): number {
  return Math.min(
    Math.max(value, schema['minimum'] ?? Number.MIN_SAFE_INTEGER),
    schema['maximum'] ?? Number.MAX_SAFE_INTEGER,
  );
}

function anyOfPatterns(schema: TSchema): Arbitrary<unknown> {
  return fc.oneof(...Object.values(schema['patternProperties'] as Record<string, TSchema>).map(arbitraryOf));
}

function object({ properties }: TObject): Arbitrary<unknown> {
  const entries = Object.entries(properties);
  const required = entries.filter(([, property]) => !(OptionalKind in property)).map(([name]) => name);
  return fc.record(Object.fromEntries(entries.map(([name, property]) => [name, arbitraryOf(property)])), {
    requiredKeys: required,
  });
}
