/**
 * Who asks, when somebody else vouches for it. A token is the external issuer's by its `iss`; what is no
 * token of ours and of no such issuer is shown to the identity service, if there is one. Secrets of ours
 * are never shown to anybody (decisions/0014).
 */
import { canonicalUuid, isTenantId, type TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { scopesOf } from '../../../domain/scopes-of.ts';
import { invitedV2Role, ownerV2Role } from '../../../domain/v2-roles.ts';
import type {
  ExternalIdentity,
  ExternalPrincipalStore,
  VouchedPrincipal,
  Vouching,
} from '../../../ports/identity/external-identity.ts';
import type { CredentialSlot } from '../credentials/credential-lookups.ts';
import { unauthenticated } from '../credentials/principal-of.ts';
import { isOwnSecret } from '../credentials/token-purposes.ts';
import type { IdentityDeps } from '../identity-deps.ts';
import { hexOf, type NamedPrincipal, ProvisionedRows, readableName } from './provisioned-rows.ts';

export type ExternalDeps = Pick<IdentityDeps, 'keys' | 'clock' | 'ids' | 'secrets' | 'log'>;

interface Shown {
  readonly secret: string;
  readonly slot: CredentialSlot;
}

export class ExternalAuthentication {
  readonly #deps: ExternalDeps;
  readonly #external: ExternalIdentity;
  readonly #rows: ProvisionedRows;
  /** What a socket's principal was made from, by its sid, to ask again. Oldest first. */
  readonly #shown = new Map<string, Shown>();

  constructor(
    deps: ExternalDeps,
    external: ExternalIdentity,
    store: ExternalPrincipalStore,
    generation: () => number,
  ) {
    this.#deps = deps;
    this.#external = external;
    this.#rows = new ProvisionedRows(deps, store, generation);
  }

  async lookUp(secret: string, slot: CredentialSlot): Promise<Principal | Problem> {
    const vouching = await this.#vouch(secret, slot);
    if (vouching instanceof Problem) return vouching;
    if (vouching === 'expired') return unauthenticated('token_expired');
    if (vouching === 'invalid') return unauthenticated('invalid');
    const named = nameable(vouching, this.#external.defaultTenant);
    if (named instanceof Problem) {
      this.#deps.log.warn({ reason: named.reason }, 'Somebody from outside cannot be named here');
      return named;
    }
    const status = await this.#rows.statusOf(named);
    if (status instanceof Problem) return status;
    if (status === 'suspended') return new Problem('suspended');
    const sid = `ext:${hexOf(this.#deps.secrets.digest(secret))}`;
    this.#remember(sid, { secret, slot });
    return toPrincipal(named, sid);
  }

  /** The same principal as its provider sees it now. `unavailable` also when it cannot be asked any more. */
  async renew(principal: Principal): Promise<Principal | Problem> {
    const shown = this.#shown.get(principal.sid);
    return shown === undefined ? new Problem('unavailable') : this.lookUp(shown.secret, shown.slot);
  }

  /** What its provider said of it. */
  forget(secret: string): void {
    this.#external.provider?.forget(secret);
  }

  forgetPrincipal(tenant: TenantId, id: string): void {
    this.#rows.forget(tenant, id);
  }

  forgetAll(): void {
    this.#rows.forgetAll();
  }

  #vouch(secret: string, slot: CredentialSlot): Promise<Vouching> {
    const { tokens, provider } = this.#external;
    const origin = this.#deps.keys.verifier.originOf(secret);
    if (origin === 'ours' || isOwnSecret(secret)) return Promise.resolve('invalid');
    if (origin === 'foreign' && tokens?.isFor(secret) === true) return tokens.verify(secret);
    if (provider === null) return Promise.resolve('invalid');
    if (slot === 'apiKey') return provider.verifyApiKey(secret);
    const introspected = provider.introspect(secret);
    if (slot === 'cookie')
      return introspected.then((found) => (found === 'invalid' ? provider.ownerOfCookie(secret) : found));
    if (origin === 'foreign') return introspected;
    // Where only one field is for both (a native hello, a NATS connection), a key comes as a token.
    return introspected.then((found) => (found === 'invalid' ? provider.verifyApiKey(secret) : found));
  }

  #remember(sid: string, shown: Shown): void {
    this.#shown.delete(sid);
    const oldest = this.#shown.size >= limits.credentialsCachedMax ? this.#shown.keys().next() : null;
    if (oldest !== null && oldest.done !== true) this.#shown.delete(oldest.value);
    this.#shown.set(sid, shown);
  }
}

const idPattern = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,255}$/u;

function nameable(vouched: VouchedPrincipal, defaultTenant: TenantId | null): NamedPrincipal | Problem {
  const tenant = vouched.tenant ?? defaultTenant;
  if (tenant === null) return refused('no_tenant', 'The account belongs to no organization.');
  const isUsable =
    isTenantId(tenant) &&
    idPattern.test(vouched.id) &&
    (vouched.service === null || idPattern.test(vouched.service));
  if (!isUsable)
    return refused('unusable_id', 'The account or its organization has an id that cannot be used.');
  const id = canonicalUuid(vouched.id) ?? vouched.id;
  const displayName = readableName(vouched.displayName ?? '');
  return {
    ...vouched,
    id,
    tenant: canonicalUuid(tenant) ?? tenant,
    displayName: displayName === '' ? id : displayName,
  };
}

/** 403 and not 401: the credential is right, and showing it again will not help. */
function refused(reason: string, sentence: string): Problem {
  return new Problem('forbidden', sentence, { reason });
}

function toPrincipal(named: NamedPrincipal, sid: string): Principal {
  const { tenant, id, kind, role, scopes, superAdmin, displayName, service, expiresAt, recheckAt } = named;
  return {
    ...{ tenant, id, kind, role, superAdmin, displayName, service, expiresAt, recheckAt, sid },
    scopes: scopesOf(role, scopes),
    v2Roles: [role === 'owner' ? ownerV2Role : invitedV2Role],
  };
}
