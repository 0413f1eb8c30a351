/** Whoever else vouches for principals, as the configuration names them. */
import { openIdentityProvider } from '../../adapters/identity-provider/identity-provider.ts';
import { openExternalTokens } from '../../adapters/jose/external-tokens.ts';
import { openHttpRequests } from '../../adapters/outbound-http/http-requests.ts';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ExternalIdentity } from '../../ports/identity/external-identity.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Releases } from '../releases.ts';

/** Null when there is nobody. Opens no connection yet. */
export function openExternalIdentity(
  config: Config,
  { clock, logger: log }: { readonly clock: Clock; readonly logger: Logger },
  releases: Releases,
): ExternalIdentity | null {
  const { jwksUrl, identityUrl, jwtIssuer: issuer, jwtAudience: audience, jwtClaims: mapping } = config;
  if (jwksUrl === null && identityUrl === null) return null;
  const http = openHttpRequests();
  releases.add('requests to identity providers', () => http.close());
  return {
    tokens:
      jwksUrl === null
        ? null
        : openExternalTokens({ url: jwksUrl, issuer, audience, mapping, http, clock, log }),
    provider:
      identityUrl === null
        ? null
        : openIdentityProvider({ url: identityUrl, cacheSec: config.identityCacheSec, http, clock, log }),
    defaultTenant: config.identityTenant,
  };
}
