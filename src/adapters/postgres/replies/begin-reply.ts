import { limits } from '../../../domain/limits.ts';
import type { Begun, ReplyPlace, ReplyStore } from '../../../ports/http/stored-replies.ts';
import type { Transaction } from '../pool.ts';

type Attempt = Parameters<ReplyStore['begin']>[1];
type Bounds = Parameters<ReplyStore['begin']>[2];

/** Takes the place, or tells who has it. Some of what is to be forgotten goes with each attempt. */
export async function beginReply(
  tx: Transaction,
  { tenant, principal, scope, key }: ReplyPlace,
  { id, hash }: Attempt,
  { staleMs, keptMs }: Bounds,
): Promise<Begun> {
  const [taken] = await tx<{ created_us: number }[]>`
    with clock as (select (extract(epoch from now()) * 1000000)::bigint as now_us)
    insert into stored_replies as r (tenant_id, principal_id, scope, key, content_hash, attempt, created_us)
    select ${tenant}, ${principal}, ${scope}, ${key}, ${hash}, ${id}, now_us from clock
    on conflict (tenant_id, principal_id, scope, key) do update set
      content_hash = excluded.content_hash, attempt = excluded.attempt, created_us = excluded.created_us,
      is_done = false, reply = null
    where r.created_us < excluded.created_us - ${keptMs * 1000}::bigint
      or (
        not r.is_done and r.content_hash = excluded.content_hash
        and r.created_us < excluded.created_us - ${staleMs * 1000}::bigint
      )
    returning r.created_us`;
  if (taken !== undefined) {
    const forgetBefore = taken.created_us - keptMs * 1000;
    await tx`
      delete from stored_replies where (tenant_id, principal_id, scope, key) in (
        select tenant_id, principal_id, scope, key from stored_replies
        where tenant_id = ${tenant} and created_us < ${forgetBefore}
        order by created_us limit ${limits.repliesForgottenAtOnce}
        for update skip locked
      )`;
    return { state: 'begun' };
  }
  const rows = await tx<{ content_hash: number; is_done: boolean; reply: string | null }[]>`
    select content_hash, is_done, reply from stored_replies
    where tenant_id = ${tenant} and principal_id = ${principal} and scope = ${scope} and key = ${key}`;
  const row = rows[0];
  // Freed between the two statements: the caller asks again.
  if (row === undefined) return { state: 'running' };
  if (row.content_hash !== hash) return { state: 'other' };
  return row.is_done ? { state: 'done', reply: row.reply } : { state: 'running' };
}
