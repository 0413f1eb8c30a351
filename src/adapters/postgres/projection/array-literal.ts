/**
 * PostgreSQL array literals, one for each column of a set-based statement. The driver would serialize
 * arrays itself, but guesses their type from the first element (wrong for booleans) and takes longer.
 */

const needsEscape = /["\\]/;

/** For `::text[]` and `::json[]`. */
export function texts(values: readonly (string | null)[]): string {
  let literal = '{';
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    if (i > 0) literal += ',';
    literal += value === null ? 'NULL' : `"${needsEscape.test(value) ? escaped(value) : value}"`;
  }
  return `${literal}}`;
}

function escaped(value: string): string {
  return value.replace(/["\\]/g, '\\$&');
}

/** For `::bigint[]` and `::integer[]`. */
export function numbers(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** For `::boolean[]`. */
export function booleans(values: readonly boolean[]): string {
  return `{${values.map((value) => (value ? 't' : 'f')).join(',')}}`;
}
