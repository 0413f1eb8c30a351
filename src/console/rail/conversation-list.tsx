/** The conversations, newest first; while one looks for something, what was found. */
import { useState } from 'preact/hooks';
import type { Desk } from '../live/desk.ts';
import { inOrder, titleOf } from '../live/summaries.ts';
import { Icon } from '../shell/icon.tsx';
import { open } from '../shell/opened.ts';
import type { Route } from '../shell/route.ts';
import { ConversationRow } from './conversation-row.tsx';
import { FoundMessages } from './found-messages.tsx';
import { searchedFrom, useSearch } from './use-search.ts';

interface ListProps {
  readonly desk: Desk;
  readonly at: Route;
}

export function ConversationList({ desk, at }: ListProps) {
  const [sought, setSought] = useState('');
  const words = sought.trim();
  const search = useSearch(desk.requests, words);
  const all = inOrder(desk.summaries.value);
  const shown = all.filter((one) => titleOf(one).toLowerCase().includes(words.toLowerCase()));
  return (
    <div class="rail-main">
      <Tools sought={sought} onSeek={setSought} />
      {words !== '' && <h3 class="list-title">Conversations</h3>}
      <ListState
        desk={desk}
        isEmpty={all.length === 0}
        isNothingFound={all.length > 0 && shown.length === 0}
      />
      <ul class="conversations">
        {shown.map((one) => (
          <li key={one.id}>
            <ConversationRow
              desk={desk}
              summary={one}
              isHere={at.at === 'conversation' && at.id === one.id}
            />
          </li>
        ))}
      </ul>
      {desk.hasMore.value && (
        <button type="button" class="quiet more" onClick={() => void desk.loadMore()}>
          Show older ones
        </button>
      )}
      {words.length >= searchedFrom && <FoundMessages desk={desk} search={search} />}
    </div>
  );
}

interface ToolsProps {
  readonly sought: string;
  readonly onSeek: (sought: string) => void;
}

/** What is typed narrows the list at once, and looks for messages; Enter goes to what is first. */
function Tools({ sought, onSeek }: ToolsProps) {
  return (
    <div class="rail-tools">
      <input
        id="find"
        type="search"
        placeholder="Find"
        aria-label="Find conversations and messages"
        aria-keyshortcuts="/"
        maxLength={256}
        value={sought}
        onInput={(event) => onSeek(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.isComposing)
            document.querySelector<HTMLElement>('.conversations a')?.click();
        }}
      />
      <button
        type="button"
        class="square"
        aria-label="New conversation"
        title="New conversation (n)"
        onClick={() => open('new')}
      >
        <Icon name="plus" />
      </button>
    </div>
  );
}

interface ListStateProps {
  readonly desk: Desk;
  readonly isEmpty: boolean;
  readonly isNothingFound: boolean;
}

function ListState({ desk, isEmpty, isNothingFound }: ListStateProps) {
  const problem = desk.listProblem.value;
  if (problem !== null) {
    return (
      <div class="list-state" role="alert">
        <p>{problem}</p>
        <button type="button" onClick={() => void desk.load()}>
          Try again
        </button>
      </div>
    );
  }
  if (desk.isLoading.value && isEmpty) return <Skeleton />;
  if (isNothingFound) return <p class="list-state">None of that name.</p>;
  if (!isEmpty) return null;
  return (
    <div class="list-state">
      <p>No conversations yet.</p>
      <button type="button" class="primary" onClick={() => open('new')}>
        Begin one
      </button>
    </div>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" role="status" aria-label="Loading conversations">
      <i />
      <i />
      <i />
      <i />
    </div>
  );
}
