import type { ConversationRef } from '../../domain/event.ts';
import { Problem } from '../../domain/problem.ts';
import type { Pause } from '../../domain/state.ts';
import { parseMicros } from '../../domain/time.ts';
import type { ProjectionReader, Snapshot } from '../../ports/projection/projection-reader.ts';
import { openEntries } from './open-rows.ts';
import type { Sealer } from './sealer.ts';

/**
 * The pause of a snapshot with its reason. The row's control state has the empty reason of the sealed
 * event; the event itself is the timeline entry of that very microsecond.
 */
export async function openPause(
  reader: ProjectionReader,
  sealer: Sealer,
  ref: ConversationRef,
  { state }: Snapshot,
): Promise<Pause | null | Problem> {
  const { paused } = state;
  if (paused === null || paused.reason !== '') return paused;
  const at = parseMicros(paused.at) ?? 0;
  const found = await reader.entries(ref, { afterAt: at - 1, beforeAt: at + 1, limit: 1, keep: 'oldest' });
  if (found instanceof Problem) return found;
  const entries = await openEntries(sealer, ref, found.entries);
  if (entries instanceof Problem) return entries;
  const event = entries[0]?.event;
  return event?.type === 'control' ? { ...paused, reason: event.data.reason } : paused;
}
