/** People's sessions over HTTP: in, renewed, out. Agents and services need none: they have API keys. */
import type { SignedInBody, SignupRequest, Tenant, User } from '../dialects/vero/wire.ts';
import { bounds } from './bounds.ts';
import { baseUrlOf, type TokenSource } from './options.ts';
import { ParleyProblem, type ParleyProblemCode } from './problem.ts';

export type { Tenant, User } from '../dialects/vero/wire.ts';

/** What another process, or the same page after a reload, needs to go on with a session. */
export interface KeptSession {
  readonly refresh_token: string;
}

type SignedIn = (typeof SignedInBody)['static'];
type Tokens = Pick<SignedIn, 'access_token' | 'refresh_token' | 'expires_in'>;

/** `{ url }` as for connect(); in a browser by default the page's own. */
export interface SessionOptions {
  readonly url?: string;
  /** Called with each new refresh token: the one before is used up. */
  readonly onRefreshed?: (kept: KeptSession) => void;
}

/** Opens a session. Rejects with a ParleyProblem: `unauthenticated`, `suspended`, `rate_limited`, `disconnected`. */
export async function signIn({
  email,
  password,
  ...options
}: SessionOptions & { readonly email: string; readonly password: string }): Promise<Session> {
  return opened(options, await ask<SignedIn>(baseUrl(options), '/auth/login', { email, password }));
}

/** Makes an account, with a tenant of its own unless there is an `invite_token`, and opens its first session. */
export async function signUp({
  url,
  onRefreshed,
  ...fields
}: SessionOptions & SignupRequest): Promise<Session> {
  const options = {
    ...(url === undefined ? {} : { url }),
    ...(onRefreshed === undefined ? {} : { onRefreshed }),
  };
  return opened(options, await ask<SignedIn>(baseUrl(options), '/auth/signup', fields));
}

/** Goes on with a session. Its token is renewed when it is first needed. */
export function resumeSession(kept: KeptSession, options: SessionOptions = {}): Session {
  return new Session(options, { access_token: '', refresh_token: kept.refresh_token, expires_in: 0 });
}

function opened(options: SessionOptions, { user, tenant, ...tokens }: SignedIn): Session {
  return new Session(options, tokens, { user, tenant });
}

export class Session {
  /** Null: of a resumed session, until somebody asks the server (`GET /auth/me`). */
  readonly user: User | null;
  readonly tenant: Tenant | null;
  readonly #options: SessionOptions;
  readonly #url: string;
  #tokens: Tokens;
  #renewAt: number;
  #renewing: Promise<Tokens> | null = null;

  /** Use signIn(), signUp() or resumeSession(). */
  constructor(
    options: SessionOptions,
    tokens: Tokens,
    who?: { readonly user: User; readonly tenant: Tenant },
  ) {
    this.#options = options;
    this.#url = baseUrl(options);
    this.#tokens = tokens;
    this.#renewAt = renewalOf(tokens);
    this.user = who?.user ?? null;
    this.tenant = who?.tenant ?? null;
  }

  /** To be kept where the page's secrets are. */
  get kept(): KeptSession {
    return { refresh_token: this.#tokens.refresh_token };
  }

  /** The life of its access token when that was issued, in seconds; 0: of a resumed session that was not used yet. */
  get expiresInSec(): number {
    return this.#tokens.expires_in;
  }

  /** For connect({ token: session.token }), and for requests of one's own: fresh whenever it is asked for. */
  readonly token: TokenSource = async ({ isRefused }) => {
    if (!isRefused && Date.now() < this.#renewAt) return this.#tokens.access_token;
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = null));
    return (await this.#renewing).access_token;
  };

  /** Ends the session everywhere. */
  async signOut(): Promise<void> {
    const { refresh_token } = this.#tokens;
    const token = await this.token({ isRefused: false });
    await ask(this.#url, '/auth/logout', { refresh_token }, token);
  }

  /** A lost answer is asked for again by whoever needs the token: the server bears with that for a moment. */
  async #renew(): Promise<Tokens> {
    const { refresh_token } = this.#tokens;
    this.#tokens = await ask<Tokens>(this.#url, '/auth/refresh', { refresh_token });
    this.#renewAt = renewalOf(this.#tokens);
    this.#options.onRefreshed?.(this.kept);
    return this.#tokens;
  }
}

const baseUrl = ({ url }: SessionOptions): string =>
  baseUrlOf(url ?? (globalThis as { location?: { origin: string } }).location?.origin);

/** Before it expires, by three quarters of its life. */
const renewalOf = ({ expires_in }: Tokens): number => Date.now() + expires_in * 750;

interface Refusal {
  readonly error?: { readonly message?: string; readonly details?: { readonly fields?: never } };
}

const codes: Readonly<Record<number, ParleyProblemCode>> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'suspended',
  409: 'conflict',
  413: 'too_large',
  429: 'rate_limited',
  503: 'unavailable',
};

async function ask<Answer>(url: string, path: string, body: object, token?: string): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(url + path, {
    ...{ method: 'POST', headers, body: JSON.stringify(body) },
    signal: AbortSignal.timeout(bounds.answerMs),
  }).catch((cause: unknown) => {
    throw new ParleyProblem('disconnected', `${url} could not be reached.`, {
      cause,
      isOutcomeUnknown: true,
    });
  });
  if (response.ok) return (await response.json()) as Answer;
  const { error } = (await response.json().catch(() => ({}))) as Refusal;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  throw new ParleyProblem(codes[response.status] ?? 'internal', error?.message, {
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
    fields: error?.details?.fields,
  });
}
