/** What TypeBox says about a refused value, in the words of our problems. */
import type { TSchema } from '@sinclair/typebox';
import { ValueErrorType as E, type ValueError } from '@sinclair/typebox/errors';
import { limits } from '../../domain/limits.ts';
import { type FieldError, Problem } from '../../domain/problem.ts';

/** Kind of error -> our reason and, where there is one, the keyword of the schema that sets the limit. */
const reasons: Readonly<Partial<Record<E, readonly [reason: string, limit?: string]>>> = {
  [E.ObjectRequiredProperty]: ['required'],
  [E.ObjectAdditionalProperties]: ['unknown_field'],
  [E.ObjectMaxProperties]: ['too_many', 'maxProperties'],
  [E.ObjectMinProperties]: ['too_few', 'minProperties'],
  [E.ArrayMaxItems]: ['too_many', 'maxItems'],
  [E.ArrayMinItems]: ['too_few', 'minItems'],
  [E.ArrayUniqueItems]: ['repeated'],
  [E.TupleLength]: ['too_many', 'maxItems'],
  [E.StringMaxLength]: ['too_long', 'maxLength'],
  [E.StringMinLength]: ['too_short', 'minLength'],
  [E.StringFormat]: ['format'],
  [E.StringPattern]: ['format'],
  [E.RegExp]: ['format'],
  [E.Literal]: ['not_allowed'],
  [E.IntegerMaximum]: ['too_large', 'maximum'],
  [E.IntegerMinimum]: ['too_small', 'minimum'],
  [E.NumberMaximum]: ['too_large', 'maximum'],
  [E.NumberMinimum]: ['too_small', 'minimum'],
};

const sentences: Readonly<Record<string, string>> = {
  required: 'is required',
  unknown_field: 'is not known',
  too_many: 'has too many entries',
  too_few: 'has too few entries',
  repeated: 'is repeated',
  too_long: 'is too long',
  too_short: 'is too short',
  format: 'has the wrong form',
  not_allowed: 'is not one of the allowed values',
  too_large: 'is too large',
  too_small: 'is too small',
  type: 'has the wrong type',
  invalid_encoding: 'is not valid text',
  invalid_text: 'is not valid text',
};

/** `invalid_request` from the first limits.fieldErrorsMax fields that are wrong, one reason a field. */
export function refuseFields(errors: Iterable<ValueError>): Problem {
  const fields = new Map<string, FieldError>();
  for (const error of errors) {
    const path = dotted(error.path);
    if (!fields.has(path)) fields.set(path, fieldError(path, error));
    if (fields.size === limits.fieldErrorsMax) break;
  }
  return fieldProblem([...fields.values()]);
}

/** `invalid_request` about these fields; its sentence is about the first. */
export function fieldProblem(fields: readonly FieldError[]): Problem {
  const first = fields[0];
  if (first === undefined) return new Problem('invalid_request');
  const subject = first.path === '' ? 'The request' : first.path;
  const allowed = first.limit === undefined ? '' : ` (limit ${first.limit})`;
  const sentence = `${subject} ${sentences[first.reason] ?? 'is not valid'}${allowed}.`;
  return new Problem('invalid_request', sentence, { fields });
}

function fieldError(path: string, error: ValueError): FieldError {
  if (error.value === undefined) return { path, reason: 'required' };
  if (error.type === E.Union) return ofUnion(path, error);
  const [reason, keyword] = reasons[error.type] ?? ['type'];
  const limit = keyword === undefined ? undefined : (error.schema as Record<string, unknown>)[keyword];
  return typeof limit === 'number' ? { path, reason, limit } : { path, reason };
}

/** Of all alternatives the one that came closest: it failed for more than its type. */
function ofUnion(path: string, error: ValueError): FieldError {
  const alternatives = (error.schema['anyOf'] ?? []) as readonly TSchema[];
  if (alternatives.some((schema) => schema['const'] !== undefined)) return { path, reason: 'not_allowed' };
  for (const errors of error.errors) {
    const first = errors.First();
    const inner = first === undefined ? undefined : fieldError(dotted(first.path), first);
    if (inner !== undefined && inner.reason !== 'type') return inner;
  }
  return { path, reason: 'type' };
}

/** `/a/0/b~1c` -> `a.0.b/c`: as a client would write it. */
function dotted(pointer: string): string {
  const path = pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  return path.length <= limits.fieldPathCharsMax ? path : `${path.slice(0, limits.fieldPathCharsMax)}…`;
}
