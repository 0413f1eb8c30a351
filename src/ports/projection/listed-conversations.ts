/** Conversations of a principal as its lists show them, and what a list is asked. */
import type { ConversationRef, ConversationType, Entity, Stage } from '../../domain/event.ts';
import type { ConversationId, PrincipalId, ServiceId } from '../../domain/ids.ts';
import type { PrincipalKind } from '../../domain/principal.ts';
import type { Micros } from '../../domain/time.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { SealedFields } from './stored-seal.ts';

export interface ListedConversation {
  readonly ref: ConversationRef;
  readonly type: ConversationType;
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly stage: Stage;
  readonly entity: Entity;
  readonly env: string;
  readonly createdBy: PrincipalId;
  readonly createdAt: Micros;
  /** When its own fields were set for the last time. */
  readonly changedAt: Micros;
  /** Time of the last event. */
  readonly updatedAt: Micros;
  readonly position: number;
  readonly seq: number;
  readonly role: 'owner' | 'admin' | 'member';
  readonly lastReadSeq: number;
  /** Entries up to here are gone for the principal. */
  readonly clearedSeq: number;
  /** See CountedUnread. */
  readonly unread: number;
  /** Only as stored: core/sealing opens them. */
  readonly sealed?: SealedFields;
}

export interface ListQuery {
  readonly limit: number;
  /** Opaque cursor of the previous page. */
  readonly cursor: string | null;
  readonly unreadOnly: boolean;
  readonly env: string | null;
  /** Service binding of the caller's key: conversations of other services are left out. */
  readonly service: ServiceId | null;
}

/** A page of a list. */
export interface Listed<Row> {
  readonly conversations: readonly Row[];
  readonly next: string | null;
  /** Whom the principal blocked when this was read, should there be any row. */
  readonly blocked: ReadonlySet<PrincipalId>;
}

export type ListPage = Listed<ListedConversation>;

/** A conversation as its participant finds it in its own list, with what it has set for itself. */
export interface InboxConversation extends ListedConversation {
  readonly mutedUntil: Micros | null;
  readonly archivedAt: Micros | null;
  /** Of a private one: up to two other participants. Of a group: nobody. */
  readonly others: readonly { readonly id: PrincipalId; readonly kind: PrincipalKind }[];
  /** An agent or a service takes part. */
  readonly hasAgent: boolean;
  /** The newest message that the principal sees, if one is among the newest limits.previewSoughtMax entries. */
  readonly newest: TimelineEntry | null;
}

export interface InboxQuery extends Omit<ListQuery, 'unreadOnly'> {
  /** Null: both. */
  readonly archived: boolean | null;
}

/** Of a principal: conversations in which an agent takes part. */
export interface AgentQuery {
  /** The first agent of the conversation; null: any. */
  readonly agent: PrincipalId | null;
  /** Stage `active`, or any other one; null: all. */
  readonly isActive: boolean | null;
  /** Only these; null: all. */
  readonly among: readonly ConversationId[] | null;
  readonly limit: number;
  readonly offset: number;
  readonly env: string | null;
  readonly service: ServiceId | null;
}

export interface AgentConversation {
  readonly ref: ConversationRef;
  /** Of its agents the one that was there first. */
  readonly agent: PrincipalId;
  readonly stage: Stage;
  /** Time of the last event. */
  readonly updatedAt: Micros;
  readonly position: number;
  /** The newest message that is not internal, if one is among the newest limits.previewSoughtMax entries. */
  readonly newest: TimelineEntry | null;
}

export interface AgentConversations {
  /** Newest activity first. */
  readonly conversations: readonly AgentConversation[];
  /** All that match, whatever the page. */
  readonly total: number;
}
