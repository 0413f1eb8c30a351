/**
 * Sessions of conversations: a random id that stands for one conversation of one principal. A guest's is a
 * capability, since whoever shows it speaks as that guest; so an id is told to its owner alone. Methods answer
 * `unavailable` when Postgres is away.
 */
import type { ConversationId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';

export interface ConversationSession {
  /** UUIDv4. */
  readonly id: string;
  readonly tenant: TenantId;
  readonly conversation: ConversationId;
  readonly principal: PrincipalId;
  /** The identity session of a guest; null: somebody with an account. */
  readonly sid: string | null;
  readonly createdAt: Micros;
  /** Moves with each use; null: it has no end. */
  readonly expiresAt: Micros | null;
}

/** By its id, or by its conversation, which has one at most. */
export type SessionKey = { readonly id: string } | { readonly conversation: ConversationId };

export interface ConversationSessions {
  /** A fresh id, for a session that begins later, or never. */
  newId(): string;
  /** The principal's session of its new conversation. `id`: one of newId(). */
  begin(
    principal: Principal,
    conversation: ConversationId,
    id: string,
  ): Promise<ConversationSession | Problem>;
  /** Null: unknown, or ended. One that ends is used by this, which moves its end. */
  use(tenant: TenantId, key: SessionKey): Promise<ConversationSession | null | Problem>;
  /** Conversations of the principal whose sessions have not ended: the newest limits.openConversationsPerSocketMax. */
  liveOf(principal: Principal): Promise<readonly ConversationId[] | Problem>;
  /** It leads nowhere: its conversation could not be made. */
  cancel(session: ConversationSession): Promise<Problem | null>;
  /** Before a guest's message: `rate_limited` when its quota is used up; null: it counts, as for everybody else. */
  spend(session: ConversationSession): Promise<Problem | null>;
  /** The message that was counted was not sent. */
  refund(session: ConversationSession): Promise<Problem | null>;
}

export interface ConversationSessionStore {
  /** `conflict` when the conversation, or the id, has a session already. */
  add(session: ConversationSession): Promise<Problem | null>;
  /** As ConversationSessions.use(): the end moves to `idleUs` from now, but only when that is later by `slideUs`. */
  use(
    tenant: TenantId,
    key: SessionKey,
    now: Micros,
    slide: { readonly idleUs: number; readonly slideUs: number },
  ): Promise<ConversationSession | null | Problem>;
  live(tenant: TenantId, principal: PrincipalId, now: Micros): Promise<readonly ConversationId[] | Problem>;
  /** Counts one more message; false when there are `max` already. */
  spend(tenant: TenantId, id: string, max: number): Promise<boolean | Problem>;
  refund(tenant: TenantId, id: string): Promise<Problem | null>;
  /** Sessions that ended before `before`, those that ended first; whatever became of them. */
  ended(tenant: TenantId, before: Micros, limit: number): Promise<readonly ConversationSession[] | Problem>;
  remove(tenant: TenantId, ids: readonly string[]): Promise<Problem | null>;
}
