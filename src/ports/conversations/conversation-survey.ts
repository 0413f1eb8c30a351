/**
 * What administrators see of conversations from above: lists and counts over one tenant, or over all.
 * From the projection alone, each answer of (nearly) one moment. Deleted conversations are in none of them.
 * Methods return a Problem (`unavailable`) when Postgres is away and never reject.
 */
import type { ConversationRef, ConversationType, Entity } from '../../domain/event.ts';
import type { ConversationId, MessageId, PrincipalId, ServiceId, TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { ListedConversation } from '../projection/listed-conversations.ts';

/** A conversation without anybody's view of it. Texts that are stored sealed are empty, and stay so. */
export type SurveyedConversation = Omit<ListedConversation, 'role' | 'lastReadSeq' | 'clearedSeq' | 'unread'>;

/** Which conversations; null: any. Without a tenant the platform's administrators ask. */
export interface SurveyFilter {
  readonly tenant: TenantId | null;
  readonly type: ConversationType | null;
  readonly env: string | null;
  /** Of this service, or of none. */
  readonly service: ServiceId | null;
}

export interface SurveyPage {
  /** Newest activity first. */
  readonly conversations: readonly SurveyedConversation[];
  /** On all pages together. */
  readonly total: number;
}

/** What is null is not asked for. */
export interface CreationQuery {
  readonly entity: Entity;
  readonly offset: number;
  readonly limit: number;
}

export interface SurveyCounts {
  readonly conversations: number;
  /** Timeline entries: with deleted messages and control events. */
  readonly entries: number;
  /** Different principals that take part in at least one; the same id in two tenants are two. */
  readonly participants: number;
  /** Conversations with an event since `activeSince`. */
  readonly active: number;
}

/** Which conversations by what they are about. */
export interface EntityQuery {
  readonly type: string;
  /** Null: those that are about nothing of this type. */
  readonly id: string | null;
  /** Who takes part; null: whoever. */
  readonly participant: PrincipalId | null;
  readonly limit: number;
}

export interface ConversationWithParticipants {
  readonly conversation: SurveyedConversation;
  /** In the order in which they came. */
  readonly participants: readonly PrincipalId[];
}

/** `metadata.channel` of a conversation that a bridge to another messenger has made. */
export interface Channel {
  readonly type: string;
  readonly connectionId: string;
  readonly chatId: string;
}

export interface ConversationSurvey {
  page(
    filter: SurveyFilter,
    bounds: { readonly limit: number; readonly offset: number },
  ): Promise<SurveyPage | Problem>;
  counts(filter: SurveyFilter, activeSince: Micros): Promise<SurveyCounts | Problem>;
  /** Those that a principal takes part in, newest activity first. Without a tenant: everybody of that id. */
  ofPrincipal(
    filter: SurveyFilter,
    principal: PrincipalId,
    limit: number,
  ): Promise<readonly SurveyedConversation[] | Problem>;
  /** As ofPrincipal(), the newest conversations first, a page of them. */
  byCreation(
    filter: SurveyFilter,
    principal: PrincipalId,
    query: CreationQuery,
  ): Promise<readonly SurveyedConversation[] | Problem>;
  /** Those of one tenant, newest activity first. */
  ofEntity(
    filter: SurveyFilter & { readonly tenant: TenantId },
    query: EntityQuery,
  ): Promise<readonly ConversationWithParticipants[] | Problem>;
  /**
   * Where a message is of those conversations of a tenant that were active last, limits.messageSoughtInMax of them;
   * null: in none of them.
   */
  ofMessage(tenant: TenantId, message: MessageId): Promise<ConversationId | null | Problem>;
  /** One conversation, of whichever tenant without one; null when it is not there (yet). */
  find(tenant: TenantId | null, conversation: ConversationId): Promise<SurveyedConversation | null | Problem>;
  /** Conversations of a tenant with exactly this `metadata.channel`, newest activity first. */
  ofChannel(tenant: TenantId, channel: Channel, limit: number): Promise<readonly ConversationRef[] | Problem>;
}
