/** How one environment variable is declared. */
import type { Parser } from './parsers.ts';

export interface Variable<T, Unset = T> {
  readonly name: string;
  readonly meaning: string;
  readonly parse: Parser<T>;
  readonly unset: Unset | { readonly dev: Unset; readonly serve: Unset };
  /** The default in words; else the value of `unset`. */
  readonly unsetWords?: string;
  /** Its value is never printed. */
  readonly isSecret?: true;
}

export function optional<T>(name: string, meaning: string, parse: Parser<T>): Variable<T, null> {
  return { name, meaning, parse, unset: null };
}

export function secret<T>(name: string, meaning: string, parse: Parser<T>): Variable<T, null> {
  return { name, meaning, parse, unset: null, isSecret: true };
}

export function defaulted<T>(name: string, unset: T, meaning: string, parse: Parser<T>): Variable<T> {
  return { name, meaning, parse, unset };
}
