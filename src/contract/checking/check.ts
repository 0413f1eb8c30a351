import type { Static, TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { ValueError } from '@sinclair/typebox/errors';
import type { Problem } from '../../domain/problem.ts';
import { refuseFields } from './field-errors.ts';
import { registerFormats } from './formats.ts';

/** A schema compiled to a function: made once at boot, asked for each request and frame. */
export interface Check<S extends TSchema> {
  readonly schema: S;
  accepts(value: unknown): value is Static<S>;
  /** Why it does not accept `value`: `invalid_request` with `fields`. */
  refusal(value: unknown): Problem;
  /** Everything that is wrong with it, one after another: for dialects that word it themselves. */
  errors(value: unknown): Iterable<ValueError>;
}

/** Compiles a schema (about 0.2 ms); the check then costs some 0.1 microseconds. */
export function compileCheck<S extends TSchema>(schema: S): Check<S> {
  registerFormats();
  const compiled = TypeCompiler.Compile(schema);
  return {
    accepts: (value): value is Static<S> => compiled.Check(value),
    schema,
    errors: (value) => compiled.Errors(value),
    refusal: (value) => refuseFields(compiled.Errors(value)),
  };
}
