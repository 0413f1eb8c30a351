/** What ends a turn before it is answered. Pure. */

import { maySpeak } from '../../domain/decide/may-speak.ts';
import type { Event } from '../../domain/event.ts';
import { stopsRuns } from '../../domain/facts.ts';
import type { PrincipalId } from '../../domain/ids.ts';
import type { ConversationState } from '../../domain/state.ts';

export interface OwnRun {
  readonly run: string;
  readonly agent: PrincipalId;
  /** Seq of the message that is answered. */
  readonly seq: number;
}

/** `over`: it will never be answered; `paused`: not now. */
export type Standing = 'free' | 'paused' | 'over';

export function standingOfRun(state: ConversationState, { run, agent }: OwnRun): Standing {
  if (state.status !== 'open' || !state.participants.has(agent)) return 'over';
  const refused = maySpeak(state, { id: agent, kind: 'agent' }, { run, priority: null });
  if (refused === null) return 'free';
  return refused.code === 'conversation_paused' ? 'paused' : 'over';
}

/**
 * Whether a control event stops it: by naming the run, or the agent, or everybody. The state knows a run only
 * from its first words on; whoever says stop means also what is not said yet.
 */
export function stopsOwnRun(event: Event, { run, agent, seq }: OwnRun): boolean {
  if (event.type !== 'control' || !stopsRuns(event.data.event)) return false;
  if (event.data.runs.includes(run)) return true;
  if (event.run !== undefined || (event.seq ?? 0) <= seq) return false;
  return event.data.target === null || event.data.target === agent;
}
