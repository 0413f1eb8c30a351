/**
 * What administrators do with conversations that they need not be in: those of a tenant (owner, admin) with
 * the tenant's, a super admin with all. Answered by core/administration. Others: `forbidden`/`not_an_administrator`;
 * who names a foreign tenant: `forbidden`/`other_tenant`. A conversation of another tenant is `not_found`,
 * like one that does not exist.
 */
import type { ConversationRef, ConversationType, DataClass, ParticipantRole } from '../../domain/event.ts';
import type { ConversationId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal, PrincipalKind } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ConversationState, Participant } from '../../domain/state.ts';
import type { Micros } from '../../domain/time.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { RequestTrace } from '../audit.ts';
import type { Channel, SurveyCounts, SurveyedConversation, SurveyPage } from './conversation-survey.ts';

/** Who asks, and about what. */
export interface AdministratorRequest {
  readonly by: Principal;
  /** The tenant that the request names. Null: the own one; of a super admin, all. */
  readonly tenant: TenantId | null;
  /** X-Env: other environments are not there. Null: all. */
  readonly env: string | null;
  /** Recorded with what it changes, like the policy. */
  readonly dataClass: DataClass;
  readonly policyRef: string | null;
  readonly trace: RequestTrace;
}

/** A conversation from above. What phi and secret events brought is withheld from who does not take part in it. */
export interface AdministeredConversation {
  readonly conversation: SurveyedConversation;
  readonly state: ConversationState;
  /** When each participant last read something new. */
  readonly readTimes: ReadonlyMap<PrincipalId, Micros>;
  /** The newest limits.recentMessagesShown that are not deleted, oldest first. */
  readonly entries: readonly TimelineEntry[];
}

export interface AdministeredParticipant {
  readonly ref: ConversationRef;
  readonly participant: Participant;
  /** 0: never. */
  readonly lastReadAt: Micros;
}

export interface AskedMember {
  readonly id: PrincipalId;
  /** What a principal that the tenant does not know is taken for. */
  readonly kind: PrincipalKind;
  readonly role: ParticipantRole;
}

export interface ConversationAdministration {
  /** Newest activity first; contains everything that was acknowledged before. */
  page(
    request: AdministratorRequest,
    type: ConversationType | null,
    bounds: { readonly limit: number; readonly offset: number },
  ): Promise<SurveyPage | Problem>;
  /** Of the same; `active`: in the last 24 hours. */
  counts(request: AdministratorRequest, type: ConversationType | null): Promise<SurveyCounts | Problem>;
  /** At most limits.conversationsListedMax. */
  conversationsOf(
    request: AdministratorRequest,
    principal: PrincipalId,
  ): Promise<readonly SurveyedConversation[] | Problem>;
  read(
    request: AdministratorRequest,
    conversation: ConversationId,
  ): Promise<AdministeredConversation | Problem>;
  /** These three go through the log like everybody's commands, and are audited. */
  delete(request: AdministratorRequest, conversation: ConversationId): Promise<Problem | null>;
  /** Who is in it already gets the role. */
  addParticipant(
    request: AdministratorRequest,
    conversation: ConversationId,
    member: AskedMember,
  ): Promise<AdministeredParticipant | Problem>;
  /** Also the last owner. `not_found`/`participant_not_found`. */
  removeParticipant(
    request: AdministratorRequest,
    conversation: ConversationId,
    participant: PrincipalId,
  ): Promise<Problem | null>;
}

/** The tenant to ask for a conversation: of a super admin the one that has it (`not_found`: none), else the own one. */
export type TenantOfConversation = (
  by: Principal,
  conversation: ConversationId,
) => Promise<TenantId | Problem>;

/** What every principal may ask about its own tenant. */
export interface TenantOverview {
  /** As ConversationAdministration.counts(). A key that is bound to a service counts what it may see. */
  counts(by: Principal, env: string | null): Promise<SurveyCounts | Problem>;
  /**
   * The conversation with this `metadata.channel`, of `service` or of none; null when there is none that `by`
   * may find: people find those that they may read, agents and services each one, since posting makes them members.
   */
  ofChannel(
    by: Principal,
    channel: Channel,
    service: string,
    env: string | null,
  ): Promise<{ readonly ref: ConversationRef; readonly state: ConversationState } | null | Problem>;
}
