/** What Parley itself says in a conversation, once. */
import type { NoticeCommand } from '../command.ts';
import { requireParticipant } from '../permissions.ts';
import { Problem } from '../problem.ts';
import { appendOne, type Deciding, type Decision, unchanged } from './decision.ts';

/** Whoever it concerns must take part still; what was said before is not said again. */
export function decideNotice(command: NoticeCommand, deciding: Deciding): Decision | Problem {
  const participant = requireParticipant(deciding.state, deciding.principal, deciding.context.env);
  if (participant instanceof Problem) return participant;
  if (deciding.facts.message !== null) return unchanged;
  return appendOne(deciding, 'control', {
    ...{ event: command.event, target: null, reason: null, runs: [], priority: null, preempted_by: null },
    metadata: command.metadata,
  });
}
