/**
 * What core keeps in Postgres about identities. Every method names its tenant, except those that find
 * out whose secret it is. Methods answer a Problem (`unavailable`) when Postgres is away or silent for
 * limits.sqlStatementMsMax; they never reject for that. An `audit` entry is written with the change that it
 * tells of: both or neither.
 */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { PrincipalKind, Scope, TenantRole } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { CharacterFields } from '../agents/agents.ts';
import type { AuditEntry } from '../audit.ts';
import type {
  ApiKeyRecord,
  InviteRecord,
  ListedInvite,
  Page,
  PageQuery,
  PrincipalRecord,
  PrincipalStatus,
  SessionRecord,
  TenantRecord,
} from './identity-records.ts';

export interface Credential {
  readonly email: string;
  readonly passwordHash: string;
  readonly tenant: TenantId;
  readonly principal: PrincipalId;
}

/** Absent fields stay as they are. */
export interface PrincipalChanges {
  readonly displayName?: string;
  readonly avatarUrl?: string | null;
  readonly timezone?: string;
  readonly role?: TenantRole;
  readonly grantedScopes?: readonly Scope[];
  readonly v2Roles?: readonly string[];
  readonly status?: PrincipalStatus;
  readonly superAdmin?: boolean;
}

export interface PrincipalStore {
  tenant(id: TenantId): Promise<TenantRecord | null | Problem>;
  /** All there are, oldest first: for operators. */
  tenants(query: PageQuery): Promise<Page<TenantRecord> | Problem>;
  credential(email: string): Promise<Credential | null | Problem>;
  principal(tenant: TenantId, id: PrincipalId): Promise<PrincipalRecord | null | Problem>;
  /** Those of `ids` that are principals of the tenant, in no order. */
  principals(tenant: TenantId, ids: readonly PrincipalId[]): Promise<readonly PrincipalRecord[] | Problem>;
  /** Those of `ids` that are active super admins, of whichever tenant. */
  superAdmins(ids: readonly PrincipalId[]): Promise<readonly PrincipalId[] | Problem>;
  /** Of all tenants that have a principal of this id, the one whose is the oldest; null when none has. */
  firstTenantOf(id: PrincipalId): Promise<TenantId | null | Problem>;
  /** Oldest first. */
  list(tenant: TenantId, kind: PrincipalKind, query: PageQuery): Promise<Page<PrincipalRecord> | Problem>;
  /** A tenant without an account, with its first principals, if it is not there yet. */
  ensureRealm(
    tenant: TenantRecord,
    principals: readonly PrincipalRecord[],
    audit: AuditEntry,
  ): Promise<Problem | null>;
  /** A tenant with its owner and its first agent, all or nothing. `conflict`/`email_taken` when the address is in use. */
  createTenant(
    tenant: TenantRecord,
    owner: PrincipalRecord,
    credential: Credential,
    agent: PrincipalRecord,
    audit: AuditEntry,
  ): Promise<Problem | null>;
  /**
   * Changes one principal. `decide` runs while the tenant's principals can change nowhere else; it
   * answers the changes or why not. `owners`: active owners of the tenant. `not_found` when there is
   * no such principal of that kind.
   */
  change(
    tenant: TenantId,
    id: PrincipalId,
    kind: PrincipalKind,
    decide: (target: PrincipalRecord, owners: number) => PrincipalChanges | Problem,
    audit: (former: PrincipalRecord, present: PrincipalRecord) => AuditEntry | null,
  ): Promise<PrincipalRecord | Problem>;
  /**
   * Replaces the hash if it still is `formerHash`, and revokes every session of the person; false when
   * somebody else was faster.
   */
  replacePassword(
    tenant: TenantId,
    id: PrincipalId,
    formerHash: string,
    hash: string,
    now: Micros,
    audit: AuditEntry,
  ): Promise<boolean | Problem>;
}

export interface AgentRecord {
  readonly principal: PrincipalRecord;
  /** Null: none was ever given. */
  readonly character: CharacterFields | null;
  readonly updatedAt: Micros;
}

/** Absent fields stay as they are. */
export interface AgentChanges {
  readonly displayName?: string;
  readonly bio?: string | null;
  readonly runs?: boolean;
  readonly character?: CharacterFields;
}

export interface AgentStore {
  /**
   * Adds an agent or service. `conflict`/`id_taken` when the id is in use. A default agent takes the
   * place of the former one. At most limits.agentsPerTenantMax of a kind.
   */
  add(
    record: PrincipalRecord,
    audit: AuditEntry,
    character?: CharacterFields | null,
  ): Promise<Problem | null>;
  agent(tenant: TenantId, id: PrincipalId): Promise<AgentRecord | null | Problem>;
  /** Running ones first, then by name. */
  agents(tenant: TenantId, limit: number): Promise<readonly PrincipalRecord[] | Problem>;
  character(tenant: TenantId, id: PrincipalId): Promise<CharacterFields | null | Problem>;
  /** As PrincipalStore.change(), of an agent; `decide` answers null when there is nothing to change. */
  changeAgent(
    tenant: TenantId,
    id: PrincipalId,
    now: Micros,
    decide: (target: AgentRecord) => AgentChanges | null | Problem,
    audit: (former: AgentRecord, present: AgentRecord) => AuditEntry,
  ): Promise<AgentRecord | Problem>;
  /**
   * Ends an agent and its keys; the newest other agent becomes the default when it was. `not_found`;
   * `conflict`/`last_agent`: a tenant keeps one.
   */
  removeAgent(tenant: TenantId, id: PrincipalId, audit: AuditEntry): Promise<Problem | null>;
}

export interface NewRefreshToken {
  readonly digest: Uint8Array;
  readonly expiresAt: Micros;
}

export type Rotation =
  | { readonly kind: 'rotated'; readonly session: SessionRecord }
  /** The token had been used before: the whole session is revoked now. */
  | { readonly kind: 'reused' }
  /** Unknown, expired or revoked. */
  | { readonly kind: 'invalid' };

export interface NewSession {
  readonly session: SessionRecord;
  readonly refreshToken: NewRefreshToken;
  readonly cookieDigest: Uint8Array;
  /** What the password was verified against; null: there was none to verify. */
  readonly passwordHash: string | null;
  /** Null: another entry tells of it. */
  readonly audit: AuditEntry | null;
}

export interface SessionAndPrincipal {
  readonly session: SessionRecord;
  readonly principal: PrincipalRecord;
}

export interface SessionStore {
  /** A new session. `conflict`/`password_changed`: the hash is another one by now, and nothing was opened. */
  open(fresh: NewSession): Promise<Problem | null>;
  /** The session, whatever became of it, and its principal; null when there is none of that id. */
  load(tenant: TenantId, sid: string): Promise<SessionAndPrincipal | null | Problem>;
  /**
   * The session of a cookie, as load(); null when it is unknown. A live one's end is moved to `idleUs` from
   * now, but only when that is later by `slideUs` at least: most uses write nothing.
   */
  useCookie(
    digest: Uint8Array,
    now: Micros,
    lifetime: { readonly idleUs: number; readonly slideUs: number },
  ): Promise<SessionAndPrincipal | null | Problem>;
  /**
   * Uses a refresh token: exactly one of concurrent calls rotates it, the others find it reused and
   * revoke the session. `reuseGraceUs` > 0 lets a token be used again for that long. `suspended`: nothing
   * was used. `onReuse` words the entry about a session that a reuse has ended.
   */
  rotate(
    digest: Uint8Array,
    successor: Uint8Array,
    now: Micros,
    lifetime: { readonly idleUs: number; readonly reuseGraceUs: number },
    onReuse: (session: Pick<SessionRecord, 'id' | 'tenant' | 'principal'>) => AuditEntry,
  ): Promise<Rotation | Problem>;
  /** The session a refresh token belongs to; null when it is unknown. */
  sessionOfToken(digest: Uint8Array): Promise<string | null | Problem>;
  /** Live ones of one principal, oldest first. */
  list(
    tenant: TenantId,
    principal: PrincipalId,
    now: Micros,
    query: PageQuery,
  ): Promise<Page<SessionRecord> | Problem>;
  revoke(tenant: TenantId, sid: string, now: Micros, audit: AuditEntry): Promise<Problem | null>;
  /** All live ones of one principal; answers how many. Nothing is recorded when there were none. */
  revokeAll(
    tenant: TenantId,
    principal: PrincipalId,
    now: Micros,
    audit: (sessions: number) => AuditEntry,
  ): Promise<number | Problem>;
}

export interface ApiKeyStore {
  /** At most limits.apiKeysPerTenantMax live keys. */
  add(key: ApiKeyRecord, digest: Uint8Array, audit: AuditEntry): Promise<Problem | null>;
  find(
    digest: Uint8Array,
  ): Promise<{ readonly key: ApiKeyRecord; readonly principal: PrincipalRecord } | null | Problem>;
  load(
    tenant: TenantId,
    id: string,
  ): Promise<{ readonly key: ApiKeyRecord; readonly principal: PrincipalRecord } | null | Problem>;
  /** Keys of one principal that are neither revoked nor expired at `now`. */
  liveOf(tenant: TenantId, principal: PrincipalId, now: Micros): Promise<readonly ApiKeyRecord[] | Problem>;
  /** Live keys, oldest first. */
  list(tenant: TenantId, query: PageQuery): Promise<Page<ApiKeyRecord> | Problem>;
  /** False when there is no such live key. */
  revoke(tenant: TenantId, id: string, now: Micros, audit: AuditEntry): Promise<boolean | Problem>;
}

export interface InviteStore {
  add(invite: InviteRecord, digest: Uint8Array, audit: AuditEntry): Promise<Problem | null>;
  /** An invite that can still be used, or null. */
  find(digest: Uint8Array, now: Micros): Promise<InviteRecord | null | Problem>;
  /** Those that can still be used, oldest first. */
  list(tenant: TenantId, now: Micros, query: PageQuery): Promise<Page<ListedInvite> | Problem>;
  /** Nobody can use it from now on; false when there is none of this id that somebody could. */
  revoke(tenant: TenantId, id: string, now: Micros, audit: AuditEntry): Promise<boolean | Problem>;
  /**
   * Uses the invite and adds its person, both or neither. `invalid_request`/`invite` when it was used
   * meanwhile; `conflict`/`email_taken`.
   */
  accept(
    digest: Uint8Array,
    person: PrincipalRecord,
    credential: Credential,
    now: Micros,
    audit: AuditEntry,
  ): Promise<Problem | null>;
}

/** People without an account. */
export interface GuestStore {
  /** A guest and the one session that its token names. */
  add(guest: PrincipalRecord, session: SessionRecord): Promise<Problem | null>;
  /** Deletes guests that were made before `before` and have no conversation session any more; answers how many. */
  removeIdle(tenant: TenantId, before: Micros, limit: number): Promise<number | Problem>;
}

/** Something that every node must forget. */
export type IdentityChange =
  | {
      readonly kind: 'session' | 'key' | 'principal';
      readonly tenant: TenantId;
      /** Session id, key id or principal id. */
      readonly subject: string;
      readonly reason: 'revoked' | 'suspended' | 'changed';
    }
  /** `revoked`: what the former keys signed is void. */
  | { readonly kind: 'signing_keys'; readonly reason: 'changed' | 'revoked' }
  /** Data keys of a tenant: `revoked` when they were erased. */
  | { readonly kind: 'data_keys'; readonly tenant: TenantId; readonly reason: 'revoked' | 'changed' };

export interface IdentityChangeFeed {
  /**
   * Changes committed since the call before, each exactly once; the first call answers none. Calls must
   * not overlap.
   */
  next(): Promise<readonly IdentityChange[] | Problem>;
}

export interface IdentityStore {
  readonly principals: PrincipalStore;
  readonly agents: AgentStore;
  readonly sessions: SessionStore;
  readonly apiKeys: ApiKeyStore;
  readonly invites: InviteStore;
  readonly guests: GuestStore;
  /** A feed of its own for each node. */
  changeFeed(): IdentityChangeFeed;
  /** Deletes sessions, invites and changes that ended long ago. */
  prune(now: Micros): Promise<Problem | null>;
}
