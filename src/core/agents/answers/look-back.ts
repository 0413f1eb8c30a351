/** What happened before a wait began, or while nobody listened: read from the conversation. */
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AnswerRequest } from '../../../ports/agents/agent-answers.ts';
import type { IdSource } from '../../../ports/id-source.ts';
import type { Bus } from '../../bus.ts';
import { turnNames } from '../turns/turn-names.ts';
import type { Expectation } from './expected-answer.ts';

export interface LookBackDeps {
  readonly bus: Pick<Bus, 'entry' | 'history'>;
  readonly ids: Pick<IdSource, 'fromName'>;
}

/** What became of the message so far, oldest first, and then what the answer's id says. */
export async function lookBack(
  { bus, ids }: LookBackDeps,
  principal: Principal,
  request: AnswerRequest,
  expectation: Expectation,
): Promise<void> {
  const { conversation, message, agent } = request;
  const entry = await bus.entry(principal, conversation, message, null);
  if (entry instanceof Problem || entry === null) return;
  expectation.takeEvent(entry.event);
  const range = { afterSeq: entry.event.seq ?? 0, limit: limits.answerSoughtMax, keep: 'oldest' } as const;
  const page = await bus.history(principal, conversation, range);
  if (page instanceof Problem) return;
  for (const { event, deletedAt } of page.entries) if (deletedAt === null) expectation.takeEvent(event);
  if (expectation.isOver || !page.hasMore) return;
  const { answer } = turnNames(ids, { tenant: principal.tenant, conversation, message, agent });
  const late = await bus.entry(principal, conversation, answer, null);
  if (late !== null && !(late instanceof Problem) && late.deletedAt === null)
    expectation.takeEvent(late.event);
}
