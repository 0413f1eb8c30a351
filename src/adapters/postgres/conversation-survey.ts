/** The ConversationSurvey port: with a tenant behind its wall, without one as parley_platform. */
import type { TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ConversationSurvey } from '../../ports/conversations/conversation-survey.ts';
import type { Pool, Sql, TenantPool } from './pool.ts';
import { surveyByCreation } from './survey/survey-by-creation.ts';
import { surveyCounts } from './survey/survey-counts.ts';
import { surveyOfEntity } from './survey/survey-of-entity.ts';
import { surveyOfMessage } from './survey/survey-of-message.ts';
import { surveyOfChannel, surveyOne } from './survey/survey-one.ts';
import { surveyOfPrincipal, surveyPage } from './survey/survey-page.ts';

export interface SurveyPools {
  readonly requests: TenantPool;
  /** Of one tenant, too: statements that may last, on connections that nobody else waits for. */
  readonly counting: TenantPool;
  /** Sees the conversations and participants of all tenants. */
  readonly platform: Pool;
}

export function openConversationSurvey({ requests, counting, platform }: SurveyPools): ConversationSurvey {
  function answering<T>(tenant: TenantId | null, work: (sql: Sql) => Promise<T>): Promise<T | Problem> {
    return tenant === null ? platform.answering(work) : requests.answering(tenant, work);
  }

  function lasting<T>(tenant: TenantId | null, work: (sql: Sql) => Promise<T>): Promise<T | Problem> {
    return tenant === null ? platform.answering(work) : counting.answering(tenant, work);
  }

  return {
    page: (filter, bounds) => lasting(filter.tenant, (sql) => surveyPage(sql, filter, bounds)),
    counts: (filter, activeSince) => lasting(filter.tenant, (sql) => surveyCounts(sql, filter, activeSince)),
    ofPrincipal: (filter, principal, limit) =>
      answering(filter.tenant, (sql) => surveyOfPrincipal(sql, filter, principal, limit)),
    byCreation: (filter, principal, query) =>
      answering(filter.tenant, (sql) => surveyByCreation(sql, filter, principal, query)),
    ofEntity: (filter, query) =>
      requests.answering(filter.tenant, (sql) => surveyOfEntity(sql, filter, query)),
    ofMessage: (tenant, message) =>
      requests.answering(tenant, (sql) => surveyOfMessage(sql, tenant, message)),
    find: (tenant, conversation) => answering(tenant, (sql) => surveyOne(sql, tenant, conversation)),
    ofChannel: (tenant, channel, limit) =>
      requests.answering(tenant, (sql) => surveyOfChannel(sql, tenant, channel, limit)),
  };
}
