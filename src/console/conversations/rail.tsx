/** The list of conversations, and the way to everything else. */
import { useState } from 'preact/hooks';
import type { Desk } from '../live/desk.ts';
import { inOrder, type Summary } from '../live/summaries.ts';
import { Icon, Pennant } from '../shell/icon.tsx';
import { hrefOf, type Route } from '../shell/route.ts';
import { nextTheme, theme } from '../shell/theme.ts';
import { shortTimeOf } from '../shell/words.ts';
import { LinkSign } from './link-sign.tsx';

interface RailProps {
  readonly desk: Desk;
  readonly at: Route;
  readonly onNew: () => void;
  readonly onShortcuts: () => void;
  readonly onSignOut: () => void;
}

export function Rail({ desk, at, onNew, onShortcuts, onSignOut }: RailProps) {
  const { account } = desk;
  return (
    <nav class="rail" aria-label="Conversations">
      <header class="rail-head">
        <a
          class="wordmark small"
          href={hrefOf({ at: 'conversations' })}
          aria-label="Parley, all conversations"
        >
          <Pennant />
          <span>{account.workspace === '' ? 'Parley' : account.workspace}</span>
        </a>
        <LinkSign desk={desk} />
      </header>
      <ConversationList desk={desk} at={at} onNew={onNew} />
      <footer class="rail-foot">
        <a class="quiet" href={hrefOf({ at: 'node' })} aria-current={at.at === 'node' ? 'page' : undefined}>
          <Icon name="pulse" /> Node
        </a>
        <a
          class="quiet"
          href={hrefOf({ at: 'access' })}
          aria-current={at.at === 'access' ? 'page' : undefined}
        >
          <Icon name="key" /> Access
        </a>
        <span class="spring" />
        <button
          type="button"
          class="quiet square"
          aria-label={`Theme: ${theme.value}`}
          title={`Theme: ${theme.value}`}
          onClick={nextTheme}
        >
          <Icon name="shade" />
        </button>
        <button
          type="button"
          class="quiet square"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={onShortcuts}
        >
          <Icon name="keyboard" />
        </button>
        <button
          type="button"
          class="quiet square"
          aria-label={`Sign out ${account.name}`}
          title={`Sign out ${account.name}`}
          onClick={onSignOut}
        >
          <Icon name="leave" />
        </button>
      </footer>
    </nav>
  );
}

interface ListProps {
  readonly desk: Desk;
  readonly at: Route;
  readonly onNew: () => void;
}

function ConversationList({ desk, at, onNew }: ListProps) {
  const [sought, setSought] = useState('');
  const all = inOrder(desk.summaries.value);
  const words = sought.trim().toLowerCase();
  const shown = words === '' ? all : all.filter((one) => titleOf(one).toLowerCase().includes(words));
  return (
    <div class="rail-main">
      <div class="rail-tools">
        <input
          id="find"
          type="search"
          placeholder="Find"
          aria-label="Find a conversation"
          value={sought}
          onInput={(event) => setSought(event.currentTarget.value)}
        />
        <button
          type="button"
          class="square"
          aria-label="New conversation"
          title="New conversation (n)"
          onClick={onNew}
        >
          <Icon name="plus" />
        </button>
      </div>
      <ListState
        desk={desk}
        isEmpty={all.length === 0}
        isNothingFound={all.length > 0 && shown.length === 0}
        onNew={onNew}
      />
      <ul class="conversations">
        {shown.map((one) => (
          <li key={one.id}>
            <Row desk={desk} summary={one} isHere={at.at === 'conversation' && at.id === one.id} />
          </li>
        ))}
      </ul>
      {desk.hasMore.value && (
        <button type="button" class="quiet more" onClick={() => void desk.loadMore()}>
          Show older ones
        </button>
      )}
    </div>
  );
}

interface ListStateProps {
  readonly desk: Desk;
  readonly isEmpty: boolean;
  readonly isNothingFound: boolean;
  readonly onNew: () => void;
}

function ListState({ desk, isEmpty, isNothingFound, onNew }: ListStateProps) {
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
  if (isNothingFound) return <p class="list-state">Nothing of that name.</p>;
  if (!isEmpty) return null;
  return (
    <div class="list-state">
      <p>No conversations yet.</p>
      <button type="button" class="primary" onClick={onNew}>
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

export function titleOf({ title, contact }: Summary): string {
  return title ?? (contact === null ? 'Without a name' : contact);
}

interface RowProps {
  readonly desk: Desk;
  readonly summary: Summary;
  readonly isHere: boolean;
}

function Row({ desk, summary, isHere }: RowProps) {
  const { id, unread, activityAt, isPaused } = summary;
  const status = summary.contact === null ? null : desk.directory.people.value.get(summary.contact)?.status;
  return (
    <a
      class={unread > 0 ? 'conversation unread' : 'conversation'}
      href={hrefOf({ at: 'conversation', id })}
      aria-current={isHere ? 'page' : undefined}
    >
      <span class="conversation-title">
        {status === 'online' && <i class="dot online" title="online" />}
        <span class="name">{titleOf(summary)}</span>
        {isPaused && <Icon name="pause" />}
        <time dateTime={activityAt}>{shortTimeOf(activityAt)}</time>
      </span>
      <span class="conversation-preview">
        <span class="words">
          <Preview desk={desk} summary={summary} />
        </span>
        {unread > 0 && (
          <span class="count">
            {unread > 99 ? '99+' : unread}
            <span class="unseen"> unread</span>
          </span>
        )}
      </span>
    </a>
  );
}

function Preview({ desk, summary }: { readonly desk: Desk; readonly summary: Summary }) {
  const { preview, contact, id } = summary;
  if (desk.streaming.value.has(id)) return <em>An agent is writing…</em>;
  if (preview.words === '') return <>Nothing said yet</>;
  const from = preview.from;
  if (from === null || from === contact) return <>{preview.words}</>;
  const name = from === desk.account.id ? 'You' : desk.directory.nameOf(from);
  return (
    <>
      <b>{name}:</b> {preview.words}
    </>
  );
}
