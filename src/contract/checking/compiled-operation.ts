import { type TSchema, Type } from '@sinclair/typebox';
import { type RateClass, rateClassOf } from '../../domain/limiting/rates.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Operation } from '../operation.ts';
import { type Check, compileCheck } from './check.ts';
import { compileParameters, type Pair, type Parameters } from './parameters.ts';

/** An operation with its checks: what a front end runs. Made once at boot. */
export interface CompiledOperation {
  readonly operation: Operation;
  /** Names of `:name` in the path, in order. */
  readonly parameterNames: readonly string[];
  readonly readParams: (pairs: readonly Pair[]) => Parameters | Problem;
  readonly readQuery: (pairs: readonly Pair[]) => Parameters | Problem;
  /** Null: the operation takes no body, and it does not matter what is sent. */
  readonly body: Check<TSchema> | null;
  readonly rate: RateClass;
}

const anyObject = Type.Object({});

/** Compiles the schemas of an operation; throws for a declaration that cannot work. */
export function compileOperation(operation: Operation): CompiledOperation {
  const parameterNames = namesIn(operation.path);
  const { params, query } = operation.schemas;
  const body = operation.schemas.body ?? (operation.refusesNonObjects === true ? anyObject : undefined);
  const declared = params === undefined ? parameterNames : Object.keys(params.properties);
  const unknown = declared.filter((name) => !parameterNames.includes(name));
  if (unknown.length > 0) throw new Error(`${operation.id}: ${operation.path} has no ${unknown.join(', ')}`);
  return {
    operation,
    parameterNames,
    readParams: compileParameters(params),
    readQuery: compileParameters(query),
    body: body === undefined ? null : compileCheck(body),
    rate: operation.rate ?? rateClassOf(operation.method),
  };
}

/** `['id']` of `/conversations/:id/messages`. */
export function namesIn(path: string): string[] {
  return path
    .split('/')
    .filter((segment) => segment.startsWith(':'))
    .map((segment) => segment.slice(1));
}
