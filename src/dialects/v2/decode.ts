/** Requests as FastAPI reads them: path, query and body, and everything that is wrong with any of them at once. */
import type { TSchema } from '@sinclair/typebox';
import { ValueErrorType as E, type ValueError } from '@sinclair/typebox/errors';
import { type Check, compileCheck } from '../../contract/checking/check.ts';
import { findJsonFault } from '../../contract/checking/json-fault.ts';
import { isText, type Json, parseJson } from '../../contract/checking/json-text.ts';
import { type Pair, readQuery } from '../../contract/checking/parameters.ts';
import type { Operation, RawInput, ReadInput } from '../../contract/operation.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { type Entry, entry, entryOf, isLiterals, Unprocessable, unparsable } from './refuse.ts';

/** Of one request; the rest goes unsaid. Lists have at most 200 items. */
const entriesMax = 256;
/** What TypeBox finds is looked at so far: in a list as long as a body it finds 130,000 things, in 200 ms. */
const errorsMax = 4 * entriesMax;

type Part = 'path' | 'query' | 'body';

export function inputReader({ schemas }: Operation): (raw: RawInput) => ReadInput | Problem {
  const params = schemas.params === undefined ? null : compileCheck(schemas.params);
  const query = schemas.query === undefined ? null : queryReader(schemas.query);
  const body = schemas.body === undefined ? null : compileCheck(schemas.body);
  return (raw) => {
    const found: Entry[] = [];
    const texts = Object.entries(raw.params).map(([name, text]) => [name, text ?? '\uFFFD']);
    const path: unknown = Object.fromEntries(texts);
    if (params !== null) found.push(...entriesOf(params, 'path', path, path));
    const asked = query?.(raw.query, found) ?? {};
    const told: Entry[] = [];
    const sent = body === null ? undefined : bodyOf(raw, told);
    if (sent instanceof Problem) return sent;
    const isRead = body !== null && typeof sent === 'object' && sent !== null;
    found.push(...(isRead ? entriesOf(body, 'body', sent, null, told) : told));
    return found.length > 0 ? new Unprocessable(found) : { params: path, query: asked, body: sent };
  };
}

/**
 * In the order of the schema. `texts`: what the values were before they were read; null: they came as they are. `told`:
 * what was found wrong while they were read.
 */
function entriesOf(
  check: Check<TSchema>,
  part: Part,
  value: unknown,
  texts: unknown,
  told: readonly Entry[] = [],
): Entry[] {
  if (told.length === 0 && check.accepts(value)) return [];
  const entries = new Map(told.map((one) => [`/${one.loc.slice(1).join('/')}`, one]));
  let looked = 0;
  for (const found of check.errors(value)) {
    looked += 1;
    if (entries.size >= entriesMax || looked > errorsMax) break;
    const error = theError(found);
    if (error === null) continue;
    const path = error.path.slice(1).split('/');
    // A list that is too long is told once, a field that is wrong in two ways too.
    const isTold = entries.has(error.path) || entries.has(`/${path[0]}`);
    const loc = [part, ...path.map((name) => (/^\d+$/.test(name) ? Number(name) : name))];
    const input = texts === null ? error.value : (texts as Readonly<Record<string, unknown>>)[path[0] ?? ''];
    if (!isTold)
      entries.set(error.path, entryOf(error, { loc, input, whole: texts === null ? value : null }));
  }
  // What is no field of the schema comes last.
  const fields = Object.keys(check.schema['properties'] ?? {}).reverse();
  const orderOf = ({ loc }: Entry): number => -fields.indexOf(String(loc[1]));
  return [...entries.values()].sort((one, other) => orderOf(one) - orderOf(other));
}

/** Of what may be null: what is wrong with it as something else. Null for what TypeBox alone finds wrong. */
function theError(error: ValueError): ValueError | null {
  const { type, schema, value, errors } = error;
  // TypeBox counts UTF-16 units, pydantic code points.
  if (type === E.StringMaxLength && [...(value as string)].length <= Number(schema['maxLength'])) return null;
  if (type !== E.Union || isLiterals(schema)) return error;
  return [...(errors[0] ?? [])].map(theError).find((one) => one !== null) ?? null;
}

const integer = /^\s*[+-]?\d(?:_?\d)*(?:\.0+)?\s*$/;
/** As Python has it. */
const digitsMax = 4_300;

function queryReader(schema: TSchema): (query: string, found: Entry[]) => unknown {
  const check = compileCheck(schema);
  const properties = schema['properties'] as Readonly<Record<string, TSchema>>;
  return (query, found) => {
    const told: Entry[] = [];
    const pairs = pairsOf(query, told);
    // The last of a name counts.
    const texts = Object.fromEntries(pairs.filter(([name]) => Object.hasOwn(properties, name)));
    const values = Object.entries(texts).map(([name, text]) => [name, readText(text, properties[name])]);
    const value = Object.fromEntries(values);
    found.push(...entriesOf(check, 'query', value, texts, told));
    return value;
  };
}

/** What can be read of a query; what cannot is told. */
function pairsOf(query: string, told: Entry[]): readonly Pair[] {
  const pairs = readQuery(query);
  if (!(pairs instanceof Problem)) return pairs;
  const parts = query.split('&');
  if (parts.length > 1 && parts.length <= limits.queryParametersMax) {
    return parts.flatMap((part) => pairsOf(part, told));
  }
  const [{ path = '', reason = '' } = {}] = pairs.fields ?? [];
  const loc = path === '' ? ['query'] : ['query', path];
  const type = reason === 'too_many' ? 'too_long' : 'string_unicode';
  told.push(entry(type, loc, 'Input should be a valid string, unable to parse it as unicode', null));
  return [];
}

function readText(text: string, schema: TSchema | undefined): string | number {
  if (schema?.['type'] !== 'integer' || !integer.test(text) || text.length > digitsMax) return text;
  const value = Number(text.replaceAll('_', ''));
  return Math.max(Math.min(value, Number.MAX_VALUE), -Number.MAX_VALUE);
}

const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;.*)?$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder();
const notAnObject = 'Input should be a valid dictionary or object to extract fields from';

/** The body as JSON. Null when it is told in `found` why it cannot be read, a Problem when FastAPI gives up. */
function bodyOf({ body, contentType }: RawInput, found: Entry[]): Json | Problem {
  const bytes = body ?? new Uint8Array();
  const refuse = (...told: Parameters<typeof entry>): null => {
    found.push(entry(...told));
    return null;
  };
  if (bytes.length === 0) return refuse('missing', ['body'], 'Field required', null);
  if (!jsonType.test(contentType)) {
    return refuse('model_attributes_type', ['body'], notAnObject, lenient.decode(bytes));
  }
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return new Problem('invalid_request', unparsable);
  }
  const value = parseJson(text);
  if (!(value instanceof Problem)) {
    if (value === null) return refuse('missing', ['body'], 'Field required', null);
    if (typeof value === 'object' && !Array.isArray(value)) return value;
    return refuse('model_attributes_type', ['body'], notAnObject, value);
  }
  if (value.reason === 'invalid_text') {
    const msg = 'Input should be a valid string, unable to parse raw data as a unicode string';
    const whole = JSON.parse(text) as Json;
    for (const place of placesOfBadText(whole).slice(0, entriesMax)) {
      refuse('string_unicode', ['body', ...place], msg, null);
    }
    return Array.isArray(whole) ? null : whole;
  }
  if (value.reason !== 'invalid_json') return new Problem('invalid_request', unparsable);
  const { at, expected } = findJsonFault(text);
  return refuse('json_invalid', ['body', at], 'JSON decode error', {}, { error: expected });
}

type Place = readonly (string | number)[];

/** The ways to the texts with U+0000 or a lone surrogate. It is not deep: parseJson() has looked. */
function placesOfBadText(value: unknown, way: Place = []): readonly Place[] {
  if (typeof value === 'string') return isText(value) ? [] : [way];
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, inner]) =>
    isText(key) ? placesOfBadText(inner, [...way, isList ? Number(key) : key]) : [way],
  );
}

/** Lower case with hyphens: the form in which ids are kept and answered. */
export function canonical(uuid: string): string {
  const digits = uuid.replaceAll('-', '').toLowerCase();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
