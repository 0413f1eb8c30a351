import type { ConversationRef } from '../../../domain/event.ts';
import type { ConversationId, TenantId } from '../../../domain/ids.ts';
import type { Channel, SurveyedConversation } from '../../../ports/conversations/conversation-survey.ts';
import type { Sql } from '../pool.ts';
import { type SurveyedRow, toSurveyed } from '../projection/conversation-row.ts';
import { matches, surveyedColumns } from './survey-filter.ts';

/** Without a tenant: of whichever one; ids are unique over all of them. */
export async function surveyOne(
  sql: Sql,
  tenant: TenantId | null,
  conversation: ConversationId,
): Promise<SurveyedConversation | null> {
  const [row] = await sql<SurveyedRow[]>`
    select ${surveyedColumns(sql)} from conversations c
    where c.conversation_id = ${conversation} and ${matches(sql, { tenant, type: null, env: null, service: null })}
    limit 1`;
  return row === undefined ? null : toSurveyed(row);
}

/** By the hash of the three texts (migrations/0009_platform.sql). */
export async function surveyOfChannel(
  sql: Sql,
  tenant: TenantId,
  { type, connectionId, chatId }: Channel,
  limit: number,
): Promise<readonly ConversationRef[]> {
  const rows = await sql<{ conversation_id: string; service_id: string | null }[]>`
    select c.conversation_id, c.service_id from conversations c
    where c.tenant_id = ${tenant} and c.status = 'open'
      and c.channel = channel_key(${type}::text, ${connectionId}::text, ${chatId}::text)
    order by c.updated_us desc, c.conversation_id desc
    limit ${limit}`;
  return rows.map((row) => ({ tenant, service: row.service_id, conversation: row.conversation_id }));
}
