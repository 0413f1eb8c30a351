/** The WorldStore port on PostgreSQL. */
import type { TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { World, WorldChanges, WorldStore } from '../../../ports/agents/worlds.ts';
import type { Sql, TenantPool, Transaction } from '../pool.ts';

interface WorldRow {
  readonly tenant_id: string;
  readonly agent_id: string;
  readonly id: string;
  readonly name: string;
  readonly message_server_id: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly created_us: number;
}

export function openWorldStore(pool: TenantPool): WorldStore {
  return {
    list: (tenant, agent) =>
      pool.answering(tenant, async (sql) => {
        const rows = await sql<WorldRow[]>`
          select ${columns(sql)} from worlds
          where tenant_id = ${tenant} and (${agent}::text is null or agent_id = ${agent})
          order by created_us, id limit ${limits.worldsListedMax}`;
        return rows.map(toWorld);
      }),

    find: (tenant, id) =>
      pool.answering(tenant, async (sql) => {
        const [row] = await sql<WorldRow[]>`
          select ${columns(sql)} from worlds where tenant_id = ${tenant} and id = ${id}
          order by created_us limit 1`;
        return row === undefined ? null : toWorld(row);
      }),

    add: (world) => pool.transacting(world.tenant, (tx) => addWorld(tx, world)),

    change: (tenant, agent, id, changes) =>
      pool.transacting(tenant, (tx) => changeWorld(tx, tenant, [agent, id], changes)),
  };
}

/** The row of the agent is locked: so that it stays, and has no more worlds than it may. */
async function addWorld(tx: Transaction, world: World): Promise<World | Problem> {
  const { tenant, agent, id, name, server, metadata, createdAt } = world;
  const [owner] = await tx`
    select 1 from principals where tenant_id = ${tenant} and id = ${agent} and kind = 'agent' for update`;
  if (owner === undefined) return new Problem('not_found');
  const [there] = await tx<WorldRow[]>`
    select ${columns(tx)} from worlds where tenant_id = ${tenant} and agent_id = ${agent} and id = ${id}`;
  if (there !== undefined) return toWorld(there);
  const [row] = await tx<{ count: number }[]>`
    select count(*) as count from worlds where tenant_id = ${tenant} and agent_id = ${agent}`;
  if ((row?.count ?? 0) >= limits.worldsPerAgentMax) {
    return new Problem('conflict', `An agent has ${limits.worldsPerAgentMax} worlds at most.`, {
      reason: 'too_many',
    });
  }
  await tx`
    insert into worlds (tenant_id, agent_id, id, name, message_server_id, metadata, created_us)
    values (${tenant}, ${agent}, ${id}, ${name}, ${server}, ${tx.json(metadata as never)}, ${createdAt})`;
  return world;
}

async function changeWorld(
  tx: Transaction,
  tenant: TenantId,
  [agent, id]: readonly [string, string],
  { name, metadata }: WorldChanges,
): Promise<World | null | Problem> {
  const [row] = await tx<WorldRow[]>`
    select ${columns(tx)} from worlds
    where tenant_id = ${tenant} and agent_id = ${agent} and id = ${id} for update`;
  if (row === undefined) return null;
  const world = toWorld(row);
  const changed = {
    ...world,
    name: name ?? world.name,
    metadata: { ...world.metadata, ...metadata },
  };
  if (new TextEncoder().encode(JSON.stringify(changed.metadata)).length > limits.metadataBytesMax) {
    return new Problem('too_large', `Metadata have ${limits.metadataBytesMax} bytes at most.`);
  }
  await tx`
    update worlds set name = ${changed.name}, metadata = ${tx.json(changed.metadata as never)}
    where tenant_id = ${tenant} and agent_id = ${agent} and id = ${id}`;
  return changed;
}

function columns(sql: Sql | Transaction) {
  return sql`tenant_id, agent_id, id, name, message_server_id, metadata, created_us`;
}

function toWorld(row: WorldRow): World {
  return {
    tenant: row.tenant_id,
    agent: row.agent_id,
    id: row.id,
    name: row.name,
    server: row.message_server_id,
    metadata: row.metadata,
    createdAt: row.created_us,
  };
}
