/** Messages that were found: who said it where, and the words around what was looked for. */
import type { Desk } from '../live/desk.ts';
import { titleOf } from '../live/summaries.ts';
import { ProblemLine } from '../shell/problem-line.tsx';
import { hrefOf } from '../shell/route.ts';
import { shortTimeOf } from '../shell/words.ts';
import { snippetPieces } from './snippet-pieces.ts';
import type { FoundMessage, Search } from './use-search.ts';

interface FoundMessagesProps {
  readonly desk: Desk;
  readonly search: Search;
}

export function FoundMessages({ desk, search: { found, problem, more } }: FoundMessagesProps) {
  return (
    <section aria-label="Messages that were found">
      <h3 class="list-title">Messages</h3>
      <ProblemLine words={problem} />
      <p class="list-state" role="status">
        {found === null && problem === null && 'Looking…'}
        {found?.length === 0 && 'No message has these words.'}
      </p>
      <ul class="conversations">
        {found?.map((message) => (
          <li key={message.id}>
            <Row desk={desk} message={message} />
          </li>
        ))}
      </ul>
      {more !== null && (
        <button type="button" class="quiet more" onClick={more}>
          Show more
        </button>
      )}
    </section>
  );
}

function Row({ desk, message }: { readonly desk: Desk; readonly message: FoundMessage }) {
  const { conversation, seq, sender, at, snippet } = message;
  const summary = desk.summaries.value.get(conversation);
  const href = hrefOf({ at: 'conversation', id: conversation, seq });
  return (
    <a
      class="conversation"
      href={href}
      onClick={() => {
        // The address is that already, so nothing else would bring one back there.
        if (location.hash === href) desk.look(conversation, seq);
      }}
    >
      <span class="conversation-title">
        <span class="name">{summary === undefined ? 'An older conversation' : titleOf(summary)}</span>
        <time dateTime={at}>{shortTimeOf(at)}</time>
      </span>
      <span class="found-words" dir="auto">
        <b>{desk.directory.nameOf(sender)}:</b>{' '}
        {snippetPieces(snippet).map(({ text, isHit }, index) =>
          isHit ? <mark key={index}>{text}</mark> : text,
        )}
      </span>
    </a>
  );
}
