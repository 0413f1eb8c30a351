/** The frame around everything, for somebody who is signed in: the list at the side, and what one looks at. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { AccessView } from '../access/access-view.tsx';
import { ConversationView } from '../conversations/conversation-view.tsx';
import { NewConversation } from '../conversations/new-conversation.tsx';
import { Rail } from '../conversations/rail.tsx';
import { Desk } from '../live/desk.ts';
import { inOrder } from '../live/summaries.ts';
import { NodeView } from '../node/node-view.tsx';
import type { Account } from '../session/account.ts';
import { Icon, Pennant } from './icon.tsx';
import { goTo, hrefOf, type Route, route } from './route.ts';
import { ShortcutsDialog, shortcutOf } from './shortcuts.tsx';

interface ShellProps {
  readonly account: Account;
  readonly onSignOut: () => void;
  /** The server does not know the session or key any more; with a sentence. */
  readonly onSignedOut: (reason: string) => void;
}

type Opened = 'shortcuts' | 'new' | null;

const wide = matchMedia('(min-width: 1100px)');

export function Shell({ account, onSignOut, onSignedOut }: ShellProps) {
  const [desk] = useState(() => new Desk(account, onSignedOut));
  const [opened, open] = useState<Opened>(null);
  const [isShowingPeople, showPeople] = useState(wide.matches);
  const at = route.value;
  useEffect(() => {
    void desk.start();
    return () => desk.close();
  }, [desk]);
  useEffect(() => {
    desk.look(at.at === 'conversation' ? at.id : null);
    if (!wide.matches) showPeople(false);
  }, [desk, at]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const key = shortcutOf(event);
      if (key === null) return;
      if (key === 'i') showPeople((isShown) => !isShown);
      else if (!press(key, desk, at, open)) return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [desk, at]);
  useTitle(desk);
  return (
    <div class={at.at === 'conversations' ? 'shell at-list' : 'shell'}>
      <Rail {...{ desk, at, onSignOut }} onNew={() => open('new')} onShortcuts={() => open('shortcuts')} />
      <main class="stage">
        <Stage
          {...{ desk, at, account, isShowingPeople }}
          onShowPeople={showPeople}
          onNew={() => open('new')}
        />
      </main>
      {opened === 'shortcuts' && <ShortcutsDialog onClose={() => open(null)} />}
      {opened === 'new' && <NewConversation desk={desk} onClose={() => open(null)} />}
    </div>
  );
}

interface StageProps {
  readonly desk: Desk;
  readonly at: Route;
  readonly account: Account;
  readonly isShowingPeople: boolean;
  readonly onShowPeople: (isShown: boolean) => void;
  readonly onNew: () => void;
}

function Stage({ desk, at, account, isShowingPeople, onShowPeople, onNew }: StageProps) {
  switch (at.at) {
    case 'conversation':
      return <ConversationView {...{ desk, isShowingPeople, onShowPeople }} />;
    case 'node':
      return (
        <Page>
          <NodeView requests={desk.requests} />
        </Page>
      );
    case 'access':
      return (
        <Page>
          <AccessView
            requests={desk.requests}
            workspace={account.workspace}
            isAdministrator={account.isAdministrator}
          />
        </Page>
      );
    default:
      return <Welcome name={account.name} onNew={onNew} />;
  }
}

function Page({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="page-frame">
      <a class="quiet square back" href={hrefOf({ at: 'conversations' })} aria-label="All conversations">
        <Icon name="back" />
      </a>
      {children}
    </div>
  );
}

function Welcome({ name, onNew }: { readonly name: string; readonly onNew: () => void }) {
  return (
    <section class="nowhere">
      <Pennant />
      <p>
        {name === '' ? 'Welcome.' : `Welcome, ${name}.`} Choose a conversation, or{' '}
        <button type="button" class="link" onClick={onNew}>
          begin one
        </button>
        .
      </p>
      <p class="hint">
        Press <kbd>?</kbd> for what the keyboard can do.
      </p>
    </section>
  );
}

/** Does what a key stands for; false: nothing. */
function press(key: string, desk: Desk, at: Route, open: (what: Opened) => void): boolean {
  const talk = at.at === 'conversation' ? desk.talk.value : null;
  switch (key) {
    case '?':
      open('shortcuts');
      return true;
    case 'n':
      open('new');
      return true;
    case '/':
      return focusOn('#find');
    case 'm':
      return focusOn('#composer');
    case 'p':
      if (talk?.powers.value.mayInterrupt === true) talk.pauseOrResume();
      return talk !== null;
    case 's':
      if (talk?.powers.value.mayInterrupt === true && talk.isRunning.value) talk.preempt();
      return talk !== null;
    case 'Alt ArrowUp':
    case 'Alt ArrowDown':
      return goBy(desk, at, key === 'Alt ArrowUp' ? -1 : 1);
    default:
      return false;
  }
}

function focusOn(selector: string): boolean {
  const element = document.querySelector<HTMLElement>(selector);
  element?.focus();
  return element !== null;
}

function goBy(desk: Desk, at: Route, by: -1 | 1): boolean {
  const all = inOrder(desk.summaries.value);
  const here = at.at === 'conversation' ? all.findIndex(({ id }) => id === at.id) : -1;
  const next = all[here === -1 ? 0 : here + by];
  if (next !== undefined) goTo({ at: 'conversation', id: next.id });
  return next !== undefined;
}

/** How many messages are unread, in the tab. */
function useTitle(desk: Desk): void {
  const unread = [...desk.summaries.value.values()].reduce((sum, one) => sum + one.unread, 0);
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Parley` : 'Parley';
  }, [unread]);
}
