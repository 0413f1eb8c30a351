/** The frame around everything, for somebody who is signed in: the list at the side, and what one looks at. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { AccessView } from '../access/access-view.tsx';
import { ConversationView } from '../conversations/conversation-view.tsx';
import { Desk } from '../live/desk.ts';
import type { Unsent } from '../live/unsent.ts';
import { NodeView } from '../node/node-view.tsx';
import { Rail } from '../rail/rail.tsx';
import type { Account } from '../session/account.ts';
import { Icon, Pennant } from './icon.tsx';
import { close, open } from './opened.ts';
import { OpenedDialog } from './opened-dialog.tsx';
import { press } from './press.ts';
import { hrefOf, type Route, route } from './route.ts';
import { shortcutOf } from './shortcuts.tsx';

interface ShellProps {
  readonly account: Account;
  readonly unsent: Unsent;
  readonly onSignOut: () => void;
  /** The server does not know the session or key any more; with a sentence. */
  readonly onSignedOut: (reason: string) => void;
}

const wide = matchMedia('(min-width: 1100px)');

export function Shell({ account, unsent, onSignOut, onSignedOut }: ShellProps) {
  const [desk] = useState(() => new Desk(account, unsent, onSignedOut));
  const [isShowingPeople, showPeople] = useState(wide.matches);
  const at = route.value;
  useEffect(() => {
    void desk.start();
    return () => desk.close();
  }, [desk]);
  useEffect(() => {
    if (at.at === 'conversation') desk.look(at.id, at.seq);
    else desk.look(null, null);
    close();
    if (!wide.matches) showPeople(false);
  }, [desk, at]);
  useEffect(() => {
    const fit = (): void => showPeople(wide.matches);
    wide.addEventListener('change', fit);
    return () => wide.removeEventListener('change', fit);
  }, []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const key = shortcutOf(event);
      if (key === null) return;
      if (key === 'i') showPeople((isShown) => !isShown);
      else if (!press(key, desk, at)) return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [desk, at]);
  useTitle(desk);
  return (
    <div class={at.at === 'conversations' ? 'shell at-list' : 'shell'}>
      <Rail {...{ desk, at, onSignOut }} />
      <main class="stage">
        <Stage {...{ desk, at, account, isShowingPeople }} onShowPeople={showPeople} />
      </main>
      <OpenedDialog desk={desk} />
    </div>
  );
}

interface StageProps {
  readonly desk: Desk;
  readonly at: Route;
  readonly account: Account;
  readonly isShowingPeople: boolean;
  readonly onShowPeople: (isShown: boolean) => void;
}

function Stage({ desk, at, account, isShowingPeople, onShowPeople }: StageProps) {
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
      return <Welcome name={account.name} />;
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

function Welcome({ name }: { readonly name: string }) {
  return (
    <section class="nowhere">
      <Pennant />
      <p>
        {name === '' ? 'Welcome.' : `Welcome, ${name}.`} Choose a conversation, or{' '}
        <button type="button" class="link" onClick={() => open('new')}>
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

/** How many messages are unread, in the tab. */
function useTitle(desk: Desk): void {
  const unread = [...desk.summaries.value.values()].reduce((sum, one) => sum + one.unread, 0);
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Parley` : 'Parley';
  }, [unread]);
}
