/**
 * The projection: what Postgres knows of the logs. Everything here carries the tenant. Readers say
 * how far the projection had come (`position`, `logSeq`) in the same snapshot as the rows, so that
 * core can put the tail of the log on top. Methods return a Problem (`unavailable`) when Postgres is
 * away and never reject.
 */
import type { ConversationRef, Event } from '../../domain/event.ts';
import type { PostedEntry } from '../../domain/idempotency-window.ts';
import type { ConversationId, MessageId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { Micros } from '../../domain/time.ts';
import type { SeenMessages, TimelineEntry } from '../../domain/timeline.ts';
import type {
  AgentConversations,
  AgentQuery,
  InboxConversation,
  InboxQuery,
  Listed,
  ListPage,
  ListQuery,
} from './listed-conversations.ts';
import type { SealedFields } from './stored-seal.ts';

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
