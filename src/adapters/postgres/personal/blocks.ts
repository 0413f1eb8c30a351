import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Block } from '../../../ports/conversations/personal.ts';
import type { Sql, Transaction } from '../pool.ts';

interface BlockRow {
  readonly blocked_id: string;
  readonly created_us: number;
}

const toBlock = ({ blocked_id, created_us }: BlockRow): Block => ({ blocked: blocked_id, at: created_us });

export async function readBlocks(sql: Sql, tenant: TenantId, principal: PrincipalId): Promise<Block[]> {
  const rows = await sql<BlockRow[]>`
    select blocked_id, created_us from blocks
    where tenant_id = ${tenant} and principal_id = ${principal}
    order by created_us, blocked_id limit ${limits.blocksPerPrincipalMax}`;
  return rows.map(toBlock);
}

export async function insertBlock(
  tx: Transaction,
  tenant: TenantId,
  principal: PrincipalId,
  blocked: PrincipalId,
): Promise<Block | Problem> {
  // Two at once would both be the last that there is room for. Freed with the transaction.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`blocks ${tenant} ${principal}`}, 0))`;
  const rows = await tx<(BlockRow & { is_over: boolean })[]>`
    with others as (
      select count(*) as count from blocks
      where tenant_id = ${tenant} and principal_id = ${principal} and blocked_id <> ${blocked}
    ), made as (
      insert into blocks (tenant_id, principal_id, blocked_id, created_us)
      select ${tenant}, ${principal}, ${blocked}, (extract(epoch from clock_timestamp()) * 1000000)::bigint
      from others where count < ${limits.blocksPerPrincipalMax}
      on conflict (tenant_id, principal_id, blocked_id) do nothing
      returning blocked_id, created_us
    )
    select blocked_id, created_us from made
    union all
    select blocked_id, created_us from blocks
    where tenant_id = ${tenant} and principal_id = ${principal} and blocked_id = ${blocked}`;
  const [row] = rows;
  if (row !== undefined) return toBlock(row);
  return new Problem('conflict', `At most ${limits.blocksPerPrincipalMax} can be blocked.`, {
    reason: 'too_many_blocks',
  });
}

export async function deleteBlock(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  blocked: PrincipalId,
): Promise<boolean> {
  const rows = await sql`
    delete from blocks
    where tenant_id = ${tenant} and principal_id = ${principal} and blocked_id = ${blocked}
    returning 1`;
  return rows.length > 0;
}
