import type { Shape } from './step.ts';

/** Where `value` is not what `shape` says, in sentences; empty: nowhere. */
export function differences(shape: Shape, value: unknown, at = 'body'): string[] {
  const is = (holds: boolean): string[] =>
    holds ? [] : [`${at}: ${said(shape)} expected, got ${said(value)}`];
  if (typeof shape === 'function') return is(shape(value));
  if (shape instanceof RegExp) return is(typeof value === 'string' && shape.test(value));
  if (Array.isArray(shape)) {
    if (!Array.isArray(value) || value.length !== shape.length) return is(false);
    return shape.flatMap((one: Shape, index) => differences(one, value[index], `${at}.${index}`));
  }
  if (typeof shape !== 'object' || shape === null) return is(shape === value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return is(false);
  const [wanted, found] = [shape as Record<string, Shape>, value as Record<string, unknown>];
  const missing = Object.keys(wanted).filter((key) => !Object.hasOwn(found, key));
  const unknown = Object.keys(found).filter((key) => !Object.hasOwn(wanted, key));
  return [
    ...missing.map((key) => `${at}.${key} is missing`),
    ...unknown.map((key) => `${at}.${key} is not in the contract: ${said(found[key])}`),
    ...Object.entries(wanted)
      .filter(([key]) => Object.hasOwn(found, key))
      .flatMap(([key, one]) => differences(one, found[key], `${at}.${key}`)),
  ];
}

function said(value: unknown): string {
  if (typeof value === 'function') return value.name;
  return value instanceof RegExp ? String(value) : String(JSON.stringify(value)).slice(0, 300);
}
