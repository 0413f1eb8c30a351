/** Identity of a node that an external issuer and an identity service vouch to, both real servers. */
import { openIdentityProvider } from '../../../src/adapters/identity-provider/identity-provider.ts';
import { openExternalTokens } from '../../../src/adapters/jose/external-tokens.ts';
import { openExternalPrincipalStore } from '../../../src/adapters/postgres/identity/principals/external-principal-store.ts';
import { defaultClaims } from '../../../src/config/claim-mapping.ts';
import { openTestPools, startIdentity, type TestIdentity } from '../identity.ts';
import type { NodeLinks } from '../links/node-links.ts';
import { capturingLogger } from '../memory/capturing-logger.ts';
import { MovedClock } from '../memory/moved-clock.ts';
import type { Teardown } from '../temporary.ts';
import { type IdentityServer, startIdentityServer } from './identity-server.ts';
import { openMoodyRequests } from './moody-requests.ts';
import { audienceName, issuerName, startTokenIssuer, type TokenIssuer } from './token-issuer.ts';

export interface ExternalWorld {
  readonly issuer: TokenIssuer;
  readonly service: IdentityServer;
  readonly clock: MovedClock;
}

export interface ExternalNode extends Pick<TestIdentity, 'identity' | 'sql' | 'url'> {
  /** What was logged, as one text. */
  readonly logged: () => string;
}

export interface ExternalNodeOptions {
  readonly url?: string;
  readonly links?: NodeLinks;
  readonly node?: string;
  readonly defaultTenant?: string;
}

export async function startExternalWorld(t: Teardown): Promise<ExternalWorld> {
  const [issuer, service] = [await startTokenIssuer(t), await startIdentityServer(t)];
  return { issuer, service, clock: new MovedClock() };
}

export async function startExternalNode(
  t: Teardown,
  { issuer, service, clock }: ExternalWorld,
  { url, defaultTenant, ...more }: ExternalNodeOptions = {},
): Promise<ExternalNode> {
  const pools = await openTestPools(t, url);
  const http = openMoodyRequests(t, issuer, service);
  const log = capturingLogger();
  const parts = { http, clock, log };
  const expected = { issuer: issuerName, audience: audienceName, mapping: defaultClaims };
  const external = {
    tokens: openExternalTokens({ url: issuer.url, ...expected, ...parts }),
    provider: openIdentityProvider({ url: service.url, cacheSec: 30, ...parts }),
    defaultTenant: defaultTenant ?? null,
    store: openExternalPrincipalStore(pools),
  };
  const deps = { clock, log, external };
  const { identity } = await startIdentity(t, { ...more, url: pools.url, deps });
  return { identity, sql: pools.sql, url: pools.url, logged: log.text };
}

/** Variables of a node that trusts both servers. */
export function externalEnvironment({ issuer, service }: Pick<ExternalWorld, 'issuer' | 'service'>) {
  return {
    PARLEY_JWKS_URL: issuer.url,
    PARLEY_JWT_ISSUER: issuerName,
    PARLEY_JWT_AUDIENCE: audienceName,
    PARLEY_IDENTITY_URL: service.url,
    PARLEY_IDENTITY_CACHE_SEC: '1',
  };
}
