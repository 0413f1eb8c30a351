import type { TenantId } from '../../../domain/ids.ts';
import type {
  ConversationWithParticipants,
  EntityQuery,
  SurveyFilter,
} from '../../../ports/conversations/conversation-survey.ts';
import type { Sql } from '../pool.ts';
import { type SurveyedRow, toSurveyed } from '../projection/conversation-row.ts';
import { matches, surveyedColumns } from './survey-filter.ts';

/**
 * By (updated_us, id) descending: those of one thing by conversations_by_entity, those of none by
 * conversations_by_activity, of one principal by participants_by_principal.
 */
export async function surveyOfEntity(
  sql: Sql,
  filter: SurveyFilter & { readonly tenant: TenantId },
  { type, id, participant, limit }: EntityQuery,
): Promise<readonly ConversationWithParticipants[]> {
  const { tenant } = filter;
  const among =
    participant === null
      ? sql``
      : sql`and c.conversation_id in (
          select p.conversation_id from participants p
          where p.tenant_id = ${tenant} and p.principal_id = ${participant} and p.active
        )`;
  const rows = await sql<(SurveyedRow & { readonly present: readonly string[] })[]>`
    select page.*, array(
      select p.principal_id::text from participants p
      where p.tenant_id = ${tenant} and p.conversation_id = page.conversation_id and p.active
      order by p.joined_us, p.ordinal
    ) as present
    from (
      select ${surveyedColumns(sql)}, c.active_slot from conversations c
      where c.tenant_id = ${tenant} and ${matches(sql, filter)} ${among}
        and ${id === null ? sql`c.entity_type is distinct from ${type}` : sql`c.entity_type = ${type} and c.entity_id = ${id}`}
      order by c.active_slot desc, c.updated_us desc, c.conversation_id desc
      limit ${limit}
    ) page
    order by page.active_slot desc, page.updated_us desc, page.conversation_id desc`;
  return rows.map((row) => ({ conversation: toSurveyed(row), participants: row.present }));
}
