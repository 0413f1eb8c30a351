/** What it costs to know who asks, once a credential was verified. */
import assert from 'node:assert/strict';
import { CachingAuthenticator } from '../../src/core/identity/credentials/authenticator.ts';
import type { SessionAndPrincipal } from '../../src/ports/identity/identity-store.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';
import type { Step } from './post-path.ts';

const now = 1_763_632_800_000_000;
const credentials = 1_024;

/** Every token is a session of its own; store and signatures answer at once, as they are asked only once. */
export async function tokenSteps(): Promise<readonly Step[]> {
  const [tenant, sid] = [uuidV7(), uuidV7()];
  const found = {
    session: {
      id: sid,
      tenant,
      principal: 'ann',
      createdAt: now,
      expiresAt: now * 2,
      endsAt: now * 2,
      revokedAt: null,
    },
    principal: {
      tenant,
      id: 'ann',
      kind: 'user',
      status: 'active',
      role: 'member',
      grantedScopes: [],
      superAdmin: false,
      displayName: 'Ann',
    },
  } as unknown as SessionAndPrincipal;
  const deps = {
    clock: { nowMicros: () => now },
    log: console,
    secrets: { digest: (secret: string) => new TextEncoder().encode(secret) },
    keys: {
      verifier: {
        originOf: (token: string) => (token.startsWith('e') ? 'foreign' : 'ours'),
        verify: async () => ({
          tenant,
          subject: 'ann',
          sid,
          id: '1',
          issuedAtSec: 0,
          expiresAtSec: now / 500_000,
        }),
      },
    },
    store: { sessions: { load: async () => found, useCookie: async () => found } },
  };
  const outside = {
    lookUp: async (secret: string) => ({ ...found.principal, sid: secret, recheckAt: now * 2 }),
  };
  const authenticator = new CachingAuthenticator(deps as never, () => 0, outside as never);
  const tokens = Array.from({ length: credentials }, (_, n) => `${'x'.repeat(480)}.${uuidV7()}.${n}`);
  const external = tokens.map((token) => `e${token}`);
  const cookies = Array.from({ length: credentials }, (_, n) => `sc_${uuidV7()}${n}`);
  for (const bearer of tokens) await authenticator.authenticate({ bearer });
  for (const bearer of external) await authenticator.authenticate({ bearer });
  for (const cookie of cookies) await authenticator.authenticate({ cookie });
  for (const secret of [...tokens, ...external])
    assert.notEqual(authenticator.authenticateCached(secret), null);
  // As each request brings its own text: nobody has hashed it yet.
  const copyOf = (text: string): string => Buffer.from(text).toString('latin1');
  return [
    { name: 'copy a token, as a request brings it', call: (n) => copyOf(tokens[n % credentials] ?? '') },
    {
      name: 'copy it and know whose it is',
      call: (n) => authenticator.authenticate({ bearer: copyOf(tokens[n % credentials] ?? '') }),
    },
    {
      name: 'copy an external one and know whose it is',
      call: (n) => authenticator.authenticate({ bearer: copyOf(external[n % credentials] ?? '') }),
    },
    {
      name: 'copy a cookie and know whose it is',
      call: (n) => authenticator.authenticate({ cookie: copyOf(cookies[n % credentials] ?? '') }),
    },
  ];
}
