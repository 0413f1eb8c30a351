/** Texts of a path, a query string or a form, and what they are by their schema. */
import type { TObject, TSchema } from '@sinclair/typebox';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { compileCheck } from './check.ts';
import { fieldProblem } from './field-errors.ts';
import { isText, type JsonObject } from './json-text.ts';

export type ParameterValue = string | number | boolean | readonly (string | number | boolean)[];
export type Parameters = Record<string, ParameterValue>;
/** Name and text as they came, decoded. */
export type Pair = readonly [name: string, text: string];

type Coerce = (text: string) => string | number | boolean;

const number = /^-?\d{1,15}(?:\.\d{1,15})?$/;

/** Reads pairs by a schema. Without one every text is kept, the last of a name wins. */
export function compileParameters(schema?: TObject): (pairs: readonly Pair[]) => Parameters | Problem {
  if (schema === undefined) return (pairs) => Object.fromEntries(pairs);
  const check = compileCheck(schema);
  const rules = new Map(
    Object.entries(schema.properties).map(([name, property]) => [name, ruleOf(property)]),
  );
  return (pairs) => {
    const values: Record<string, ParameterValue> = {};
    for (const [name, text] of pairs) {
      const rule = rules.get(name);
      const before = Object.hasOwn(values, name) ? values[name] : undefined;
      if (rule?.isList) values[name] = [...((before as string[] | undefined) ?? []), rule.coerce(text)];
      // Two values where one is meant: whichever we took, the client meant the other.
      else if (before !== undefined && rule !== undefined)
        return fieldProblem([{ path: name, reason: 'repeated' }]);
      else if (name !== '__proto__') values[name] = rule === undefined ? text : rule.coerce(text);
    }
    return check.accepts(values) ? (values as Parameters) : check.refusal(values);
  };
}

/** Pairs of a query string without its `?`, or `invalid_request` for what is not percent-encoded UTF-8. */
export function readQuery(query: string): readonly Pair[] | Problem {
  if (query === '') return [];
  const pairs: Pair[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    if (pairs.length === limits.queryParametersMax) return fieldProblem([{ path: '', reason: 'too_many' }]);
    const at = part.indexOf('=');
    const name = decodeText(at < 0 ? part : part.slice(0, at), true);
    const text = at < 0 ? '' : decodeText(part.slice(at + 1), true);
    if (name === null) return fieldProblem([{ path: '', reason: 'invalid_encoding' }]);
    if (text === null) return fieldProblem([{ path: short(name), reason: 'invalid_encoding' }]);
    pairs.push([name, text]);
  }
  return pairs;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Fields of a form (`application/x-www-form-urlencoded`), or `invalid_request`: none is repeated, none is nested. */
export function decodeForm(bytes: Uint8Array): JsonObject | Problem {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return fieldProblem([{ path: '', reason: 'invalid_encoding' }]);
  }
  const pairs = readQuery(text);
  if (pairs instanceof Problem) return pairs;
  const form: JsonObject = {};
  for (const [name, value] of pairs) {
    if (Object.hasOwn(form, name)) return fieldProblem([{ path: short(name), reason: 'repeated' }]);
    if (name !== '__proto__') form[name] = value;
  }
  return form;
}

/** Names of fields that are nobody's are as long as their author wants. */
function short(name: string): string {
  return name.slice(0, limits.fieldPathCharsMax);
}

/** A percent-encoded text, or null when it is malformed, not UTF-8, or holds U+0000. */
export function decodeText(encoded: string, hasPlus = false): string | null {
  const spaced = hasPlus && encoded.includes('+') ? encoded.replaceAll('+', ' ') : encoded;
  // U+FFFD is what the transport makes of raw bytes that are not UTF-8.
  if (spaced.includes('\uFFFD')) return null;
  if (!spaced.includes('%')) return isText(spaced) ? spaced : null;
  try {
    const text = decodeURIComponent(spaced);
    return isText(text) ? text : null;
  } catch {
    return null;
  }
}

function ruleOf(property: TSchema): { readonly isList: boolean; readonly coerce: Coerce } {
  const isList = property['type'] === 'array';
  return { isList, coerce: coercion(isList ? (property['items'] as TSchema) : property) };
}

/** A text that is not of the type stays a text, and the check says so. */
function coercion(schema: TSchema): Coerce {
  const types = [schema, ...((schema['anyOf'] ?? []) as TSchema[])].map((alternative) => alternative['type']);
  if (types.includes('integer') || types.includes('number')) {
    return (text) => (number.test(text) ? Number(text) : text);
  }
  if (types.includes('boolean')) return (text) => (text === 'true' ? true : text === 'false' ? false : text);
  return (text) => text;
}
