/** Counting is dear (postgres/survey/survey-counts.ts): the same count is under way once, whoever asks. */

import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  ConversationSurvey,
  SurveyCounts,
  SurveyFilter,
} from '../../ports/conversations/conversation-survey.ts';
import { FreshAnswers } from '../fresh-answers.ts';
import type { ProjectedNow } from '../projection/projected-now.ts';

const dayUs = 86_400_000_000;

export type SharedCounts = (filter: SurveyFilter) => Promise<SurveyCounts | Problem>;

/** Counts that contain everything that was acknowledged before they were asked for. */
export function openSharedCounts(
  survey: Pick<ConversationSurvey, 'counts'>,
  projected: ProjectedNow,
  clock: Clock,
): SharedCounts {
  const counts = new FreshAnswers<SurveyCounts | Problem>();
  return async (filter) => {
    if (counts.size >= limits.surveysInFlightMax) return overloaded('surveys');
    const { tenant, type, env, service } = filter;
    return counts.ask(JSON.stringify([tenant, type, env, service]), async () => {
      await projected.reached();
      return survey.counts(filter, clock.nowMicros() - dayUs);
    });
  };
}
