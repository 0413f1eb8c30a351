/** Who am I, and where does one log in: /api/auth without login and logout. X-As-User-Id does not count here. */
import { type Operation, operation } from '../../../contract/operation.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { OwnPrincipal } from '../../../ports/identity/identity-service.ts';
import type { SignInRelay } from '../../../ports/identity/sign-in-relay.ts';
import { sessionUser } from './session-user.ts';
import type { SignInDeps } from './sign-in-routes.ts';
import { AuthConfigBody, MeBody, SessionBody, type SessionUser } from './wire.ts';

/** Where the doors are, as clients are told. */
export interface SignInPlaces {
  /** Of whoever keeps the accounts; without a slash at its end. */
  readonly identityServiceUrl: string;
  /** Before the paths of login and logout; '' where clients know it better (PARLEY_PUBLIC_URL is not set). */
  readonly base: string;
}

export interface AccountDeps extends SignInDeps {
  readonly own: Pick<OwnPrincipal, 'me'>;
  /** Where the accounts are, if not here. */
  readonly relay: SignInRelay | null;
  /** A cookie whose session ended there is looked up anew. */
  readonly forget: (cookie: string) => void;
  readonly places: SignInPlaces;
}

export function accountRoutes({ own, places }: AccountDeps): readonly Operation[] {
  return [config(places), session(own), me(own)];
}

function config(places: SignInPlaces): Operation {
  return operation(
    {
      id: 'symbia.authConfig',
      method: 'GET',
      path: '/api/auth/config',
      summary: 'Where one logs in and out',
      access: 'public',
      schemas: {},
      responses: { 200: { description: 'Addresses.', schema: AuthConfigBody } },
    },
    () => {
      const { identityServiceUrl, base } = places;
      const [loginUrl, logoutUrl] = [`${base}/api/auth/login`, `${base}/api/auth/logout`];
      return { status: 200, body: { identityServiceUrl, loginUrl, logoutUrl } };
    },
  );
}

function session(own: Pick<OwnPrincipal, 'me'>): Operation {
  return operation(
    {
      id: 'symbia.getSession',
      method: 'GET',
      path: '/api/auth/session',
      summary: 'Whether the caller is signed in, and as whom; a credential that is not valid is none',
      access: 'optional',
      schemas: {},
      responses: { 200: { description: 'Signed in or not.', schema: SessionBody } },
    },
    async ({ caller }) => {
      const user = caller === null ? null : await userOf(own, caller);
      if (user instanceof Problem) return user;
      return { status: 200, body: user === null ? { authenticated: false } : { authenticated: true, user } };
    },
  );
}

function me(own: Pick<OwnPrincipal, 'me'>): Operation {
  return operation(
    {
      id: 'symbia.getMe',
      method: 'GET',
      path: '/api/auth/me',
      summary: 'Who the caller is',
      access: 'principal',
      schemas: {},
      responses: { 200: { description: 'The caller and its organizations.', schema: MeBody } },
    },
    async ({ principal }) => {
      const user = await userOf(own, principal);
      if (user instanceof Problem) return user;
      if (user === null) return new Problem('unauthenticated');
      return { status: 200, body: { user, organizations: user.organizations } };
    },
  );
}

/** Null: deleted since its credential was verified. */
async function userOf(own: Pick<OwnPrincipal, 'me'>, who: Principal): Promise<SessionUser | null | Problem> {
  const found = await own.me(who);
  if (found instanceof Problem) return found.code === 'not_found' ? null : found;
  return sessionUser(who, found.principal, found.tenant);
}
