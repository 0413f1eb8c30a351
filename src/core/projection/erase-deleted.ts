import type { ConversationRef, LogEntry } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Log } from '../../ports/log.ts';
import type { PlacedEntry } from '../../ports/projection.ts';

type Eraser = Pick<Log, 'erase' | 'purgeBefore'>;

/**
 * Takes the content of deleted messages and conversations out of the log. What is erased already is no
 * error, so a replay does no harm. Throws the Problem of a log that is away.
 */
export async function eraseDeleted(log: Eraser, batch: readonly PlacedEntry[]): Promise<void> {
  const erasing = batch.filter(({ entry }) => erases(entry));
  for (let start = 0; start < erasing.length; start += limits.erasuresInFlightMax) {
    const some = erasing.slice(start, start + limits.erasuresInFlightMax);
    const outcomes = await Promise.all(some.map(({ ref, entry }) => erase(log, ref, entry)));
    const problem = outcomes.find((outcome) => outcome !== null);
    if (problem instanceof Problem) throw problem;
  }
}

function erases({ event, erased }: LogEntry): boolean {
  return event.type === 'conversation.deleted' || (event.type === 'message.deleted' && erased.length > 0);
}

function erase(log: Eraser, ref: ConversationRef, entry: LogEntry): Promise<Problem | null> {
  if (entry.event.type === 'conversation.deleted') return log.purgeBefore(ref, entry.logSeq);
  return log.erase(
    ref,
    entry.erased.map(({ logSeq }) => logSeq),
  );
}
