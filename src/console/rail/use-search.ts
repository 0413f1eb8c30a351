/** Messages that hold the words that somebody is typing: asked for when the typing rests, newest first. */
import { useEffect, useState } from 'preact/hooks';
import { type Requests, sentenceOf } from '../session/requests.ts';

export interface FoundMessage {
  readonly id: string;
  readonly conversation: string;
  readonly seq: number;
  readonly sender: string;
  readonly at: string;
  readonly snippet: string;
}

export interface Search {
  /** Null: nothing was asked for, or there is no answer yet. */
  readonly found: readonly FoundMessage[] | null;
  readonly problem: string | null;
  /** Adds the next page; null: there is none. */
  readonly more: (() => void) | null;
}

/** As GET /v1/chat/messages/search answers. */
interface Page {
  readonly results: readonly {
    readonly message: {
      readonly id: string;
      readonly conversation_id: string;
      readonly seq_num: number;
      readonly sender_id: string;
      readonly created_at: string;
    };
    readonly snippet: string;
  }[];
  readonly next_cursor: string | null;
}

interface Answer {
  readonly words: string;
  readonly found: readonly FoundMessage[];
  readonly next: string | null;
}

/** Characters. With one letter half of everything would be found. */
export const searchedFrom = 2;
const restMs = 250;
const charsMax = 256;
const pageMax = 20;

export function useSearch(requests: Requests, words: string): Search {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const isAsked = words.length >= searchedFrom;
  useEffect(() => {
    setProblem(null);
    if (!isAsked) return;
    let isOver = false;
    const timer = setTimeout(() => {
      pageOf(requests, words, null).then(
        (found) => isOver || setAnswer(found),
        (error) => isOver || setProblem(sentenceOf(error)),
      );
    }, restMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [requests, words]);
  const known = isAsked && answer?.words === words ? answer : null;
  const more = (): void => {
    if (known === null) return;
    pageOf(requests, words, known.next).then(
      (page) => setAnswer({ ...page, found: [...known.found, ...page.found] }),
      (error) => setProblem(sentenceOf(error)),
    );
  };
  return { found: known?.found ?? null, problem, more: known === null || known.next === null ? null : more };
}

async function pageOf(requests: Requests, words: string, cursor: string | null): Promise<Answer> {
  const query = new URLSearchParams({ q: words.slice(0, charsMax), limit: String(pageMax) });
  if (cursor !== null) query.set('cursor', cursor);
  const { results, next_cursor: next } = await requests.send<Page>(
    'GET',
    `/v1/chat/messages/search?${query}`,
  );
  const found = results.map(({ message, snippet }) => ({
    id: message.id,
    conversation: message.conversation_id,
    seq: message.seq_num,
    sender: message.sender_id,
    at: message.created_at,
    snippet,
  }));
  return { words, found, next };
}
