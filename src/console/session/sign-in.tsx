/** The door: email and password, an API key, or a new account. */
import { useState } from 'preact/hooks';
import { Pennant } from '../shell/icon.tsx';
import { ProblemLine } from '../shell/problem-line.tsx';
import { useWork } from '../shell/use-work.ts';
import { type Account, signIn, signInWithKey, signUp } from './account.ts';
import { Field, textsOf } from './field.tsx';

type Way = 'password' | 'key' | 'new';

interface SignInProps {
  /** Of a link that somebody was sent: joins the workspace it is of. */
  readonly invite: string | null;
  /** Why one is here again. */
  readonly reason: string | null;
  /** Who was here just now. */
  readonly former: Account | null;
  /** They were writing something. */
  readonly isUnsent: boolean;
  readonly onSignedIn: (account: Account) => void;
}

export function SignIn({ invite, reason, former, isUnsent, onSignedIn }: SignInProps) {
  const [way, setWay] = useState<Way>(invite === null ? wayOf(former) : 'new');
  const { isBusy, problem, start, forget } = useWork();

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const texts = textsOf(event.currentTarget as HTMLFormElement);
    await start(async () => onSignedIn(await enter(way, texts, invite)));
  };

  return (
    <main class="door">
      <form class="door-form" onSubmit={submit}>
        <h1 class="wordmark">
          <Pennant />
          Parley
        </h1>
        <p class="lede">
          {invite === null ? 'Sign in to this server.' : 'You are invited. Make an account to join.'}
        </p>
        {reason !== null && problem === null && (
          <p class="remark" role="status">
            {reason}
            {isUnsent && former !== null && (
              <>
                {' '}
                What you were writing is kept until you sign in again as{' '}
                {former.name || (former.email ?? 'the same one')}.
              </>
            )}
          </p>
        )}
        <Ways
          way={way}
          hasInvite={invite !== null}
          onChoose={(chosen) => {
            setWay(chosen);
            forget();
          }}
        />
        <Fields way={way} hasInvite={invite !== null} email={former?.email ?? null} />
        <ProblemLine words={problem} />
        <button type="submit" class="primary wide" aria-busy={isBusy}>
          {isBusy ? 'One moment…' : wordsOf(way, invite !== null)}
        </button>
      </form>
      <p class="door-foot">
        <a href="/docs">Documentation</a>
      </p>
    </main>
  );
}

async function enter(
  way: Way,
  texts: Readonly<Record<string, string>>,
  invite: string | null,
): Promise<Account> {
  const { email = '', password = '', key = '', name = '', workspace = '' } = texts;
  if (way === 'password') return await signIn(email, password);
  if (way === 'key') return await signInWithKey(key);
  return await signUp({ name, email, password, invite, workspace });
}

function wayOf(former: Account | null): Way {
  return former?.credential.kind === 'key' ? 'key' : 'password';
}

function wordsOf(way: Way, hasInvite: boolean): string {
  if (way === 'new') return hasInvite ? 'Join' : 'Create workspace';
  return 'Sign in';
}

interface WaysProps {
  readonly way: Way;
  readonly hasInvite: boolean;
  readonly onChoose: (way: Way) => void;
}

function Ways({ way, hasInvite, onChoose }: WaysProps) {
  const ways: readonly (readonly [Way, string])[] = [
    ['password', 'Password'],
    ['key', 'API key'],
    ['new', hasInvite ? 'New account' : 'New workspace'],
  ];
  return (
    <fieldset class="segments">
      <legend class="unseen">How to sign in</legend>
      {ways.map(([value, words]) => (
        <label key={value}>
          <input
            type="radio"
            name="way"
            value={value}
            checked={way === value}
            onChange={() => onChoose(value)}
          />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface FieldsProps {
  readonly way: Way;
  readonly hasInvite: boolean;
  /** That one signed in with before. */
  readonly email: string | null;
}

function Fields({ way, hasInvite, email }: FieldsProps) {
  if (way === 'key') {
    const hint = 'Kept in memory only: reloading or closing this page forgets it.';
    return <Field key="key" label="API key" name="key" type="password" hint={hint} isRequired isFirst />;
  }
  const isNew = way === 'new';
  return (
    <>
      {isNew && <Field key="name" label="Your name" name="name" autocomplete="name" maxLength={80} isFirst />}
      <Field
        key="email"
        label="Email"
        name="email"
        type="email"
        autocomplete="username"
        isRequired
        isFirst={!isNew && email === null}
        {...(isNew || email === null ? {} : { text: email })}
      />
      <Field
        key={`password-${way}`}
        label="Password"
        name="password"
        type="password"
        autocomplete={isNew ? 'new-password' : 'current-password'}
        isRequired
        isFirst={!isNew && email !== null}
        {...(isNew ? { hint: 'At least 8 characters.' } : {})}
      />
      {isNew && !hasInvite && (
        <Field
          key="workspace"
          label="Name of the workspace"
          name="workspace"
          maxLength={80}
          hint="May be left empty."
        />
      )}
    </>
  );
}
