import type { ConversationRef } from '../../domain/event.ts';
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ListQuery } from './listed-conversations.ts';

export type UnreadQuery = Pick<ListQuery, 'env' | 'service'>;

/**
 * Messages of others after the greatest of lastReadSeq, clearedSeq and the seq at which the principal joined,
 * which are not deleted, not of somebody it blocks, and for a person not `is_internal`.
 */
export interface CountedUnread {
  readonly ref: ConversationRef;
  /** How far it was counted. */
  readonly position: number;
  readonly seq: number;
  readonly lastReadSeq: number;
  readonly clearedSeq: number;
  readonly unread: number;
  readonly blocked: ReadonlySet<PrincipalId>;
}

/** Each message is counted once for each reader (ADR 0019). */
export interface UnreadCounts {
  /** Of every conversation that is in the principal's inbox, in no order; at most limits.unreadListedMax. */
  all(
    tenant: TenantId,
    principal: PrincipalId,
    query: UnreadQuery,
  ): Promise<readonly CountedUnread[] | Problem>;
  /** Null: the projection does not know that it takes part (yet). */
  of(ref: ConversationRef, principal: PrincipalId): Promise<CountedUnread | null | Problem>;
}
