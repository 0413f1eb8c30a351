/** Refusals for too much work are counted at the door where they are answered: once for each that was asked. */
import type { Problem } from '../domain/problem.ts';
import type { Metrics } from '../ports/metrics.ts';

/** Counts `problem` if it is `overloaded`, by the bound that was met; of a node that did not say which: `other`. */
export function countOverload({ overloads }: Pick<Metrics, 'overloads'>, problem: Problem): void {
  if (problem.code === 'overloaded') overloads.add(problem.overload ?? 'other', 1);
}
