/** Signed in or not: the door, or the desk behind it. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Unsent } from './live/unsent.ts';
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
  /** `former`: whose session ended, and what they were writing. */
  | { readonly at: 'door'; readonly reason: string | null; readonly former: Former | null }
  | { readonly at: 'desk'; readonly account: Account; readonly unsent: Unsent };

interface Former {
  readonly account: Account;
  readonly unsent: Unsent;
}

const door: Presence = { at: 'door', reason: null, former: null };

const presence = signal<Presence>({ at: 'looking' });

/** Is there a session already? */
async function look(): Promise<void> {
  presence.value = { at: 'looking' };
  try {
    const account = await readAccount(cookie);
    if (account === null) presence.value = door;
    else enter(account, null);
  } catch (error) {
    presence.value = { at: 'lost', why: sentenceOf(error) };
  }
}

/** `former`: who was here just now. The same person finds what was half written where it was. */
function enter(account: Account, former: Former | null): void {
  if (route.value.at === 'join') goTo({ at: 'conversations' });
  const unsent = former?.unsent.account === account.id ? former.unsent : new Unsent(account.id);
  presence.value = { at: 'desk', account, unsent };
}

/** The session or key does not count any more. */
function turnedOut(former: Former, reason: string): void {
  presence.value = { at: 'door', reason, former };
}

async function signOutOf(account: Account): Promise<void> {
  try {
    await signOut(account);
    presence.value = door;
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
      return (
        <SignIn
          key={invite}
          invite={invite}
          reason={now.reason}
          former={now.former?.account ?? null}
          isUnsent={now.former?.unsent.isEmpty === false}
          onSignedIn={(account) => enter(account, now.former)}
        />
      );
    }
    case 'desk':
      return (
        <Shell
          key={now.account.id}
          account={now.account}
          unsent={now.unsent}
          onSignOut={() => void signOutOf(now.account)}
          onSignedOut={(reason) => turnedOut(now, reason)}
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
