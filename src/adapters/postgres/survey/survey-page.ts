import type { PrincipalId } from '../../../domain/ids.ts';
import type {
  SurveyedConversation,
  SurveyFilter,
  SurveyPage,
} from '../../../ports/conversations/conversation-survey.ts';
import type { Sql } from '../pool.ts';
import { type SurveyedRow, toSurveyed } from '../projection/conversation-row.ts';
import { matches, surveyedColumns } from './survey-filter.ts';

/**
 * A page by (updated_us, id) descending, and how many there are on all of them. At 1,000,000 conversations (2
 * busy cores) the first page takes 1 ms by the indexes of 0009_platform.sql, one at offset 100,000 and of one
 * type up to 4 s; the total, which reads all rows of the filter, 0.1 to 0.4 s.
 */
export async function surveyPage(
  sql: Sql,
  filter: SurveyFilter,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<SurveyPage> {
  const [rows, [counted]] = await Promise.all([
    sql<SurveyedRow[]>`
      select ${surveyedColumns(sql)} from conversations c where ${matches(sql, filter)}
      order by c.active_slot desc, c.updated_us desc, c.conversation_id desc
      limit ${limit} offset ${offset}`,
    sql<{ total: number }[]>`select count(*) as total from conversations c where ${matches(sql, filter)}`,
  ]);
  return { conversations: rows.map(toSurveyed), total: counted?.total ?? 0 };
}

/**
 * Those with an active participant of that id, newest activity first. Without a tenant this reads the index of
 * `participants` as a whole: 0.4 s at 3,000,000.
 */
export async function surveyOfPrincipal(
  sql: Sql,
  filter: SurveyFilter,
  principal: PrincipalId,
  limit: number,
): Promise<readonly SurveyedConversation[]> {
  const rows = await sql<SurveyedRow[]>`
    select ${surveyedColumns(sql)}
    from participants p join conversations c using (tenant_id, conversation_id)
    where p.principal_id = ${principal} and p.active and ${matches(sql, filter)}
    order by c.updated_us desc, c.conversation_id desc
    limit ${limit}`;
  return rows.map(toSurveyed);
}
