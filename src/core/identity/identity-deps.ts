/** What the use cases of core/identity work with. */
import type { TenantId } from '../../domain/ids.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { ExternalIdentity, ExternalPrincipalStore } from '../../ports/identity/external-identity.ts';
import type { IdentityStore } from '../../ports/identity/identity-store.ts';
import type { PasswordHash } from '../../ports/identity/password-hash.ts';
import type { TokenSecrets } from '../../ports/identity/token-secrets.ts';
import type { TokenKeys } from '../../ports/identity/token-signer.ts';
import type { Logger } from '../../ports/logger.ts';
import type { NodeLink } from '../../ports/node-link.ts';

export interface IdentityDeps {
  readonly store: IdentityStore;
  readonly keys: TokenKeys;
  readonly secrets: TokenSecrets;
  readonly passwords: PasswordHash;
  readonly link: NodeLink;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Logger;
  /** For what changes nothing in the store: everything else is recorded with its change. */
  readonly audit: Audit;
  /** Data keys of a tenant were changed or erased by some node; null: perhaps of every tenant. */
  readonly onDataKeys?: (tenant: TenantId | null, isErased: boolean) => void;
  /** Who else vouches for principals, and where their rows are kept; absent: nobody. */
  readonly external?: ExternalIdentity & { readonly store: ExternalPrincipalStore };
  /** For how long a used refresh token may be used again; 0 (the default): not at all. */
  readonly refreshReuseGraceMs?: number;
  /** Failed logins are counted, and too many refused; default true. */
  readonly isRateLimited?: boolean;
}

/** Called after each change that others must know of; resolves when this node does. */
export type AnnounceChange = () => Promise<void>;
