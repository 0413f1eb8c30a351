/** A small identity service as Symbia's is (symbia.md §2): tokens and keys that a test puts into it. */

import type { Teardown } from '../temporary.ts';
import { type Answering, type Mood, startMoodyServer } from './moody-server.ts';

export interface IdentityServer {
  readonly url: string;
  /** What introspection answers for each token; others are not active. */
  readonly tokens: Map<string, object>;
  /** What the verification of keys answers. */
  readonly apiKeys: Map<string, object>;
  /** Whom a cookie that is no token belongs to: value -> person. */
  readonly cookies: Map<string, object>;
  /** What login and logout answer, and what they were asked. */
  readonly signIn: { login: Answering; logout: Answering };
  /** Every secret that was shown to it, in order. */
  readonly shown: readonly string[];
  requests(): number;
  mood(): Mood;
  be(mood: Mood): Promise<void>;
}

export async function startIdentityServer(t: Teardown): Promise<IdentityServer> {
  const tokens = new Map<string, object>();
  const apiKeys = new Map<string, object>();
  const shown: string[] = [];
  const cookies = new Map<string, object>();
  const refuse: Answering = () => ({ status: 401, body: { error: 'Invalid credentials' } });
  const signIn = { login: refuse, logout: refuse };
  const server = await startMoodyServer(t, (request, text) => {
    const { url, method, headers } = request;
    if (method === 'POST' && url === '/api/auth/login') return signIn.login(request, text);
    if (method === 'POST' && url === '/api/auth/logout') return signIn.logout(request, text);
    if (method === 'GET' && url === '/api/users/me') {
      const value = /(?:^|; )token=([^;]*)/.exec(headers.cookie ?? '')?.[1] ?? '';
      const found = cookies.get(value);
      return found === undefined ? { status: 401, body: { error: 'who?' } } : { body: found };
    }
    const body = JSON.parse(text === '' ? '{}' : text) as { token?: string; apiKey?: string };
    shown.push(body.token ?? body.apiKey ?? '');
    if (method === 'POST' && url === '/api/auth/introspect') {
      const isShownTwice = headers.authorization === `Bearer ${body.token}`;
      return { body: (isShownTwice ? tokens.get(body.token ?? '') : null) ?? { active: false } };
    }
    if (method === 'POST' && url === '/api/auth/verify-api-key') {
      return { body: apiKeys.get(body.apiKey ?? '') ?? { valid: false, error: 'unknown key' } };
    }
    return { status: 404, body: { error: 'not found' } };
  });
  return { ...server, tokens, apiKeys, cookies, signIn, shown };
}

/** What Symbia answers for a person. */
export function person(id: string, fields: object = {}): object {
  return {
    active: true,
    token_type: 'Bearer',
    type: 'user',
    sub: id,
    name: `Name of ${id}`,
    email: `${id}@example.org`,
    organizations: [{ id: 'acme', name: 'Acme', slug: 'acme', role: 'member' }],
    entitlements: [],
    roles: [],
    isSuperAdmin: false,
    ...fields,
  };
}
