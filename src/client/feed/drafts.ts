import { bounds } from '../bounds.ts';
import type { Delta, Draft } from '../wire.ts';

/**
 * Adds a piece to what was told of its message. After a reconnect the whole text comes again: answers the rest of it
 * that is new; null when nothing is, `gap` when pieces before it are missing.
 */
export function tellDraft(drafts: Map<string, Draft>, delta: Delta): Delta | 'gap' | null {
  const known = drafts.get(delta.message_id);
  const lastIndex = known?.index ?? -1;
  if (delta.index <= lastIndex) return null;
  if (delta.from !== 0 && delta.from !== lastIndex + 1) return 'gap';
  const isWhole = delta.from === 0;
  const rest = isWhole ? delta.text.slice(known?.text.length ?? 0) : delta.text;
  const { message_id, run, index } = delta;
  drafts.set(message_id, { message_id, run, from: 0, index, text: (known?.text ?? '') + rest });
  const oldest = drafts.size > bounds.draftsMax ? drafts.keys().next().value : undefined;
  if (oldest !== undefined) drafts.delete(oldest);
  return { ...delta, from: lastIndex + 1, text: rest };
}
