/** What clients send, looked at before it is used. */
import { limits } from '../../domain/limits.ts';

/** An object with fields: no list, no null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of a room, a world: more than blanks, limits.nameCharsMax at most. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= limits.nameCharsMax;
}
