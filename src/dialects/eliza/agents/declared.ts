/** What routes about agents answer, and may refuse (E1), for their declarations. */
import { type TSchema, Type } from '@sinclair/typebox';
import type { Reply } from '../../../contract/operation.ts';
import { refusalsOf } from '../../../contract/refusals.ts';
import { canonicalUuid } from '../../../domain/ids.ts';
import type { Problem } from '../../../domain/problem.ts';
import type { Micros } from '../../../domain/time.ts';
import { CodedProblem } from '../refuse.ts';
import { CodedError } from '../wire.ts';

export const errors = refusalsOf(CodedError, {
  400: 'Something is missing or has the wrong form; INVALID_ID for what is no UUID',
  403: 'For owners, admins and services of the tenant',
  404: 'No such thing in this tenant, or the agent does not run',
  409: 'Refused in the present state',
  413: 'Larger than what is accepted',
  503: 'A server is away or too busy; see Retry-After',
});

export const exampleAgent = '16e018ec-e5a1-03b7-9053-1de58d16b961';
export const exampleRoom = 'ec054425-8b26-0da6-8940-004e5b2ed83f';

export const text = (example: string, description?: string) =>
  Type.String({ examples: [example], ...(description === undefined ? {} : { description }) });
export const millis = (description: string) => Type.Integer({ description, examples: [1_795_168_800_123] });

/** Paths are looked at by their routes, which have words of their own for what is no id. */
export const ByAgent = Type.Object({ agentId: text(exampleAgent) });

export function successOf<Data extends TSchema>(data: Data) {
  return Type.Object({ success: Type.Literal(true), data });
}

export function succeeded(data: unknown, status = 200): Reply {
  return { status, body: { success: true, data } };
}

export function invalidId(what: string): Problem {
  return new CodedProblem('invalid_request', 'INVALID_ID', `Invalid ${what} ID format`);
}

export function badRequest(message: string): Problem {
  return new CodedProblem('invalid_request', 'BAD_REQUEST', message);
}

/** The id as it is stored, `invalidId()` for what is no UUID. Null where there is none. */
export function uuidOf(given: string | undefined, what: string): string | null | Problem {
  if (given === undefined || given === '') return null;
  return canonicalUuid(given) ?? invalidId(what);
}

/** The same of a field of a body, where what is no text is no UUID either. */
export function idIn(
  body: Readonly<Record<string, unknown>>,
  name: string,
  what: string,
): string | null | Problem {
  const value = body[name];
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? uuidOf(value, what) : invalidId(what);
}

/** Of an id that another API made and that is no UUID, too: it is found, or it is none. */
export function noAgent(id: string): Problem {
  return canonicalUuid(id) === null ? invalidId('agent') : notFound('Agent not found');
}

export function notFound(message: string): Problem {
  return new CodedProblem('not_found', 'NOT_FOUND', message);
}

/** Milliseconds or RFC 3339 as microseconds; null: neither. */
export function toMicros(given: string | undefined): Micros | null {
  if (given === undefined || given === '') return null;
  const ms = /^\d{1,15}$/.test(given) ? Number(given) : Date.parse(given);
  return Number.isSafeInteger(ms * 1000) ? ms * 1000 : null;
}

/** A whole number of at least `least`; `otherwise` for what is none, cut to `most`. */
export function countOf(given: string | undefined, otherwise: number, most: number, least = 1): number {
  const found = given !== undefined && /^\d{1,9}$/.test(given) ? Number(given) : otherwise;
  return Math.min(found < least ? otherwise : found, most);
}
