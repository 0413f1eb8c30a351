/** What is asked about people, checked beyond what schemas can say. */
import { fieldProblem } from '../../../../contract/checking/field-errors.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Problem } from '../../../../domain/problem.ts';
import type { PeopleSearch, PeopleStart } from '../../../../ports/conversations/people.ts';
import { codePoints } from '../../code-points.ts';
import { cursorText, toCursor } from '../../cursor-text.ts';

const soughtMin = 2;
const soughtMax = 80;
const cursorPattern = /^([\s\S]{1,160})\n([^\n]{1,255})$/;
/** Fewer digits would find people by guessing. */
const phonePattern = /^\+?(\d{7,15})$/;

export function decodePeopleSearch(q: string, limit: number | undefined): PeopleSearch | Problem {
  const text = q.trim();
  const length = codePoints(text, soughtMax);
  if (length < soughtMin) return fieldProblem([{ path: 'q', reason: 'too_short', limit: soughtMin }]);
  if (length > soughtMax) return fieldProblem([{ path: 'q', reason: 'too_long', limit: soughtMax }]);
  const digits = phonePattern.exec(text.replace(/[ \-().]/g, ''))?.[1] ?? null;
  return {
    prefix: text.toLowerCase(),
    phone: digits === null ? null : `+${digits}`,
    limit: limit ?? limits.listPageMax,
  };
}

/** Opaque to clients; decodePeopleCursor() reads it. */
export function encodePeopleCursor(next: PeopleStart | null): string | null {
  return next === null ? null : toCursor(`${next.displayName}\n${next.id}`);
}

export function decodePeopleCursor(cursor: string | undefined): PeopleStart | null | Problem {
  if (cursor === undefined) return null;
  const match = cursorPattern.exec(cursorText(cursor));
  if (match === null) return fieldProblem([{ path: 'cursor', reason: 'format' }]);
  return { displayName: match[1] ?? '', id: match[2] ?? '' };
}
