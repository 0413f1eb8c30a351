/** Credentials of one kind: those that were verified are known, the others are looked up, each once at a time. */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import { unauthenticated } from './principal-of.ts';
import { VerifiedCredentials } from './verified-credentials.ts';

/** Where a credential was shown: who did not make it asks about keys and tokens in different ways. */
export type CredentialSlot = 'bearer' | 'apiKey' | 'cookie';

export interface CredentialLookupsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Goes up with each batch of changes (ChangeFollower). */
  readonly generation: () => number;
  readonly find: (secret: string, slot: CredentialSlot) => Promise<Principal | Problem>;
}

export class CredentialLookups {
  readonly #options: CredentialLookupsOptions;
  readonly #verified = new VerifiedCredentials(limits.credentialsCachedMax);
  /** Look-ups under way: a thousand sockets that come back with one key ask once. */
  readonly #looking = new Map<string, Promise<Principal | Problem>>();
  /** How often everything was forgotten, which signing keys may cause as well as a batch of changes. */
  #forgottenAll = 0;

  constructor(options: CredentialLookupsOptions) {
    this.#options = options;
  }

  /** The principal of a secret that was verified before; null: look it up. */
  known(secret: string): Principal | null {
    return this.#verified.get(secret, this.#options.clock.nowMicros());
  }

  /** Never rejects. */
  lookUp(secret: string, slot: CredentialSlot): Promise<Principal | Problem> {
    if (secret.length > limits.tokenCharsMax) return Promise.resolve(unauthenticated('invalid'));
    const asked = `${slot} ${secret}`;
    const under = this.#looking.get(asked);
    if (under !== undefined) return under;
    if (this.#looking.size >= limits.authenticationsInFlightMax)
      return Promise.resolve(overloaded('credential_lookups'));
    const looking = this.#find(secret, slot)
      .catch((error: unknown) => {
        this.#options.log.error({ error }, 'A credential could not be looked up');
        return new Problem('internal');
      })
      .finally(() => this.#looking.delete(asked));
    this.#looking.set(asked, looking);
    return looking;
  }

  forget(secret: string): void {
    this.#verified.forget(secret);
  }

  forgetPrincipal(tenant: TenantId, id: PrincipalId): void {
    this.#verified.forgetPrincipal(tenant, id);
  }

  forgetSid(tenant: TenantId, sid: string): void {
    this.#verified.forgetSid(tenant, sid);
  }

  forgetAll(): void {
    this.#forgottenAll += 1;
    this.#verified.clear();
  }

  /**
   * Remembers the answer only if nothing changed while it was read: else a revocation that was applied
   * meanwhile would be forgotten again.
   */
  async #find(secret: string, slot: CredentialSlot): Promise<Principal | Problem> {
    const { generation, find } = this.#options;
    for (let round = 1; ; round += 1) {
      const before = generation() + this.#forgottenAll;
      const found = await find(secret, slot);
      if (found instanceof Problem) return found;
      // Both only go up, so their sum is the same when neither did.
      if (before === generation() + this.#forgottenAll) {
        this.#verified.add(secret, found);
        return found;
      }
      if (round === limits.authenticationRoundsMax) return found;
    }
  }
}
