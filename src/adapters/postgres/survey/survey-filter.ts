/** The conditions that every survey shares, over `conversations c`. */
import type { SurveyFilter } from '../../../ports/conversations/conversation-survey.ts';
import type { Sql } from '../pool.ts';

/** Open conversations of a filter. Without a tenant only parley_platform sees any (migrations/0009_platform.sql). */
export function matches(sql: Sql, { tenant, type, env, service }: SurveyFilter) {
  return sql`
    c.status = 'open'
    ${tenant === null ? sql`` : sql`and c.tenant_id = ${tenant}`}
    ${type === null ? sql`` : sql`and c.type = ${type}`}
    ${env === null ? sql`` : sql`and c.env = ${env}`}
    ${service === null ? sql`` : sql`and (c.service_id is null or c.service_id = ${service})`}`;
}

/** The select list of a SurveyedRow. */
export function surveyedColumns(sql: Sql) {
  return sql`
    c.tenant_id, c.conversation_id, c.service_id, c.type, c.name, c.description, c.metadata,
    c.stage, c.entity_type, c.entity_id, c.env, c.created_by, c.created_us, c.changed_us, c.updated_us,
    c.position, c.seq, c.sealed`;
}
