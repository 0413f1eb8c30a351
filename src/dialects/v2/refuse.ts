/** Refusals in the words of FastAPI: `{"detail":"…"}`, and for what a request brings one entry for each wrong field. */
import type { TSchema } from '@sinclair/typebox';
import { ValueErrorType as E, type ValueError } from '@sinclair/typebox/errors';
import type { Reply } from '../../contract/operation.ts';
import { refusalsOf } from '../../contract/refusals.ts';
import { Problem, type ProblemCode } from '../../domain/problem.ts';
import { ErrorBody, uuidPattern, ValidationErrors } from './wire.ts';

/** One wrong field, as pydantic tells of it. */
export interface Entry {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** 422, with what is wrong with the request. */
export class Unprocessable extends Problem {
  readonly detail: readonly Entry[];

  constructor(detail: readonly Entry[]) {
    super('invalid_request');
    this.detail = detail;
  }
}

/** A refusal in its final words. */
export function say(code: ProblemCode, detail: string): Problem {
  return new Problem(code, detail, { reason: 'said' });
}

export const noConversation = (): Problem => say('not_found', 'Conversation not found');

/** Who does not take part is told nothing, an observer of the native protocol neither. */
export function hidden(problem: Problem): Problem {
  const { code, reason } = problem;
  const isUnseen = (code === 'not_found' && reason !== 'said') || reason === 'not_a_participant';
  return isUnseen ? noConversation() : problem;
}

export function refuse(problem: Problem): Reply {
  if (problem instanceof Unprocessable) return { status: 422, body: { detail: problem.detail } };
  const { code, reason, fields = [], message, status } = problem;
  if (reason === 'said') return { status, body: { detail: message } };
  if (code !== 'invalid_request') return { status, body: { detail: wordOf(problem) } };
  // Beside what inputReader() reads, only headers have names. Other environments and classes are 400 (common.md).
  if (fields.length === 0) return { status: 400, body: { detail: unparsable } };
  if (fields.some((field) => field.reason === 'not_allowed')) return { status, body: { detail: message } };
  const detail = fields.map(({ path }) =>
    entry('value_error', ['header', path.toLowerCase()], message, null),
  );
  return { status: 422, body: { detail } };
}

export const unparsable = 'There was an error parsing the body';

/** Where our own sentence is not upstream's. */
const words: Readonly<Partial<Record<ProblemCode, string>>> = {
  too_large: 'Request body too large',
  suspended: 'User account is not active',
  not_found: 'Conversation not found',
  method_not_allowed: 'Method Not Allowed',
  rate_limited: 'Rate limit exceeded',
  internal: 'Internal server error',
};

const wordsOfReasons: Readonly<Partial<Record<string, string>>> = {
  unknown_path: 'Not Found',
  invalid_credentials: 'Incorrect email or password',
  no_tenant: 'Organization access required',
  other_tenant: 'Organization access required',
};

function wordOf({ code, reason, message }: Problem): string {
  const word = reason === undefined ? undefined : wordsOfReasons[reason];
  if (word !== undefined) return word;
  if (code !== 'unauthenticated') return words[code] ?? message;
  const isMissing = reason === undefined || reason === 'missing';
  return isMissing ? 'Not authenticated' : 'Invalid authentication credentials';
}

export function entry(
  type: string,
  loc: Entry['loc'],
  msg: string,
  input: unknown,
  ctx?: Entry['ctx'],
): Entry {
  return { type, loc, msg, input, ...(ctx === undefined ? {} : { ctx }) };
}

/** Where the field is, what it was, and what the part of the request is that lacks it. */
export interface Place {
  readonly loc: Entry['loc'];
  readonly input: unknown;
  readonly whole: unknown;
}

type Told = readonly [type: string, msg: string, ctx?: Entry['ctx']];

/** The one mapping of what TypeBox says of a value to what pydantic would say. */
export function entryOf(error: ValueError, { loc, input, whole }: Place): Entry {
  if (error.value === undefined) return entry('missing', loc, 'Field required', whole);
  const [type, msg, ctx] = told(error);
  return entry(type, loc, msg, input, ctx);
}

/** One of some words, as `status` is. */
export function isLiterals(schema: TSchema): boolean {
  return ((schema['anyOf'] ?? []) as readonly TSchema[]).every((one) => one['const'] !== undefined);
}

function told({ type, schema, value }: ValueError): Told {
  const isUuid = schema['pattern'] === uuidPattern;
  switch (type) {
    case E.Union:
      return literalError((schema['anyOf'] as readonly TSchema[]).map((one) => one['const']));
    case E.String:
      if (isUuid) return ['uuid_type', 'UUID input should be a string, bytes or UUID object'];
      return ['string_type', 'Input should be a valid string'];
    case E.StringPattern:
      if (isUuid) return uuidError(String(value));
      return patternError(schema['pattern']);
    case E.StringMinLength:
      return lengthError('string_too_short', 'least', 'min_length', schema['minLength']);
    case E.StringMaxLength:
      return lengthError('string_too_long', 'most', 'max_length', schema['maxLength']);
    case E.Array:
      return ['list_type', 'Input should be a valid list'];
    case E.ArrayMaxItems:
      return tooMany(schema['maxItems'], (value as readonly unknown[]).length);
    case E.Integer:
      return ['int_parsing', 'Input should be a valid integer, unable to parse string as an integer'];
    case E.IntegerMinimum:
      return boundError('greater_than_equal', 'greater', 'ge', schema['minimum']);
    case E.IntegerMaximum:
      return boundError('less_than_equal', 'less', 'le', schema['maximum']);
    default:
      return ['value_error', 'Value error'];
  }
}

function uuidError(text: string): Told {
  const digits = text.replaceAll('-', '').length;
  const error = digits === 32 ? 'invalid character' : `invalid length: 32 digits expected, found ${digits}`;
  return ['uuid_parsing', `Input should be a valid UUID, ${error}`, { error }];
}

function patternError(pattern: unknown): Told {
  return ['string_pattern_mismatch', `String should match pattern '${pattern}'`, { pattern }];
}

function literalError(allowed: readonly unknown[]): Told {
  const quoted = allowed.map((one) => `'${one}'`);
  const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  return ['literal_error', `Input should be ${expected}`, { expected }];
}

function lengthError(type: string, bound: string, key: string, limit: unknown): Told {
  return [
    type,
    `String should have at ${bound} ${limit} character${limit === 1 ? '' : 's'}`,
    { [key]: limit },
  ];
}

function tooMany(limit: unknown, found: number): Told {
  const ctx = { field_type: 'List', max_length: limit, actual_length: found };
  return ['too_long', `List should have at most ${limit} items after validation, not ${found}`, ctx];
}

function boundError(type: string, than: string, key: string, limit: unknown): Told {
  return [type, `Input should be ${than} than or equal to ${limit}`, { [key]: limit }];
}

const said = refusalsOf(ErrorBody, {
  400: 'The body is not UTF-8, or X-Env or X-Data-Class is none of its values',
  401: 'No valid credential',
  403: 'Not allowed',
  404: 'Unknown, or not for the caller',
  409: 'Conflicts with what is stored',
  413: 'The body is too large',
});

/** The refusals that an operation may answer, for its declaration; 422 comes with each. */
export function errors(...statuses: Parameters<typeof said>): ReturnType<typeof said> {
  const invalid = { description: 'Every field that is not valid', schema: ValidationErrors };
  return { ...said(...statuses), 422: invalid };
}
