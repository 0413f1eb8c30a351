/** What is searched for, checked beyond what a schema can say. */
import { fieldProblem } from '../../../../contract/checking/field-errors.ts';
import { canonicalUuid } from '../../../../domain/ids.ts';
import type { Problem } from '../../../../domain/problem.ts';
import { readSearchedWords } from '../../../../domain/searched-words.ts';
import { type Micros, parseMicros } from '../../../../domain/time.ts';
import type { MessageQuery, SearchPlace } from '../../../../ports/conversations/message-search.ts';
import { codePoints } from '../../code-points.ts';
import { cursorText, toCursor } from '../../cursor-text.ts';
import type { SearchQuery } from './wire.ts';

const soughtMax = 256;
const foundByDefault = 20;
const cursorPattern = /^(\d{1,16}) ([\s\S]{1,255})$/;

export type Asked = Pick<
  MessageQuery,
  'words' | 'beforeSeq' | 'sender' | 'contentType' | 'after' | 'before' | 'below' | 'limit'
>;

export function decodeSearch(query: SearchQuery): Asked | Problem {
  const text = query.q.trim();
  const length = codePoints(text, soughtMax);
  const after = timeOf(query.after);
  const before = timeOf(query.before);
  const below = placeOf(query.cursor);
  if (length === 0) return wrong('q', 'too_short', 1);
  if (length > soughtMax) return wrong('q', 'too_long', soughtMax);
  if (query.before_seq !== undefined && query.conversation_id === undefined) {
    return wrong('before_seq', 'needs_conversation_id');
  }
  if (after === undefined) return wrong('after', 'format');
  if (before === undefined) return wrong('before', 'format');
  if (below === undefined) return wrong('cursor', 'format');
  const { sender_id: sender } = query;
  return {
    words: readSearchedWords(text),
    beforeSeq: query.before_seq ?? null,
    sender: sender === undefined ? null : (canonicalUuid(sender) ?? sender),
    contentType: query.content_type ?? null,
    ...{ after, before, below },
    limit: query.limit ?? foundByDefault,
  };
}

function wrong(path: string, reason: string, limit?: number): Problem {
  return fieldProblem([{ path, reason, ...(limit === undefined ? {} : { limit }) }]);
}

/** Undefined: it is no time. */
function timeOf(text: string | undefined): Micros | null | undefined {
  return text === undefined ? null : (parseMicros(text) ?? undefined);
}

/** Opaque to clients; decodeSearch() reads it. */
export function encodeSearchCursor(next: SearchPlace | null): string | null {
  return next === null ? null : toCursor(`${next.at} ${next.message}`);
}

/** Undefined: it is none of ours. */
function placeOf(cursor: string | undefined): SearchPlace | null | undefined {
  if (cursor === undefined) return null;
  const match = cursorPattern.exec(cursorText(cursor));
  return match === null ? undefined : { at: Number(match[1]), message: match[2] ?? '' };
}
