/**
 * What a principal sets for itself and nobody else hears of: whom it does not want to see, and which conversations
 * it has cleared, muted or put away. A view of what the log says, never a part of it.
 */
import type { ConversationRef } from '../../domain/event.ts';
import type { ConversationId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';

export interface Block {
  readonly blocked: PrincipalId;
  readonly at: Micros;
}

export interface ConversationMark {
  /** Entries up to here are gone for the principal; 0: none. */
  readonly clearedSeq: number;
  /** May lie in the past. */
  readonly mutedUntil: Micros | null;
  readonly archivedAt: Micros | null;
}

/** What a principal does not want to see. */
export interface Unwanted {
  readonly blocked: ReadonlySet<PrincipalId>;
  /** Conversation -> entries up to here are gone. */
  readonly cleared: ReadonlyMap<ConversationId, number>;
}

/** Reads of what principals do not want to see, as it is stored: nothing remembered. */
export interface UnwantedReader {
  /**
   * Of many principals at once, at most limits.viewsCheckedAtOnceMax: whom they block, and what they cleared after
   * `clearedAfter`. Who has neither has no entry.
   */
  unwanted(
    tenant: TenantId,
    principals: readonly PrincipalId[],
    clearedAfter: Micros,
  ): Promise<ReadonlyMap<PrincipalId, Unwanted> | Problem>;
  /** Up to where one principal cleared these conversations; those that it did not clear have no entry. */
  clearedSeqs(
    tenant: TenantId,
    principal: PrincipalId,
    conversations: readonly ConversationId[],
  ): Promise<ReadonlyMap<ConversationId, number> | Problem>;
}

export interface PersonalStore extends UnwantedReader {
  /** Whom the principal blocks, first blocked first. */
  blocks(tenant: TenantId, principal: PrincipalId): Promise<readonly Block[] | Problem>;
  /** Blocked already: the first time stays. `conflict` beyond limits.blocksPerPrincipalMax. */
  block(tenant: TenantId, principal: PrincipalId, blocked: PrincipalId): Promise<Block | Problem>;
  /** Whether it was blocked. */
  unblock(tenant: TenantId, principal: PrincipalId, blocked: PrincipalId): Promise<boolean | Problem>;
  /** All zero and null where there is none. */
  mark(ref: ConversationRef, principal: PrincipalId): Promise<ConversationMark | Problem>;
  /** Never goes back. Answers what counts now. */
  clear(ref: ConversationRef, principal: PrincipalId, upToSeq: number): Promise<number | Problem>;
  mute(ref: ConversationRef, principal: PrincipalId, until: Micros | null): Promise<Problem | null>;
  /** Archived already: the first time stays. */
  archive(ref: ConversationRef, principal: PrincipalId): Promise<Micros | Problem>;
  unarchive(ref: ConversationRef, principal: PrincipalId): Promise<Problem | null>;
}

/** A change of what a principal sees, as its own open sockets on every node hear of it. */
export type PersonalChange =
  | { readonly what: 'blocked' | 'unblocked'; readonly who: PrincipalId }
  | {
      readonly what: 'cleared';
      readonly conversation: ConversationRef['conversation'];
      readonly seq: number;
    }
  | {
      readonly what: 'muted' | 'archived';
      readonly conversation: ConversationRef['conversation'];
      readonly at: Micros;
    }
  | { readonly what: 'unmuted' | 'unarchived'; readonly conversation: ConversationRef['conversation'] };

/** What dialects ask. Whether the principal may see the conversation is theirs to find out first. */
export interface Personal extends UnwantedReader {
  /** Whom it blocks: synchronous when this node knows, and on every node within a moment of a change. */
  blockedBy(
    tenant: TenantId,
    principal: PrincipalId,
  ): ReadonlySet<PrincipalId> | Promise<ReadonlySet<PrincipalId> | Problem>;
  /** Up to where a conversation is cleared for it: as blockedBy(). */
  clearedSeq(ref: ConversationRef, principal: PrincipalId): number | Promise<number | Problem>;
  blocks(by: Principal): Promise<readonly Block[] | Problem>;
  block(by: Principal, who: PrincipalId): Promise<Block | Problem>;
  unblock(by: Principal, who: PrincipalId): Promise<Problem | null>;
  mark(ref: ConversationRef, by: Principal): Promise<ConversationMark | Problem>;
  clear(ref: ConversationRef, by: Principal, upToSeq: number): Promise<number | Problem>;
  /** Null: no more. */
  mute(ref: ConversationRef, by: Principal, until: Micros | null): Promise<Problem | null>;
  archive(ref: ConversationRef, by: Principal): Promise<Micros | Problem>;
  unarchive(ref: ConversationRef, by: Principal): Promise<Problem | null>;
  /** Runs on every node after each change; the returned function ends it. */
  onChanged(listener: (tenant: TenantId, principal: PrincipalId, change: PersonalChange) => void): () => void;
  /** Runs when changes of other nodes may have been missed: after a reconnect. */
  onMissed(run: () => void): void;
}
