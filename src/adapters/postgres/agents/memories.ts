/** Memories of agents, newest first. */
import { isUuid } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { AgentMemory, MemoryChanges, MemoryQuery } from '../../../ports/agents/agent-records.ts';
import type { Sql } from '../pool.ts';

type Json = Readonly<Record<string, unknown>>;

interface MemoryRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly agent_id: string;
  readonly table_name: string;
  readonly room_id: string;
  readonly conversation_id: string | null;
  readonly message_id: string | null;
  readonly entity_id: string;
  readonly world_id: string | null;
  readonly content: Json;
  readonly is_unique: boolean;
  readonly metadata: Json;
  readonly created_us: number;
}

const columns = (sql: Sql) => sql`
  m.tenant_id, m.id, m.agent_id, m.table_name, m.room_id, m.conversation_id, m.message_id, m.entity_id, m.world_id,
  m.content, m.is_unique, m.metadata, m.created_us`;

export async function readMemories(
  sql: Sql,
  tenant: string,
  query: MemoryQuery,
): Promise<readonly AgentMemory[]> {
  const { agent, table = null, room = null, entity = null, before = null } = query;
  const inRoom = room === null ? sql`` : sql`and m.room_id = ${room}`;
  const rows = await sql<MemoryRow[]>`
    select ${columns(sql)} from agent_memories m
    where m.tenant_id = ${tenant} and m.agent_id = ${agent} ${inRoom}
      and (${table}::text is null or m.table_name = ${table})
      and (${entity}::text is null or m.entity_id = ${entity})
      and (${before}::bigint is null or m.created_us < ${before})
    order by m.created_us desc, m.id desc limit ${Math.min(query.limit, limits.agentRecordsPageMax)}`;
  return rows.map(toMemory);
}

export async function readMemory(
  sql: Sql,
  tenant: string,
  agent: string,
  id: string,
): Promise<AgentMemory | null> {
  if (!isUuid(id)) return null;
  const [row] = await sql<MemoryRow[]>`
    select ${columns(sql)} from agent_memories m
    where m.tenant_id = ${tenant} and m.agent_id = ${agent} and m.id = ${id}`;
  return row === undefined ? null : toMemory(row);
}

export async function changeMemory(
  sql: Sql,
  { tenant, agent, id }: Pick<AgentMemory, 'tenant' | 'agent' | 'id'>,
  changes: MemoryChanges,
): Promise<AgentMemory | null> {
  if (!isUuid(id)) return null;
  const { table = null, room = null, entity = null, isUnique = null, createdAt = null } = changes;
  const [row] = await sql<MemoryRow[]>`
    update agent_memories m set
      table_name = coalesce(${table}, m.table_name), room_id = coalesce(${room}, m.room_id),
      entity_id = coalesce(${entity}, m.entity_id), is_unique = coalesce(${isUnique}::boolean, m.is_unique),
      created_us = coalesce(${createdAt}::bigint, m.created_us),
      content = coalesce(${jsonOf(changes.content)}::text::json, m.content),
      metadata = coalesce(${jsonOf(changes.metadata)}::text::json, m.metadata),
      world_id = case when ${changes.world !== undefined} then ${changes.world ?? null} else m.world_id end
    where m.tenant_id = ${tenant} and m.agent_id = ${agent} and m.id = ${id}
    returning ${columns(sql)}`;
  return row === undefined ? null : toMemory(row);
}

export async function deleteMemory(sql: Sql, tenant: string, agent: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const { count } = await sql`
    delete from agent_memories where tenant_id = ${tenant} and agent_id = ${agent} and id = ${id}`;
  return count > 0;
}

export async function deleteMemories(
  sql: Sql,
  tenant: string,
  agent: string,
  room: string | null,
): Promise<number> {
  const { count } = await sql`
    delete from agent_memories m using (
      select d.id from agent_memories d
      where d.tenant_id = ${tenant} and d.agent_id = ${agent} and (${room}::text is null or d.room_id = ${room})
      order by d.id limit ${limits.agentRecordsDeletedAtOnce} for update
    ) as doomed
    where m.tenant_id = ${tenant} and m.id = doomed.id`;
  return count;
}

function jsonOf(value: Json | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function toMemory(row: MemoryRow): AgentMemory {
  return {
    tenant: row.tenant_id,
    id: row.id,
    agent: row.agent_id,
    table: row.table_name,
    room: row.room_id,
    conversation: row.conversation_id,
    message: row.message_id,
    entity: row.entity_id,
    world: row.world_id,
    content: row.content,
    isUnique: row.is_unique,
    metadata: row.metadata,
    createdAt: row.created_us,
  };
}
