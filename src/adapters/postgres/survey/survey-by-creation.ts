import type { PrincipalId } from '../../../domain/ids.ts';
import type {
  CreationQuery,
  SurveyedConversation,
  SurveyFilter,
} from '../../../ports/conversations/conversation-survey.ts';
import type { Sql } from '../pool.ts';
import { type SurveyedRow, toSurveyed } from '../projection/conversation-row.ts';
import { matches, surveyedColumns } from './survey-filter.ts';

/** Those with an active participant of that id, by (created_us, id) descending. */
export async function surveyByCreation(
  sql: Sql,
  filter: SurveyFilter,
  principal: PrincipalId,
  { entity, offset, limit }: CreationQuery,
): Promise<readonly SurveyedConversation[]> {
  const { tenant } = filter;
  const rows = await sql<SurveyedRow[]>`
    select ${surveyedColumns(sql)}
    from participants p join conversations c using (tenant_id, conversation_id)
    where p.principal_id = ${principal} and p.active ${tenant === null ? sql`` : sql`and p.tenant_id = ${tenant}`}
      and ${matches(sql, filter)}
      ${entity.type === null ? sql`` : sql`and c.entity_type = ${entity.type}`}
      ${entity.id === null ? sql`` : sql`and c.entity_id = ${entity.id}`}
    order by c.created_us desc, c.conversation_id desc
    limit ${limit} offset ${offset}`;
  return rows.map(toSurveyed);
}
