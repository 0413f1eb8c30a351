/** Fields of messages as clients send them -> what is posted. Each answers a Problem in the words of this API instead. */
import { canonicalUuid } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import { isRecord } from '../../fields.ts';

type Json = Readonly<Record<string, unknown>>;

const encoder = new TextEncoder();

export const invalid = (message: string): Problem => new Problem('invalid_request', message);

/** Not absent, null or empty: what upstream takes for given. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** Of several names for one field. */
export function firstGiven(...values: readonly unknown[]): unknown {
  return values.find(isGiven);
}

/** In lower case; null when it is no UUID. */
export function uuidIn(value: unknown): string | null {
  return typeof value === 'string' ? canonicalUuid(value) : null;
}

/** In UTF-8; only where it may matter is the text encoded. */
export function isLongerThan(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return false;
  return text.length > bytesMax || encoder.encode(text).length > bytesMax;
}

function tooLarge(what: string, bytesMax: number): Problem {
  return new Problem('too_large', `${what} must be at most ${bytesMax} bytes`);
}

/** A text that is not empty; null: it is none. */
export function decodeContent(value: unknown): string | null | Problem {
  if (typeof value !== 'string' || value === '') return null;
  const { contentBytesMax: max } = limits;
  return isLongerThan(value, max) ? tooLarge('content', max) : value;
}

export function decodeMetadata(value: unknown): Json | Problem {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) return invalid('metadata must be an object');
  const { metadataBytesMax: max } = limits;
  return isLongerThan(JSON.stringify(value), max) ? tooLarge('metadata', max) : value;
}

/** Any JSON. What repeats the text of its message is stored once, and counts once. */
export function refuseRaw(value: unknown, content: string): Problem | null {
  if (value === undefined || value === null) return null;
  const { metadataBytesMax: max } = limits;
  const text = JSON.stringify(isRecord(value) && value['text'] === content ? { ...value, text: '' } : value);
  return isLongerThan(text, max) ? tooLarge('raw_message', max) : null;
}

/** Null: not given. */
export function decodeReference(value: unknown, name: string): string | null | Problem {
  if (!isGiven(value)) return null;
  return uuidIn(value) ?? invalid(`Invalid ${name} format`);
}

/** A word such as a source type; null: not given. */
export function decodeWord(value: unknown, name: string): string | null | Problem {
  if (!isGiven(value)) return null;
  const isWord = typeof value === 'string' && value.length <= limits.principalIdCharsMax;
  return isWord
    ? value
    : invalid(`${name} must be a text of at most ${limits.principalIdCharsMax} characters`);
}
