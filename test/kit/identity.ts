import { openPasswordHash } from '../../src/adapters/argon2/password-hash.ts';
import { openTokenKeys } from '../../src/adapters/jose/token-keys.ts';
import { tokenSecrets } from '../../src/adapters/jose/token-secrets.ts';
import { openAuditStore } from '../../src/adapters/postgres/audit/audit-store.ts';
import {
  type IdentityPools,
  openIdentityStore,
} from '../../src/adapters/postgres/identity/identity-store.ts';
import { openSigningKeyStore } from '../../src/adapters/postgres/identity/signing-key-store.ts';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { openPool } from '../../src/adapters/postgres/pool.ts';
import { openClock } from '../../src/adapters/system/clock.ts';
import { openIdSource } from '../../src/adapters/system/id-source.ts';
import { openIdentity } from '../../src/core/identity/identity.ts';
import type { IdentityDeps } from '../../src/core/identity/identity-deps.ts';
import type { Principal } from '../../src/domain/principal.ts';
import { Problem } from '../../src/domain/problem.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Identity, SignedIn, Signup } from '../../src/ports/identity/identity-service.ts';
import type { Logger } from '../../src/ports/logger.ts';
import { NodeLinks } from './links/node-links.ts';
import { type Owner, openOwner } from './servers/owner.ts';
import { startPostgres } from './servers/postgres.ts';
import type { Teardown } from './temporary.ts';

export const silentLog: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

/** The machine's clock. `move` sets its wall clock, `pass` lets time pass. Seconds. */
export function movableClock(): Clock & { move(seconds: number): void; pass(seconds: number): void } {
  const clock = openClock();
  let shiftUs = 0;
  let passedMs = 0;
  const move = (seconds: number): void => {
    shiftUs += seconds * 1_000_000;
  };
  return {
    nowMicros: () => clock.nowMicros() + shiftUs,
    monotonicMs: () => clock.monotonicMs() + passedMs,
    after: (ms, run) => clock.after(ms, run),
    move,
    pass: (seconds) => {
      move(seconds);
      passedMs += seconds * 1_000;
    },
  };
}

export interface TestIdentity {
  readonly identity: Identity;
  readonly deps: IdentityDeps;
  /** The owner's connection. */
  readonly sql: Owner;
  readonly url: string;
  readonly clock: ReturnType<typeof movableClock>;
}

export interface TestIdentityOptions {
  /** A migrated database of another node of the same deployment. */
  readonly url?: string;
  readonly links?: NodeLinks;
  readonly node?: string;
  readonly deps?: Partial<IdentityDeps>;
}

/** So long a statement may take, and half as long whoever waits for a connection, on a machine that stands still now and then. */
const statementMs = 60_000;

/** The pools and the schema: a database of its own unless `url` names one. */
export async function openTestPools(
  t: Teardown,
  given?: string,
): Promise<IdentityPools & Pick<TestIdentity, 'sql' | 'url'>> {
  const url = given ?? (await startPostgres(t)).url;
  if (given === undefined) await migrate(url, silentLog);
  const requests = openPool({ url, role: 'parley_requests', max: 8, log: silentLog, statementMs });
  t.teardown(() => requests.close());
  const identity = openPool({ url, role: 'parley_identity', max: 4, log: silentLog, statementMs });
  t.teardown(() => identity.close());
  return { requests, identity, sql: openOwner(t, url), url };
}

/** Identity on real PostgreSQL, with real hashes and signatures. */
export async function startIdentity(t: Teardown, options: TestIdentityOptions = {}): Promise<TestIdentity> {
  const pools = await openTestPools(t, options.url);
  const clock = movableClock();
  const links = options.links ?? new NodeLinks();
  const deps: IdentityDeps = {
    store: openIdentityStore(pools),
    keys: await openTokenKeys({ store: openSigningKeyStore(pools.identity), clock, issuer: 'parley' }),
    secrets: tokenSecrets,
    passwords: openPasswordHash({ concurrencyMax: 2 }),
    link: links.open(options.node ?? 'n1'),
    clock,
    ids: openIdSource(),
    log: silentLog,
    audit: openAuditStore(pools),
    ...options.deps,
  };
  const identity = await openIdentity(deps);
  t.teardown(() => identity.close());
  return { identity, deps, sql: pools.sql, url: pools.url, clock };
}

/** The value, or the end of the test. */
export function given<T>(outcome: T | Problem | null): T {
  if (outcome instanceof Problem) throw new Error(`refused: ${outcome.code} ${outcome.reason ?? ''}`);
  if (outcome === null) throw new Error('nothing there');
  return outcome;
}

/** What a refusal is called, `ok` for anything else. */
export function named(outcome: unknown): string {
  return outcome instanceof Problem
    ? `${outcome.code}${outcome.reason === undefined ? '' : `/${outcome.reason}`}`
    : 'ok';
}

export const password = 'correct horse battery';

export async function signup(
  identity: Identity,
  email: string,
  more: Partial<Signup> = {},
): Promise<SignedIn> {
  const none = { displayName: null, tenantName: null, phone: null, timezone: null, inviteToken: null };
  return given(await identity.signIn.signup({ email, password, ...none, ...more }));
}

export async function whoIs(identity: Identity, bearer: string): Promise<Principal> {
  return given(await identity.authenticator.authenticate({ bearer }));
}

/** A second person in the tenant of `by`. */
export async function inviteIn(
  identity: Identity,
  by: Principal,
  email: string,
  role: 'admin' | 'member' = 'member',
): Promise<SignedIn> {
  const invite = { email: null, role, v2Role: null, expiresInSec: 60 };
  const { token } = given(await identity.administration.invite(by, by.tenant, invite));
  return signup(identity, email, { inviteToken: token });
}
