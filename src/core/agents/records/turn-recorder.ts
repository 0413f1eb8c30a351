/** Writes what turns leave: one statement after the answer is there, and one before where that takes long. */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AgentRecordStore, TurnRecords } from '../../../ports/agents/agent-records.ts';
import type { AgentTurn } from '../../../ports/agents/agent-turns.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { IdSource } from '../../../ports/id-source.ts';
import type { Logger } from '../../../ports/logger.ts';
import { turnFields } from '../turns/turn-names.ts';
import type { LogNews } from './log-news.ts';
import type { TurnNotes } from './turn-notes.ts';
import { type TurnOutcome, turnRecords } from './turn-records.ts';

export interface TurnRecorderDeps {
  readonly store: Pick<AgentRecordStore, 'add'>;
  readonly news: Pick<LogNews, 'tell'>;
  readonly ids: Pick<IdSource, 'fromName' | 'ofText'>;
  readonly clock: Pick<Clock, 'nowMicros' | 'after'>;
  readonly logger: Logger;
}

export interface TurnRecorder {
  /** The turn is being answered: it is seen from limits.agentRunShownAfterMs on. The returned function says that it is over. */
  begin(turn: AgentTurn, notes: TurnNotes): () => void;
  /** The model is left alone, and the turn waits: said once. */
  hold(turn: AgentTurn, notes: TurnNotes): void;
  /** Never rejects: an answer is not given again because nothing could be written of it. */
  end(turn: AgentTurn, notes: TurnNotes, outcome: TurnOutcome): Promise<void>;
}

export function openTurnRecorder({ store, news, ids, clock, logger }: TurnRecorderDeps): TurnRecorder {
  async function write(turn: AgentTurn, records: TurnRecords): Promise<boolean> {
    const refused = await store.add(records);
    if (!(refused instanceof Problem)) return true;
    logger.warn({ ...turnFields(turn), code: refused.code }, 'What an agent did could not be recorded');
    return false;
  }

  async function show(turn: AgentTurn, notes: TurnNotes): Promise<void> {
    notes.wasShown = true;
    const records = turnRecords(ids, turn, notes, null, clock.nowMicros());
    if (records !== null && (await write(turn, records))) news.tell(turn.ref.tenant, records.logs);
  }

  return {
    begin: (turn, notes) => clock.after(limits.agentRunShownAfterMs, () => void show(turn, notes)),

    hold(turn, notes) {
      if (notes.heldAt !== null) return;
      notes.heldAt = clock.nowMicros();
      void show(turn, notes);
    },

    async end(turn, notes, outcome) {
      if (outcome === 'passed' && !notes.wasShown) return;
      const records = turnRecords(ids, turn, notes, outcome, clock.nowMicros());
      if (records !== null && (await write(turn, records))) news.tell(turn.ref.tenant, records.logs);
    },
  };
}
