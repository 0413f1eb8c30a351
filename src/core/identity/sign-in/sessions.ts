/** Sessions: families of refresh tokens, and the access tokens made from them. */
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Micros } from '../../../domain/time.ts';
import type { AuditEntry, RequestTrace } from '../../../ports/audit.ts';
import type { PrincipalRecord, SessionRecord } from '../../../ports/identity/identity-records.ts';
import type {
  MessagingToken,
  NewSessionTokens,
  SessionTokens,
} from '../../../ports/identity/identity-service.ts';
import { entryOf } from '../../audit/audit-trail.ts';
import {
  accessPurpose,
  cookieStart,
  messagingPurpose,
  refreshTokenStart,
} from '../credentials/token-purposes.ts';
import type { AnnounceChange, IdentityDeps } from '../identity-deps.ts';

const second = 1_000_000;

export class Sessions {
  readonly #deps: IdentityDeps;
  readonly #announce: AnnounceChange;

  constructor(deps: IdentityDeps, announce: AnnounceChange) {
    this.#deps = deps;
    this.#announce = announce;
  }

  /** A new session of an active principal; `proof` as the store's NewSession has it. */
  async open(
    principal: PrincipalRecord,
    proof: { readonly passwordHash: string | null; readonly audit: AuditEntry | null },
  ): Promise<NewSessionTokens | Problem> {
    const { store, secrets, clock, ids } = this.#deps;
    const now = clock.nowMicros();
    const session: SessionRecord = {
      id: ids.next(),
      tenant: principal.tenant,
      principal: principal.id,
      createdAt: now,
      expiresAt: now + limits.refreshIdleSec * second,
      endsAt: now + limits.sessionSec * second,
      revokedAt: null,
    };
    const refreshToken = this.#newRefreshToken(session.id);
    const cookie = `${cookieStart}${secrets.random()}`;
    const refused = await store.sessions.open({
      ...proof,
      session,
      refreshToken: { digest: secrets.digest(refreshToken), expiresAt: session.expiresAt },
      cookieDigest: secrets.digest(cookie),
    });
    return refused ?? { ...(await this.#tokens(session, refreshToken, now)), cookie };
  }

  async refresh(refreshToken: string, trace: RequestTrace): Promise<SessionTokens | Problem> {
    const { store, secrets, clock, refreshReuseGraceMs = 0 } = this.#deps;
    const sid = sessionNamedBy(refreshToken);
    if (sid === null) return invalidRefreshToken();
    const successor = this.#newRefreshToken(sid);
    const now = clock.nowMicros();
    const rotation = await store.sessions.rotate(
      secrets.digest(refreshToken),
      secrets.digest(successor),
      now,
      {
        idleUs: limits.refreshIdleSec * second,
        reuseGraceUs: refreshReuseGraceMs * 1000,
      },
      ({ id: subject, tenant, principal }) =>
        entryOf(null, trace, { tenant, action: 'session.refresh_reused', subject, detail: { principal } }),
    );
    if (rotation instanceof Problem) return rotation;
    if (rotation.kind === 'invalid') return invalidRefreshToken();
    if (rotation.kind === 'reused') {
      await this.#announce();
      return new Problem('unauthenticated', 'The refresh token was used before; the session has ended.', {
        reason: 'refresh_token_reused',
      });
    }
    if (rotation.session.revokedAt !== null) return invalidRefreshToken();
    return this.#tokens(rotation.session, successor, now);
  }

  /** Ends one session; a refresh token, if given, must be of it. */
  async end(by: Principal, refreshToken: string | null, trace: RequestTrace): Promise<Problem | null> {
    const { tenant, sid } = by;
    const { store, secrets, clock } = this.#deps;
    if (refreshToken !== null) {
      const owner = await store.sessions.sessionOfToken(secrets.digest(refreshToken));
      if (owner instanceof Problem) return owner;
      if (owner !== sid) return new Problem('forbidden', 'The refresh token is of another session.');
    }
    const entry = entryOf(by, trace, { tenant, action: 'session.ended', subject: sid });
    const refused = await store.sessions.revoke(tenant, sid, clock.nowMicros(), entry);
    if (refused === null) await this.#announce();
    return refused;
  }

  /** Of a session or an API key: either is looked up again when the token is shown. */
  async messagingToken(by: Principal): Promise<MessagingToken | Problem> {
    if (by.recheckAt !== undefined)
      return new Problem('forbidden', 'Only sessions and keys of this deployment open messaging sockets.');
    const issuedAtSec = Math.floor(this.#deps.clock.nowMicros() / second);
    const expiresAtSec = issuedAtSec + limits.messagingTokenSec;
    const claims = {
      ...{ tenant: by.tenant, subject: by.id, sid: by.sid, id: this.#deps.ids.next() },
      ...{ issuedAtSec, expiresAtSec },
    };
    const token = await this.#deps.keys.signer.sign(claims, messagingPurpose);
    return { token, expiresAt: expiresAtSec * second };
  }

  #newRefreshToken(sid: string): string {
    return `${refreshTokenStart}${sid}.${this.#deps.secrets.random()}`;
  }

  async #tokens(session: SessionRecord, refreshToken: string, now: Micros): Promise<SessionTokens> {
    const issuedAtSec = Math.floor(now / second);
    const claims = {
      tenant: session.tenant,
      subject: session.principal,
      sid: session.id,
      id: this.#deps.ids.next(),
      issuedAtSec,
      expiresAtSec: issuedAtSec + limits.accessTokenSec,
    };
    const accessToken = await this.#deps.keys.signer.sign(claims, accessPurpose);
    return { accessToken, refreshToken, expiresInSec: limits.accessTokenSec };
  }
}

const refreshTokenPattern = new RegExp(`^${refreshTokenStart}([0-9a-f-]{36})\\.[A-Za-z0-9_-]{43}$`);

/** The session id inside a refresh token of the right form; it proves nothing yet. */
function sessionNamedBy(refreshToken: string): string | null {
  return refreshTokenPattern.exec(refreshToken)?.[1] ?? null;
}

function invalidRefreshToken(): Problem {
  return new Problem('unauthenticated', 'The refresh token is not valid.', {
    reason: 'invalid_refresh_token',
  });
}
