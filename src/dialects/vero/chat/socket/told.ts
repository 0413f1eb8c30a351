/**
 * Which messages of a conversation one socket was told already, so that none comes twice (vero.md §8): all that came
 * live, and the pages that were replayed of what lies before. Only one run of pages is remembered beside the live
 * ones; a client that jumps between several is told some again.
 */

/** Seqs of messages: more than `after`, at most `upTo`. */
export interface Pages {
  readonly after: number;
  readonly upTo: number;
}

export interface Told {
  /** All with a higher seq are told, now or once they come. */
  readonly liveAfter: number;
  /** Ends before `liveAfter`. */
  readonly pages: Pages | null;
}

/** What is still to be told of that after `lastSeq`: up to what was told before, or all that is not live. */
export function untoldAfter({ liveAfter, pages }: Told, lastSeq: number): Pages {
  if (pages === null || lastSeq > pages.upTo) return { after: lastSeq, upTo: liveAfter };
  if (lastSeq >= pages.after) return { after: pages.upTo, upTo: liveAfter };
  return { after: lastSeq, upTo: pages.after };
}

/** After these pages were told, too. */
export function withPages(before: Told, told: Pages): Told {
  const { liveAfter, pages } = before;
  if (told.upTo <= told.after) return before;
  const touches = pages !== null && told.after <= pages.upTo && told.upTo >= pages.after;
  if (!touches && told.upTo >= liveAfter) return { liveAfter: Math.min(liveAfter, told.after), pages };
  if (!touches) return { liveAfter, pages: told };
  const after = Math.min(pages.after, told.after);
  const upTo = Math.max(pages.upTo, told.upTo);
  return upTo >= liveAfter ? { liveAfter: after, pages: null } : { liveAfter, pages: { after, upTo } };
}
