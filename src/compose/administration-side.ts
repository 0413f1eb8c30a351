/** What administrators do with conversations, and what everybody may ask about its tenant. */
import {
  type ConversationAdministrationDeps,
  conversationAdministrationOver,
} from '../core/administration/conversation-administration.ts';
import { openSharedCounts } from '../core/administration/shared-counts.ts';
import { openFindTenant, tenantOfConversationBy } from '../core/administration/tenant-of-conversation.ts';
import { tenantOverviewOver } from '../core/administration/tenant-overview.ts';
import { openProjectedNow } from '../core/projection/projected-now.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  ConversationAdministration,
  TenantOfConversation,
  TenantOverview,
} from '../ports/conversations/conversation-administration.ts';
import type { ProjectionProgress } from '../ports/projection-feed.ts';

export interface AdministrationSide {
  readonly administration: ConversationAdministration;
  readonly overview: TenantOverview;
  readonly tenantOf: TenantOfConversation;
  /** Answers when the projection holds what was stored before the call. */
  readonly projectedNow: () => Promise<boolean>;
}

export interface AdministrationParts
  extends Omit<ConversationAdministrationDeps, 'counts' | 'projected' | 'findTenant'> {
  readonly feed: ProjectionProgress;
  readonly clock: Clock;
  /** How long questions wait for the projection; absent: limits. */
  readonly projectedWaitMsMax: number | undefined;
}

export function administrationSideOver({
  feed,
  clock,
  projectedWaitMsMax,
  ...parts
}: AdministrationParts): AdministrationSide {
  const projected = openProjectedNow(feed, clock, projectedWaitMsMax);
  const findTenant = openFindTenant({ survey: parts.survey, projected });
  const counts = openSharedCounts(parts.survey, projected, clock);
  return {
    administration: conversationAdministrationOver({ ...parts, counts, projected, findTenant }),
    overview: tenantOverviewOver({ ...parts, counts }),
    tenantOf: tenantOfConversationBy(findTenant),
    projectedNow: () => projected.reached(),
  };
}
