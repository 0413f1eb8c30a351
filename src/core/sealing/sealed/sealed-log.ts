/** The log as the core sees it: what is appended is sealed on its way out, what is read is opened. */
import type { ConversationRef, LogEntry } from '../../../domain/event.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AppendResult, Log } from '../../../ports/log.ts';
import { sealedTextOf } from '../event-texts.ts';
import { needsSeal, type Sealer } from '../sealer.ts';

export function sealedLog(log: Log, sealer: Sealer): Log {
  async function appendSealed(
    ref: ConversationRef,
    expectLast: number,
    entries: readonly LogEntry[],
  ): Promise<AppendResult> {
    const sealed = await sealer.seal(ref, entries);
    if (sealed instanceof Problem) return { kind: 'refused', problem: sealed };
    return await log.append(ref, expectLast, sealed);
  }

  return {
    ...log,
    append: (ref, expectLast, entries) =>
      entries.some(needsSeal) ? appendSealed(ref, expectLast, entries) : log.append(ref, expectLast, entries),

    async readAfter(ref, afterLogSeq, limit, kind) {
      const page = await log.readAfter(ref, afterLogSeq, limit, kind);
      if (page instanceof Problem) return page;
      const entries = await openEntries(sealer, ref, page.entries);
      return entries instanceof Problem ? entries : { ...page, entries };
    },
  };
}

/** Entries as the core reads them. */
async function openEntries(
  sealer: Sealer,
  ref: ConversationRef,
  entries: readonly LogEntry[],
): Promise<readonly LogEntry[] | Problem> {
  const sealed = entries.map(({ event }) => sealedTextOf(event)).filter((one) => one !== null);
  if (sealed.length === 0) return entries;
  const opener = await sealer.opener(ref, sealed);
  if (opener instanceof Problem) return opener;
  return entries.map((entry) => ({ ...entry, event: opener.event(entry.event) }));
}
