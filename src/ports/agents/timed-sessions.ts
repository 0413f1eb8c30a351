/**
 * Sessions that end by themselves: a random id that stands for one conversation of one user with one agent, until it
 * was not used for too long, or lasts too long. What happens to it is told in its conversation by notices (ADR 0028).
 * Methods answer `unavailable` when Postgres is away.
 */
import type { NoticeName } from '../../domain/command.ts';
import type { DataClass } from '../../domain/event.ts';
import type { ConversationId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';

export interface Timeouts {
  /** Without use it ends after this. */
  readonly timeoutMinutes: number;
  /** Each use moves its end. */
  readonly autoRenew: boolean;
  /** However much it is used, it ends so long after it began. */
  readonly maxDurationMinutes: number;
  /** So long before its end a warning is due. */
  readonly warningThresholdMinutes: number;
}

/** What somebody asked for, or an agent is set to: anything at all. What is no number counts as not asked for. */
export type AskedTimeouts = { readonly [Field in keyof Timeouts]?: unknown };

/** The part of a session that time changes. */
export interface Lifetime {
  readonly createdAt: Micros;
  readonly usedAt: Micros;
  readonly expiresAt: Micros;
  readonly renewals: number;
  readonly timeouts: Timeouts;
}

export interface TimedSession extends Lifetime {
  /** UUIDv4. */
  readonly id: string;
  readonly tenant: TenantId;
  readonly conversation: ConversationId;
  readonly agent: PrincipalId;
  readonly user: PrincipalId;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What begins. */
export interface NewTimedSession {
  /** One of newId(). */
  readonly id: string;
  readonly conversation: ConversationId;
  readonly agent: PrincipalId;
  readonly user: PrincipalId;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Metadata of phi and secret conversations is stored sealed. */
  readonly dataClass: DataClass;
  readonly timeouts: Timeouts;
}

/** Where a session stands. `expired` is said once, to whoever touches it first; then it is gone (null). */
export type FoundSession =
  | { readonly state: 'active'; readonly session: TimedSession }
  | { readonly state: 'expired'; readonly expiresAt: Micros }
  | null;

export interface UsedSession {
  readonly session: TimedSession;
  readonly isRenewed: boolean;
}

export interface SessionCounts {
  readonly total: number;
  readonly active: number;
  /** Active ones whose warning is due. */
  readonly nearEnd: number;
}

export interface SessionPage {
  /** Active ones, those that began last first. */
  readonly sessions: readonly TimedSession[];
  readonly counts: SessionCounts;
}

/** Ids are any texts: one that is no UUID is unknown. A caller sees a session as maySeeSession() says: else null. */
export interface TimedSessions {
  /** Those of the environment, and the range of what may be asked for. */
  readonly range: { readonly minMinutes: number; readonly maxMinutes: number };
  /** What was asked for wins over what the agent is set to (SESSION_…), which wins over the environment. */
  /** The time by which they end, which is the same on all nodes. */
  now(): Micros;
  timeoutsFor(asked: AskedTimeouts, settings: Readonly<Record<string, unknown>>): Timeouts;
  newId(): string;
  /** Before its conversation is made: cancel() takes it back when that fails. */
  begin(tenant: TenantId, session: NewTimedSession): Promise<TimedSession | Problem>;
  cancel(session: Pick<TimedSession, 'tenant' | 'id'>): Promise<Problem | null>;
  find(caller: Principal, id: string): Promise<FoundSession | Problem>;
  /** Something was said, or a heartbeat came: renews it where that is automatic and its time is not up. */
  use(session: TimedSession): Promise<UsedSession | null | Problem>;
  /** Null: it is gone. `conflict`: it has lasted as long as it may. */
  renew(session: TimedSession): Promise<TimedSession | null | Problem>;
  retime(session: TimedSession, timeouts: Timeouts): Promise<TimedSession | null | Problem>;
  /** False: there is none, or not for the caller. Its conversation stays. */
  end(caller: Principal, id: string): Promise<boolean | Problem>;
  /** Of the caller's tenant, or its own. */
  list(caller: Principal, page: SessionPageQuery): Promise<SessionPage | Problem>;
  counts(caller: Principal): Promise<SessionCounts | Problem>;
  /**
   * The conversation of a session that the caller may see: for sockets that join it. Also of one that has expired,
   * until somebody touches it or the sweep comes.
   */
  conversationOf(caller: Principal, id: string): Promise<ConversationId | null | Problem>;
}

export interface SessionPageQuery {
  /** At most limits.sessionsListedMax. */
  readonly limit: number;
  readonly offset: number;
}

/** The clock of what all nodes share. */
export interface SharedTime {
  now(): Promise<Micros | Problem>;
}

/** What is to be said of a session, when its time has come. */
export interface SessionNotice {
  readonly tenant: TenantId;
  readonly session: string;
  readonly conversation: ConversationId;
  readonly user: PrincipalId;
  readonly name: NoticeName;
  /** The renewal that it belongs to: 0 before the first one. */
  readonly renewals: number;
  readonly dueAt: Micros;
  /** The end of the session, as of then. */
  readonly expiresAt: Micros;
}

/** As it is stored: metadata is a text that may be sealed. */
export type StoredSession = Omit<TimedSession, 'metadata'> & { readonly metadata: string };

export interface ChangedSession {
  readonly lifetime: Lifetime;
  /** Those that are to come now, instead of what was to come before; null: that still is. */
  readonly notices: readonly SessionNotice[] | null;
}

export interface TimedSessionStore {
  add(session: StoredSession, notices: readonly SessionNotice[]): Promise<Problem | null>;
  find(tenant: TenantId, id: string): Promise<StoredSession | null | Problem>;
  /**
   * Changes a session under its lock, so that of two changes at once the second sees the first. `decide` is pure;
   * null: nothing changes. Answers null when there is none, or it has ended. Renewals that were to be told still are.
   * `claimedUntil`: that it was renewed is told by the caller until then.
   */
  change(
    tenant: TenantId,
    id: string,
    now: Micros,
    claimedUntil: Micros,
    decide: (session: StoredSession) => ChangedSession | null,
  ): Promise<StoredSession | null | Problem>;
  /** Removes it without a word. False: there was none. */
  remove(tenant: TenantId, id: string): Promise<boolean | Problem>;
  /** Removes one whose time is up, by `now`; that it expired is still told. False: somebody else was faster. */
  removeExpired(tenant: TenantId, id: string, now: Micros): Promise<boolean | Problem>;
  /** `user` null: of the tenant. */
  list(
    tenant: TenantId,
    user: PrincipalId | null,
    now: Micros,
    page: SessionPageQuery,
  ): Promise<readonly StoredSession[] | Problem>;
  counts(tenant: TenantId, user: PrincipalId | null, now: Micros): Promise<SessionCounts | Problem>;
  /**
   * Notices of all tenants that are due, those first that are due longest, each to one caller until `claimedUntil`.
   * A session whose end is among them is over from then on, whatever other clocks say.
   */
  claim(now: Micros, claimedUntil: Micros, limit: number): Promise<readonly SessionNotice[] | Problem>;
  /** They were said, or never will be. */
  settle(notices: readonly SessionNotice[]): Promise<Problem | null>;
  /** Sessions of all tenants that ended before `before`; answers how many. */
  sweep(before: Micros, limit: number): Promise<number | Problem>;
}
