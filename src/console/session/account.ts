/** Who is signed in, and how one signs in, up and out. */
import { type Credential, openRequests, RequestProblem } from './requests.ts';

export interface Account {
  readonly credential: Credential;
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly kind: 'user' | 'agent';
  readonly workspace: string;
  /** Owner or admin of the workspace, or the platform's administrator: may make keys and invites. */
  readonly isAdministrator: boolean;
  readonly isSuperAdmin: boolean;
  readonly scopes: readonly string[];
}

interface Session {
  readonly authenticated: boolean;
  readonly user?: {
    readonly id: string;
    readonly name: string;
    readonly email: string | null;
    readonly type: 'user' | 'agent';
    readonly organizations: readonly { readonly name: string }[];
    readonly entitlements: readonly string[];
    readonly roles: readonly string[];
    readonly isSuperAdmin: boolean;
  };
}

const nobody = (): void => undefined;

/** Null: the credential is nobody's (any more). */
export async function readAccount(credential: Credential): Promise<Account | null> {
  const { authenticated, user } = await openRequests(credential, nobody).send<Session>(
    'GET',
    '/api/auth/session',
  );
  if (!authenticated || user === undefined) return null;
  const { id, name, email, type: kind, organizations, entitlements, roles, isSuperAdmin } = user;
  return {
    ...{ credential, id, name, email, kind, isSuperAdmin, scopes: entitlements },
    workspace: organizations[0]?.name ?? '',
    isAdministrator: roles.includes('admin'),
  };
}

/** Opens a session: its cookie comes with the answer, and the tokens in the body are dropped. */
export async function signIn(email: string, password: string): Promise<Account> {
  await openRequests(cookie, nobody).send('POST', '/api/auth/login', { email, password });
  return await signedIn();
}

export interface Newcomer {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  /** Joins the workspace that it is of; null: makes one. */
  readonly invite: string | null;
  readonly workspace: string;
}

export async function signUp({ name, email, password, invite, workspace }: Newcomer): Promise<Account> {
  await openRequests(cookie, nobody).send('POST', '/auth/signup', {
    ...{ email, password },
    ...(name === '' ? {} : { display_name: name }),
    ...(invite === null ? {} : { invite_token: invite }),
    ...(invite !== null || workspace === '' ? {} : { tenant_name: workspace }),
  });
  return await signedIn();
}

/** With an API key. Rejects when it is nobody's. */
export async function signInWithKey(key: string): Promise<Account> {
  const account = await readAccount({ kind: 'key', key });
  if (account === null) throw new RequestProblem('unauthenticated', 'This key is not valid here.', 401);
  return account;
}

/** Ends the session; of a key there is nothing to end. */
export async function signOut({ credential }: Account): Promise<void> {
  if (credential.kind === 'cookie') await openRequests(cookie, nobody).send('POST', '/api/auth/logout', {});
}

export const cookie: Credential = { kind: 'cookie' };

async function signedIn(): Promise<Account> {
  const account = await readAccount(cookie);
  if (account !== null) return account;
  const words = 'The server opened a session, but the browser does not keep its cookie.';
  throw new RequestProblem('no_cookie', words, 401);
}
