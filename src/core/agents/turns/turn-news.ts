/** Between nodes: turns that ended without an answer. Whoever waits for one hears so; lost news cost it its time. */
import { Problem } from '../../../domain/problem.ts';
import type { NodeLink } from '../../../ports/node-link.ts';
import type { TurnOf } from './turn-names.ts';

export type UnansweredEnd = 'passed' | 'stopped' | 'failed' | 'too old';

export interface EndedTurn extends TurnOf {
  readonly end: UnansweredEnd;
}

const kind = 'agents.turn_ended';

export function tellEndedTurn(link: Pick<NodeLink, 'tell'>, turn: TurnOf, end: UnansweredEnd): void {
  const { tenant, conversation, message, agent } = turn;
  link.tell(kind, { tenant, conversation, message, agent, end });
}

export function followEndedTurns(link: Pick<NodeLink, 'onTell'>, take: (turn: EndedTurn) => void): void {
  link.onTell(kind, (body) => take(body as EndedTurn));
}

export function endedTurn(end: UnansweredEnd): Problem {
  switch (end) {
    case 'stopped':
      return new Problem('run_preempted');
    case 'failed':
      return new Problem('unavailable', 'The agent gives no answer.', { reason: 'failed' });
    case 'too old':
      return new Problem('unavailable', 'The agent took too long.', { reason: 'timed_out' });
    case 'passed':
      return new Problem('unavailable', 'The agent does not answer this message.', {
        reason: 'not_answered',
      });
  }
}
