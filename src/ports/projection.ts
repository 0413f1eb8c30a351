/**
 * The projection: what Postgres knows of the logs. Everything here carries the tenant. Readers say
 * how far the projection had come (`position`, `logSeq`) in the same snapshot as the rows, so that
 * core can put the tail of the log on top. Methods return a Problem (`unavailable`) when Postgres is
 * away and never reject.
 */
import type { ConversationRef, ConversationType, Entity, Event, LogEntry, Stage } from '../domain/event.ts';
import type { PostedEntry } from '../domain/idempotency-window.ts';
import type { ConversationId, EventId, MessageId, PrincipalId, ServiceId, TenantId } from '../domain/ids.ts';
import type { PrincipalKind } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { ConversationState } from '../domain/state.ts';
import type { Micros } from '../domain/time.ts';
import type { SeenMessages, TimelineEntry } from '../domain/timeline.ts';

/** A log entry with its place, as the projector takes it from a partition. */
export interface PlacedEntry {
  readonly ref: ConversationRef;
  readonly entry: LogEntry;
}

/** A text that is stored sealed, and the event that it is bound to. */
export type StoredSeal = readonly [id: EventId, position: number, sealed: string];

/** Fields of a conversation that are stored sealed: empty in the row. */
export type SealedFields = { readonly [Field in 'name' | 'description' | 'metadata']?: StoredSeal };

export interface ProjectionWriter {
  /**
   * Projects a batch of one partition, in stream order, in one transaction. Idempotent by
   * (conversation, position): entries at or before a conversation's watermark change nothing.
   * Rejects with a Problem when Postgres is away (the feed then delivers the batch again), with an
   * Error when it refuses what an entry holds (the projector then isolates that entry).
   */
  apply(batch: readonly PlacedEntry[]): Promise<void>;
  /** Empties every table the projection owns (rebuild). */
  reset(): Promise<void>;
}

export interface InlineProjection {
  /**
   * Projects rare structural events (created, member, meta, deleted) before their author is answered,
   * with the same SQL as ProjectionWriter.apply(); all of one tenant. Moves the watermark only when the entries follow it directly; a
   * deleted conversation disappears at once, its rows are removed by the projector.
   */
  applyStructural(batch: readonly PlacedEntry[]): Promise<Problem | null>;
}

/** A conversation as of `state.position`, with its newest entries: what a cold load starts from. */
export interface Snapshot {
  readonly ref: ConversationRef;
  /** Its window holds the recent messages only; `isWhole` when these are all. */
  readonly state: ConversationState;
  /** The newest entries in seq order, at most as many as asked for. */
  readonly recent: readonly TimelineEntry[];
  /** Only as stored: core/sealing opens them. */
  readonly sealed?: SealedFields;
}

export interface ProjectedAt {
  /** How far this conversation was projected when the rows were read; 0: not at all. */
  readonly position: number;
  readonly logSeq: number;
}

/** Bounds are exclusive; of seq or of time. `order` says which end of the range the limit keeps. */
export interface EntryRange {
  readonly afterSeq?: number;
  readonly beforeSeq?: number;
  readonly afterAt?: Micros;
  readonly beforeAt?: Micros;
  /** Only what such a reader sees: the rest takes no room and does not count as more. Absent: every entry. */
  readonly seen?: SeenMessages;
  readonly limit: number;
  readonly keep: 'oldest' | 'newest';
}

/** Entries up to a seq that were changed after a position. */
export interface ChangeRange {
  readonly afterPosition: number;
  readonly upToSeq: number;
  readonly limit: number;
}

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

export interface NewestQuery {
  /** Of each conversation. */
  readonly limit: number;
  /** Of the texts of all of them together: the newest of each come before the older ones of any. */
  readonly bytesMax: number;
  /** People do not see what agents say among themselves (`is_internal`). */
  readonly isForPerson: boolean;
}

export interface NewestMessages {
  /** Ascending by seq; control events and deleted messages are not among them. */
  readonly entries: readonly TimelineEntry[];
  /** There may be older ones. */
  readonly hasMore: boolean;
  readonly at: ProjectedAt;
}

/** How far everybody who takes part in a conversation has read: what is read by all others than one can be told. */
export interface SlowestReaders {
  /** Who has read the least; null: nobody takes part. */
  readonly slowest: PrincipalId | null;
  readonly readSeq: number;
  /** The least of the others; null: there are none. */
  readonly othersReadSeq: number | null;
}

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

export interface ProjectionReader {
  /** Null: the projection has no row (yet). */
  snapshot(
    tenant: TenantId,
    conversation: ConversationId,
    recent: number,
  ): Promise<Snapshot | null | Problem>;
  /** Entries in ascending seq order whatever `keep` says; `hasMore` beyond the kept end. */
  entries(
    ref: ConversationRef,
    range: EntryRange,
  ): Promise<
    | { readonly entries: readonly TimelineEntry[]; readonly hasMore: boolean; readonly at: ProjectedAt }
    | Problem
  >;
  /** The newest messages of conversations of one tenant, which it knows; among the newest limits.embeddedSoughtMax entries. */
  newest(
    refs: readonly ConversationRef[],
    query: NewestQuery,
  ): Promise<ReadonlyMap<ConversationId, NewestMessages> | Problem>;
  /** Changed entries in the order of their last change, the oldest changes kept; never changed ones are none. */
  changes(
    ref: ConversationRef,
    range: ChangeRange,
  ): Promise<
    | { readonly entries: readonly TimelineEntry[]; readonly hasMore: boolean; readonly at: ProjectedAt }
    | Problem
  >;
  /** One entry by message id (or by event id of a control event). */
  entry(
    ref: ConversationRef,
    message: MessageId,
  ): Promise<{ readonly entry: TimelineEntry | null; readonly at: ProjectedAt } | Problem>;
  /** An earlier post by (sender, client_id), or by message id. */
  earlierPost(
    ref: ConversationRef,
    by: { readonly sender: PrincipalId; readonly clientId: string } | { readonly messageId: MessageId },
  ): Promise<{ readonly post: PostedEntry | null; readonly at: ProjectedAt } | Problem>;
  /**
   * The conversation of a message, among those that the principal takes part in: its own message before that
   * of others, the newest before older ones, should an id be there twice.
   */
  conversationOf(
    tenant: TenantId,
    principal: PrincipalId,
    message: MessageId,
  ): Promise<ConversationId | null | Problem>;
  /** True when the conversation was deleted while the principal was in it. */
  wasDeleted(
    tenant: TenantId,
    principal: PrincipalId,
    conversation: ConversationId,
  ): Promise<boolean | Problem>;
  /** Every stored version of these messages (posted first), as events with their own content. */
  versions(
    ref: ConversationRef,
    messages: readonly MessageId[],
  ): Promise<{ readonly events: readonly Event[]; readonly at: ProjectedAt } | Problem>;
  /** The greatest stream sequence of a timeline entry at or before `position`; 0 when there is none. */
  logSeqAt(ref: ConversationRef, position: number): Promise<number | Problem>;
  /** Conversations of a principal, newest activity first. */
  list(tenant: TenantId, principal: PrincipalId, query: ListQuery): Promise<ListPage | Problem>;
  /**
   * As list(), of what a principal has not put away: not what it cleared until something newer is there, nor what
   * somebody opened for the two of them whom it blocks, until it has written there itself.
   */
  inbox(
    tenant: TenantId,
    principal: PrincipalId,
    query: InboxQuery,
  ): Promise<Listed<InboxConversation> | Problem>;
  withAgents(
    tenant: TenantId,
    principal: PrincipalId,
    query: AgentQuery,
  ): Promise<AgentConversations | Problem>;
  /** Only the refs: what `follow: all` opens. Bounded by `limit`, newest activity first. */
  refsOf(
    tenant: TenantId,
    principal: PrincipalId,
    limit: number,
  ): Promise<readonly ConversationRef[] | Problem>;
}

export interface ReadCursors {
  /** Monotonic: never goes back. `lastReadSeq` is what counts now, `advanced` whether this call moved it. */
  advance(
    ref: ConversationRef,
    principal: PrincipalId,
    upToSeq: number,
  ): Promise<{ readonly lastReadSeq: number; readonly advanced: boolean } | Problem>;
  /** When each reader of a conversation moved its cursor for the last time. */
  readTimes(ref: ConversationRef): Promise<ReadonlyMap<PrincipalId, Micros> | Problem>;
  /** Of conversations of one tenant. */
  slowest(refs: readonly ConversationRef[]): Promise<ReadonlyMap<ConversationId, SlowestReaders> | Problem>;
}
