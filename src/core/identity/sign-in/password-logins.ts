/** Verifies the password of an account, counted by the throttle: at login, and before a change of password. */
import { networkOf } from '../../../domain/network.ts';
import { Problem } from '../../../domain/problem.ts';
import type { RequestTrace } from '../../../ports/audit.ts';
import type { Credential } from '../../../ports/identity/identity-store.ts';
import { entryOf } from '../../audit/audit-trail.ts';
import type { IdentityDeps } from '../identity-deps.ts';
import { LoginThrottle } from './login-throttle.ts';
import type { PasswordCheck } from './password-check.ts';

export class PasswordLogins {
  readonly #deps: IdentityDeps;
  readonly #passwords: PasswordCheck;
  readonly #throttle: LoginThrottle;

  constructor(deps: IdentityDeps, passwords: PasswordCheck) {
    this.#deps = deps;
    this.#passwords = passwords;
    this.#throttle = new LoginThrottle(deps, deps.isRateLimited ?? true);
  }

  /**
   * The credential whose password this is; null for a wrong password and for an unknown address, after the
   * same work. `email` as canonicalEmail() makes it.
   */
  async verify(email: string, password: string, trace: RequestTrace): Promise<Credential | null | Problem> {
    const { store } = this.#deps;
    let found: Credential | null = null;
    const address = trace.address === null ? null : networkOf(trace.address);
    const isRight = await this.#throttle.run(
      { email, address },
      async () => {
        const credential = await store.principals.credential(email);
        if (credential instanceof Problem) return credential;
        found = credential;
        return this.#passwords.verify(credential?.passwordHash ?? null, password);
      },
      () => this.#recordLock(found, trace),
    );
    if (isRight instanceof Problem) return isRight;
    return isRight ? found : null;
  }

  /** What an unknown address spells is not kept: people type passwords into the wrong field. */
  async #recordLock(credential: Credential | null, trace: RequestTrace): Promise<void> {
    const { audit, log } = this.#deps;
    const [tenant, subject] = [credential?.tenant ?? null, credential?.principal ?? null];
    const entry = entryOf(null, trace, { tenant, action: 'login.locked', subject });
    const refused = await audit.record(entry);
    if (refused !== null) log.warn({ code: refused.code, subject }, 'A locked login was not recorded');
  }
}
