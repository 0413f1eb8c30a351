/**
 * The Bus: all that a dialect may ask of the core. Commands go in, outcomes come out; reads are
 * confirmed at the leader unless asked otherwise; sockets are fed by core/live.
 */
import type { Command, CommandContext } from '../domain/command.ts';
import type { ConversationRef, Event, EventOf } from '../domain/event.ts';
import type { PostedEntry } from '../domain/idempotency-window.ts';
import type { ConversationId, MessageId, PrincipalId, TenantId } from '../domain/ids.ts';
import type { Principal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { ConversationState } from '../domain/state.ts';
import type { Micros } from '../domain/time.ts';
import type { TimelineEntry } from '../domain/timeline.ts';
import type { CreationQuery, SurveyedConversation } from '../ports/conversations/conversation-survey.ts';
import type {
  AgentConversations,
  AgentQuery,
  InboxConversation,
  InboxQuery,
  ListedConversation,
  ListQuery,
} from '../ports/projection/listed-conversations.ts';
import type { ChangeRange, EntryRange, NewestMessages } from '../ports/projection/projection-reader.ts';
import type { SlowestReaders } from '../ports/projection/read-cursors.ts';
import type { CountedUnread, UnreadQuery } from '../ports/projection/unread-counts.ts';

export type {
  ConversationListener,
  ConversationView,
  Cursor,
  Delta,
  DeltaCommand,
  InboxNote,
  ListenedConversation,
  LiveBus,
  LiveSession,
  Opened,
  OpenRequest,
  PresenceNews,
  PresencePulse,
  Pulse,
  Refused,
  WatchedConversation,
  Worded,
  Wording,
} from './live/live-bus.ts';

/** What a command led to. `events` is empty for a duplicate and when nothing had to change. */
export interface Outcome {
  readonly ref: ConversationRef;
  readonly events: readonly Event[];
  /** Set when the post was a retry: the first event's numbers. */
  readonly duplicate: PostedEntry | null;
  /** The state right after the command. */
  readonly state: ConversationState;
}

export interface HistoryQuery extends EntryRange {
  /** `cached`: without asking the leader whether there is more (native.md). Default: `confirmed`. */
  readonly consistency?: 'cached';
  readonly env?: string | null;
}

export interface ByCreationQuery extends CreationQuery {
  readonly env: string | null;
  /** In every tenant that has a participant of the principal's id: of super admins. */
  readonly isEverywhere: boolean;
}

/** A conversation with its newest limits.messagesOfListedMax messages. */
export interface ConversationByCreation {
  readonly conversation: SurveyedConversation;
  readonly newest: Pick<NewestMessages, 'entries' | 'hasMore'>;
  /** Null: it cannot be told. */
  readonly readers: SlowestReaders | null;
}

export interface MessageBounds {
  readonly messages: number;
  /** UTF-16 units of their texts. */
  readonly charsMax: number;
  readonly beforeSeq?: number;
}

export interface MessagesFromEnd {
  /** Ascending. */
  readonly messages: readonly EventOf<'message.posted'>[];
  /** There are older ones, which the bounds leave out. */
  readonly isTruncated: boolean;
}

export interface ReadMessages extends MessagesFromEnd {
  readonly ref: ConversationRef;
  readonly state: ConversationState;
  /** Null: it cannot be told. */
  readonly readers: SlowestReaders | null;
}

export interface HistoryPage {
  readonly ref: ConversationRef;
  /** Ascending by seq. */
  readonly entries: readonly TimelineEntry[];
  readonly hasMore: boolean;
  readonly state: ConversationState;
}

export interface Bus {
  /** Handles a command. The answer to an accepted one is durable. */
  dispatch(principal: Principal, command: Command, context: CommandContext): Promise<Outcome | Problem>;
  /** A context with a fresh event id and the defaults; fields given win. */
  context(conversation: ConversationId, fields?: Partial<CommandContext>): CommandContext;
  /** A new conversation id (UUIDv7). */
  newConversationId(): ConversationId;
  /** State for a reader (participant or observer), confirmed at the leader; `not_found` otherwise. */
  stateFor(
    principal: Principal,
    conversation: ConversationId,
    env: string | null,
    consistency?: 'cached',
  ): Promise<{ readonly ref: ConversationRef; readonly state: ConversationState } | Problem>;
  /** Same without any permission check: for administrators' routes. Null when it does not exist. */
  stateOf(
    tenant: TenantId,
    conversation: ConversationId,
  ): Promise<{ readonly ref: ConversationRef; readonly state: ConversationState } | null | Problem>;
  /** Whether it is there, or was: without any permission check. */
  statusOf(tenant: TenantId, conversation: ConversationId): Promise<ConversationState['status'] | Problem>;
  /** Timeline entries of a conversation the principal may read. */
  history(
    principal: Principal,
    conversation: ConversationId,
    query: HistoryQuery,
  ): Promise<HistoryPage | Problem>;
  /** Same without any permission check: for administrators' routes. Null when it does not exist. */
  historyOf(
    tenant: TenantId,
    conversation: ConversationId,
    range: EntryRange,
  ): Promise<HistoryPage | null | Problem>;
  /** Messages alone, from the end: for APIs that show nothing else. */
  messages(
    principal: Principal,
    conversation: ConversationId,
    bounds: MessageBounds & { readonly env: string | null },
  ): Promise<ReadMessages | Problem>;
  /** Entries that were changed after a position, in the order of their last change; the oldest changes are kept. */
  changes(
    principal: Principal,
    conversation: ConversationId,
    query: ChangeRange & { readonly env: string | null },
  ): Promise<HistoryPage | Problem>;
  /**
   * The conversation of a message, among those that the principal takes part in; null: none of them has it, as far
   * as it is projected.
   */
  conversationOf(principal: Principal, message: MessageId): Promise<ConversationId | null | Problem>;
  /** True when the conversation was deleted for everyone while the principal was in it. */
  wasDeleted(principal: Principal, conversation: ConversationId): Promise<boolean | Problem>;
  /** One entry by message id; null when there is none. */
  entry(
    principal: Principal,
    conversation: ConversationId,
    message: MessageId,
    env: string | null,
  ): Promise<TimelineEntry | null | Problem>;
  /** Every version of these messages as events, oldest first (with their own content). */
  versions(
    principal: Principal,
    conversation: ConversationId,
    messages: readonly MessageId[],
    env: string | null,
  ): Promise<readonly Event[] | Problem>;
  /** Raw events after a position, in position order, erased ones as stubs; `hasMore` beyond `limit`. */
  eventsAfter(
    principal: Principal,
    conversation: ConversationId,
    position: number,
    limit: number,
    env: string | null,
  ): Promise<
    | { readonly events: readonly Event[]; readonly hasMore: boolean; readonly state: ConversationState }
    | Problem
  >;
  /** The principal's conversations, newest activity first. */
  list(
    principal: Principal,
    query: ListQuery,
  ): Promise<
    { readonly conversations: readonly ListedConversation[]; readonly next: string | null } | Problem
  >;
  /** As list(), but as the principal keeps it: without what it cleared, with its marks and the newest messages. */
  inbox(
    principal: Principal,
    query: InboxQuery,
  ): Promise<
    { readonly conversations: readonly InboxConversation[]; readonly next: string | null } | Problem
  >;
  /** The principal's conversations in which an agent takes part, newest activity first. */
  withAgents(principal: Principal, query: AgentQuery): Promise<AgentConversations | Problem>;
  /** The principal's conversations, the newest first, each with its newest messages. */
  byCreation(
    principal: Principal,
    query: ByCreationQuery,
  ): Promise<readonly ConversationByCreation[] | Problem>;
  /** Unread messages of every conversation of its inbox. */
  unread(principal: Principal, query: UnreadQuery): Promise<readonly CountedUnread[] | Problem>;
  /** When each participant last read something new; nobody's while Postgres is away. */
  readTimes(
    principal: Principal,
    conversation: ConversationId,
    env: string | null,
  ): Promise<ReadonlyMap<PrincipalId, Micros> | Problem>;
  /** Moves the read cursor forward (never back) and tells the other readers. */
  read(
    principal: Principal,
    conversation: ConversationId,
    upToSeq: number,
    env: string | null,
  ): Promise<{ readonly lastReadSeq: number; readonly unread: number } | Problem>;
}
