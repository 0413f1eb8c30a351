/** Signed in or not: the door, or the desk behind it. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Account, cookie, readAccount, signOut } from './session/account.ts';
import { sentenceOf } from './session/requests.ts';
import { SignIn } from './session/sign-in.tsx';
import { Pennant } from './shell/icon.tsx';
import { Notice, tellProblem } from './shell/notice.tsx';
import { ProblemLine } from './shell/problem-line.tsx';
import { goTo, route } from './shell/route.ts';
import { Shell } from './shell/shell.tsx';

type Presence =
  | { readonly at: 'looking' }
  | { readonly at: 'lost'; readonly why: string }
  | { readonly at: 'door'; readonly reason: string | null }
  | { readonly at: 'desk'; readonly account: Account };

const presence = signal<Presence>({ at: 'looking' });

/** Is there a session already? */
async function look(): Promise<void> {
  presence.value = { at: 'looking' };
  try {
    const account = await readAccount(cookie);
    presence.value = account === null ? { at: 'door', reason: null } : { at: 'desk', account };
  } catch (error) {
    presence.value = { at: 'lost', why: sentenceOf(error) };
  }
}

function enter(account: Account): void {
  if (route.value.at === 'join') goTo({ at: 'conversations' });
  presence.value = { at: 'desk', account };
}

function leave(reason: string | null): void {
  presence.value = { at: 'door', reason };
}

async function signOutOf(account: Account): Promise<void> {
  try {
    await signOut(account);
    leave(null);
  } catch (error) {
    tellProblem(error);
  }
}

export function App() {
  useEffect(() => void look(), []);
  return (
    <>
      <Present />
      <Notice />
    </>
  );
}

function Present() {
  const now = presence.value;
  const at = route.value;
  switch (now.at) {
    case 'looking':
      return <p class="waiting-page" role="status" aria-label="Loading" />;
    case 'lost':
      return <Lost why={now.why} />;
    case 'door': {
      const invite = at.at === 'join' ? at.invite : null;
      return <SignIn key={invite} invite={invite} reason={now.reason} onSignedIn={enter} />;
    }
    case 'desk':
      return (
        <Shell
          key={now.account.id}
          account={now.account}
          onSignOut={() => void signOutOf(now.account)}
          onSignedOut={leave}
        />
      );
  }
}

function Lost({ why }: { readonly why: string }) {
  return (
    <main class="door">
      <div class="door-form">
        <h1 class="wordmark">
          <Pennant />
          Parley
        </h1>
        <ProblemLine words={why} />
        <button type="button" class="primary wide" onClick={() => void look()}>
          Try again
        </button>
      </div>
    </main>
  );
}
