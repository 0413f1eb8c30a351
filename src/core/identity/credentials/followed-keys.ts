/** Signing keys as other nodes change them: read again until it worked, because a revoked one must go. */
import { limits } from '../../../domain/limits.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { TokenKeys } from '../../../ports/identity/token-signer.ts';
import type { Logger } from '../../../ports/logger.ts';

interface FollowedKeysDeps {
  readonly keys: Pick<TokenKeys, 'reload'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Runs when the keys were read after a revocation: what is verified now, the revoked key did not sign. */
  readonly onRevoked: () => void;
}

export class FollowedKeys {
  readonly #deps: FollowedKeysDeps;
  #isRevoking = false;
  #isClosed = false;
  #cancelRetry: () => void = () => undefined;

  constructor(deps: FollowedKeysDeps) {
    this.#deps = deps;
  }

  /** Reads them now, and every identityPollMs until it worked. */
  async changed(reason: 'changed' | 'revoked'): Promise<void> {
    const { keys, clock, log, onRevoked } = this.#deps;
    if (reason === 'revoked') this.#isRevoking = true;
    // A revocation that is told during this read is not for this read to end: it may not have seen it.
    const isRevoking = this.#isRevoking;
    const refused = await keys.reload();
    if (this.#isClosed) return;
    if (refused?.reason === 'not_unwrapped') {
      // Read they were, but this node cannot sign: it was started without the master key of the others.
      log.error({ reason: refused.message }, 'The signing key cannot be unwrapped');
    } else if (refused !== null) {
      log.warn({ code: refused.code }, 'Signing keys cannot be read now');
      this.#cancelRetry();
      this.#cancelRetry = clock.after(limits.identityPollMs, () => void this.changed('changed'));
      return;
    }
    if (!isRevoking || !this.#isRevoking) return;
    this.#isRevoking = false;
    onRevoked();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry();
  }
}
