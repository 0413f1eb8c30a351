/** May this principal post or stream now? Shared by posts and deltas, so that both obey the same control events. */
import type { Priority } from '../event.ts';
import type { Actor } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { ConversationState } from '../state.ts';

export interface Speech {
  readonly run: string | null;
  readonly priority: Priority | null;
}

/** The priority that counts: the message's own, else its run's, else the conversation's, else normal. */
export function effectivePriority(state: ConversationState, speech: Speech): Priority {
  const ofRun = speech.run === null ? undefined : state.runPriorities.get(speech.run);
  return speech.priority ?? ofRun ?? state.priority ?? 'normal';
}

/**
 * Null when allowed. A stopped run is refused first, since no priority passes it; then the floor,
 * which `critical` does not pass either; then the pause, which it does.
 */
export function maySpeak(state: ConversationState, actor: Actor, speech: Speech): Problem | null {
  if (speech.run !== null && state.stoppedRuns.has(speech.run)) return new Problem('run_preempted');
  if (actor.kind === 'agent' && state.floor !== null && state.floor !== actor.id)
    return new Problem('not_your_turn');
  if (actor.kind !== 'user' && state.paused !== null && effectivePriority(state, speech) !== 'critical') {
    return new Problem('conversation_paused');
  }
  return null;
}
