import type { Problem } from '../../../domain/problem.ts';

/** How a turn ended, or (`paused`, `failed`, `away`) why it did not yet. */
export type TurnEnd = 'passed' | 'answered' | 'stopped' | 'paused' | 'failed' | 'away';

/** Refusals that say that it is not to answer (any more), and those that may be over soon. */
export function endOf(problem: Problem): TurnEnd {
  switch (problem.code) {
    case 'run_preempted':
    case 'not_your_turn':
      return 'stopped';
    case 'conversation_paused':
      return 'paused';
    case 'unavailable':
    case 'overloaded':
    case 'rate_limited':
    case 'storage_full':
    case 'internal':
      return 'away';
    default:
      return 'passed';
  }
}
