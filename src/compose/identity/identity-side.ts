/** Accounts, tokens and keys over Postgres. */
import { openPasswordHash } from '../../adapters/argon2/password-hash.ts';
import { openTokenKeys } from '../../adapters/jose/token-keys.ts';
import { tokenSecrets } from '../../adapters/jose/token-secrets.ts';
import { openAuditStore } from '../../adapters/postgres/audit/audit-store.ts';
import { type IdentityPools, openIdentityStore } from '../../adapters/postgres/identity/identity-store.ts';
import { openExternalPrincipalStore } from '../../adapters/postgres/identity/principals/external-principal-store.ts';
import { openSigningKeyStore } from '../../adapters/postgres/identity/signing-key-store.ts';
import { openIdentity } from '../../core/identity/identity.ts';
import type { IdentityDeps } from '../../core/identity/identity-deps.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { ExternalIdentity } from '../../ports/identity/external-identity.ts';
import type { Identity } from '../../ports/identity/identity-service.ts';
import type { Logger } from '../../ports/logger.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { KeyWrap } from '../../ports/sealing/key-wrap.ts';
import type { Releases } from '../releases.ts';

export interface IdentitySideOptions {
  readonly pools: IdentityPools;
  readonly link: NodeLink;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  /** `iss` of every token. */
  readonly issuer: string;
  readonly refreshReuseGraceMs: number;
  readonly isRateLimited: boolean;
  /** Wraps the signing keys in the database; null: they lie there as they are. */
  readonly wrap: KeyWrap | null;
  readonly onDataKeys?: IdentityDeps['onDataKeys'];
  /** Who else vouches for principals; absent or null: nobody. */
  readonly external?: ExternalIdentity | null;
}

/** Rejects when Postgres is away. */
export async function openIdentitySide(options: IdentitySideOptions, releases: Releases): Promise<Identity> {
  const { pools, link, clock, ids, logger, issuer, wrap } = options;
  const { refreshReuseGraceMs, isRateLimited, onDataKeys, external = null } = options;
  const keys = await openTokenKeys({ store: openSigningKeyStore(pools.identity), clock, issuer, wrap });
  const identity = await openIdentity({
    store: openIdentityStore(pools),
    keys,
    secrets: tokenSecrets,
    passwords: openPasswordHash(),
    link,
    clock,
    ids,
    log: logger,
    audit: openAuditStore(pools),
    refreshReuseGraceMs,
    isRateLimited,
    ...(onDataKeys === undefined ? {} : { onDataKeys }),
    ...(external === null ? {} : { external: { ...external, store: openExternalPrincipalStore(pools) } }),
  });
  releases.add('identity', () => identity.close());
  return identity;
}
