/** What control events do to the state: the effects of common.md's table. */
import type { EventOf, Priority } from '../event.ts';
import { limits } from '../limits.ts';
import type { ConversationState, OpenRun, StoppedRun } from '../state.ts';
import type { Micros } from '../time.ts';

export function evolveControl(
  state: ConversationState,
  event: EventOf<'control'>,
  _at: Micros,
): ConversationState {
  const { data } = event;
  switch (data.event) {
    case 'stream.pause':
      return { ...state, paused: { by: event.actor.id, at: event.at, reason: data.reason } };
    case 'stream.resume':
      return { ...state, paused: null };
    case 'stream.preempt':
      return stopRuns(state, data.runs, 'preempted');
    case 'stream.cancel':
      return stopRuns(state, data.runs, 'cancelled');
    case 'stream.route':
    case 'stream.handoff':
      return { ...state, floor: data.target };
    case 'stream.priority':
      return setPriority(state, data.runs[0] ?? null, data.priority);
    default:
      return state;
  }
}

function stopRuns(state: ConversationState, runs: readonly string[], how: StoppedRun): ConversationState {
  if (runs.length === 0) return state;
  const openRuns = new Map<string, OpenRun>(state.openRuns);
  const stoppedRuns = new Map<string, StoppedRun>(state.stoppedRuns);
  for (const run of runs) {
    openRuns.delete(run);
    stoppedRuns.delete(run);
    stoppedRuns.set(run, how);
  }
  dropOldest(stoppedRuns, limits.runsMax);
  return { ...state, openRuns, stoppedRuns };
}

function setPriority(
  state: ConversationState,
  run: string | null,
  priority: Priority | null,
): ConversationState {
  if (run === null) return { ...state, priority };
  const runPriorities = new Map(state.runPriorities);
  runPriorities.delete(run);
  if (priority !== null) runPriorities.set(run, priority);
  dropOldest(runPriorities, limits.runsMax);
  return { ...state, runPriorities };
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
