/** Old records of agents go, on any node, so many at once. */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AgentRecordStore } from '../../../ports/agents/agent-records.ts';
import type { Clock } from '../../../ports/clock.ts';
import { regularly } from '../../regularly.ts';

export interface RecordSweepDeps {
  readonly store: Pick<AgentRecordStore, 'sweep'>;
  readonly clock: Clock;
}

/** Answers how many are gone. What cannot be deleted now is tried again by the next sweep. */
export async function sweepRecords({ store, clock }: RecordSweepDeps): Promise<number> {
  const now = clock.nowMicros();
  let count = 0;
  for (let round = 0; round < limits.agentRecordRoundsMax; round += 1) {
    const gone = await store.sweep({
      recordsBefore: now - limits.agentRecordsKeptMs * 1000,
      memoriesBefore: now - limits.agentMemoriesKeptMs * 1000,
      // Whoever had the turn has ended it by then, or died with it.
      unendedBefore: now - (limits.agentTurnAgeMs + limits.agentRunMsMax) * 1000,
      limit: limits.agentRecordsDeletedAtOnce,
    });
    if (gone instanceof Problem) break;
    count += gone;
    if (gone < limits.agentRecordsDeletedAtOnce) break;
  }
  return count;
}

/** Sweeps again and again; the returned function ends that. */
export function sweepRecordsRegularly(deps: RecordSweepDeps): () => Promise<void> {
  return regularly(deps.clock, limits.agentRecordsSweepMs, () => sweepRecords(deps));
}
