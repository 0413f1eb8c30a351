/**
 * Who did what to identities, keys, roles, limits and stored things: appended for good, changed by nobody.
 * A record is written in the transaction of the change that it tells of wherever that is possible.
 */
import type { PrincipalId, TenantId } from '../domain/ids.ts';
import type { Actor, Principal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { Micros } from '../domain/time.ts';

/** Where a request came from: kept with what it changed. Null where there is no request (command line, boot). */
export interface RequestTrace {
  readonly address: string | null;
  readonly requestId: string | null;
}

/** Values of one change. Never a secret, a password or content. */
export type AuditDetail = Readonly<Record<string, string | number | boolean | null>>;

export interface AuditEntry {
  /** Whose administrators may read it; null: of no tenant, for super admins. */
  readonly tenant: TenantId | null;
  /** Null: nobody who has proved who it is (a refused login), or the platform itself. */
  readonly actor: (Actor & { readonly tenant?: TenantId }) | null;
  /** The principal that the actor spoke for. */
  readonly onBehalfOf?: PrincipalId | null;
  /** What happened, as a noun and a past participle: `key.created`, `user.suspended`. */
  readonly action: string;
  /** Id of what it happened to. */
  readonly subject: string | null;
  readonly detail: AuditDetail;
  readonly address: string | null;
  readonly requestId?: string | null;
}

export interface AuditRecord extends AuditEntry {
  /** Greater is later; a decimal number as text. */
  readonly id: string;
  readonly at: Micros;
}

export interface Audit {
  /** Writes it at once, in a transaction of its own; id and time are given by the store. */
  record(entry: AuditEntry): Promise<Problem | null>;
}

export interface AuditQuery {
  /** Absent: of every tenant and of none. */
  readonly tenant?: TenantId;
  readonly actor?: PrincipalId;
  readonly action?: string;
  /** From this time on. */
  readonly after?: Micros;
  /** Up to, and without, this time. */
  readonly before?: Micros;
  /** Records older than this id. */
  readonly olderThan?: string;
  readonly limit: number;
}

export interface AuditPage {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** `olderThan` of the next page; null at the end. */
  readonly next: string | null;
}

export interface AuditStore extends Audit {
  list(query: AuditQuery): Promise<AuditPage | Problem>;
}

/** What administrators read. */
export interface AuditTrail {
  /** A tenant's owners and admins read their tenant, a super admin every one; others: `forbidden`. */
  read(by: Principal, query: AuditQuery): Promise<AuditPage | Problem>;
}
