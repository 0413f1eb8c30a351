/** The ReplyStore port on PostgreSQL. */
import type { ReplyPlace, ReplyStore } from '../../../ports/http/stored-replies.ts';
import type { Sql, TenantPool } from '../pool.ts';
import { beginReply } from './begin-reply.ts';

export function openReplyStore(pool: TenantPool): ReplyStore {
  return {
    begin: (place, attempt, bounds) =>
      pool.transacting(place.tenant, (tx) => beginReply(tx, place, attempt, bounds)),
    finish: (place, attempt, reply) =>
      pool.answering(place.tenant, (sql) => finishReply(sql, place, attempt, reply)),
    abandon: (place, attempt) => pool.answering(place.tenant, (sql) => abandonReply(sql, place, attempt)),
  };
}

async function finishReply(
  sql: Sql,
  { tenant, principal, scope, key }: ReplyPlace,
  attempt: string,
  reply: string | null,
): Promise<null> {
  await sql`
    update stored_replies set is_done = true, reply = ${reply}
    where tenant_id = ${tenant} and principal_id = ${principal} and scope = ${scope} and key = ${key}
      and attempt = ${attempt}`;
  return null;
}

async function abandonReply(
  sql: Sql,
  { tenant, principal, scope, key }: ReplyPlace,
  attempt: string,
): Promise<null> {
  await sql`
    delete from stored_replies
    where tenant_id = ${tenant} and principal_id = ${principal} and scope = ${scope} and key = ${key}
      and attempt = ${attempt} and not is_done`;
  return null;
}
