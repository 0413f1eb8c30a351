/** The MessageServers port on PostgreSQL. */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Micros } from '../../../domain/time.ts';
import type { MessageServer, MessageServers } from '../../../ports/agents/message-servers.ts';
import type { TenantPool, Transaction } from '../pool.ts';

interface ServerRow {
  readonly id: string;
  readonly name: string;
  readonly source_type: string;
  readonly source_id: string | null;
  readonly metadata: string;
  readonly created_us: number;
  readonly updated_us: number;
}

export function openMessageServers(pool: TenantPool): MessageServers {
  return {
    list: (tenant) =>
      pool.answering(tenant, async (sql) => {
        const rows = await sql<ServerRow[]>`
          select id, name, source_type, source_id, metadata, created_us, updated_us from message_servers
          where tenant_id = ${tenant} order by created_us, id limit ${limits.messageServersPerTenantMax}`;
        return rows.map(toServer);
      }),

    find: (tenant, id) =>
      pool.answering(tenant, async (sql) => {
        const [row] = await sql<ServerRow[]>`
          select id, name, source_type, source_id, metadata, created_us, updated_us from message_servers
          where tenant_id = ${tenant} and id = ${id}`;
        return row === undefined ? null : toServer(row);
      }),

    add: (tenant, server) => pool.transacting(tenant, (tx) => insertServer(tx, tenant, server)),

    remove: (tenant, id) =>
      pool.transacting(tenant, async (tx) => {
        await tx`delete from message_server_agents where tenant_id = ${tenant} and server_id = ${id}`;
        const { count } = await tx`delete from message_servers where tenant_id = ${tenant} and id = ${id}`;
        return count === 1;
      }),

    agentsOf: (tenant, server) =>
      pool.answering(tenant, async (sql) => {
        const rows = await sql<{ agent_id: string }[]>`
          select agent_id from message_server_agents where tenant_id = ${tenant} and server_id = ${server}
          order by added_us, agent_id limit ${limits.agentsPerMessageServerMax}`;
        return rows.map((row) => row.agent_id);
      }),

    addAgent: (tenant, server, agent, at) =>
      pool.transacting(tenant, (tx) => insertAgent(tx, tenant, server, agent, at)),

    removeAgent: (tenant, server, agent) =>
      pool.answering(tenant, async (sql) => {
        await sql`
          delete from message_server_agents
          where tenant_id = ${tenant} and server_id = ${server} and agent_id = ${agent}`;
        return null;
      }),

    serversOf: (tenant, agent) =>
      pool.answering(tenant, async (sql) => {
        const rows = await sql<{ server_id: string }[]>`
          select server_id from message_server_agents where tenant_id = ${tenant} and agent_id = ${agent}
          order by added_us, server_id limit ${limits.messageServersPerTenantMax + 1}`;
        return rows.map((row) => row.server_id);
      }),
  };
}

async function insertServer(tx: Transaction, tenant: TenantId, server: MessageServer) {
  // Two at once would both be the last that there is room for. Freed with the transaction.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`message servers ${tenant}`}, 0))`;
  const { id, name, sourceType, sourceId, metadata, createdAt, updatedAt } = server;
  const { count } = await tx`
    insert into message_servers (
      tenant_id, id, name, source_type, source_id, metadata, created_us, updated_us
    )
    select ${tenant}, ${id}, ${name}, ${sourceType}, ${sourceId}, ${JSON.stringify(metadata)},
      ${createdAt}, ${updatedAt}
    where (select count(*) from message_servers where tenant_id = ${tenant})
      < ${limits.messageServersPerTenantMax}`;
  return count === 1 ? null : tooMany(limits.messageServersPerTenantMax, 'message servers');
}

async function insertAgent(
  tx: Transaction,
  tenant: TenantId,
  server: string,
  agent: PrincipalId,
  at: Micros,
) {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`agents of ${tenant} ${server}`}, 0))`;
  const [row] = await tx<{ others: number }[]>`
    select count(*) filter (where agent_id <> ${agent}) as others from message_server_agents
    where tenant_id = ${tenant} and server_id = ${server}`;
  if ((row?.others ?? 0) >= limits.agentsPerMessageServerMax) {
    return tooMany(limits.agentsPerMessageServerMax, 'agents');
  }
  await tx`
    insert into message_server_agents (tenant_id, server_id, agent_id, added_us)
    values (${tenant}, ${server}, ${agent}, ${at}) on conflict do nothing`;
  return null;
}

function tooMany(max: number, what: string): Problem {
  return new Problem('conflict', `There may be ${max} ${what} at most.`, { reason: 'too_many' });
}

function toServer(row: ServerRow): MessageServer {
  return {
    ...{ id: row.id, name: row.name, sourceType: row.source_type, sourceId: row.source_id },
    metadata: JSON.parse(row.metadata) as MessageServer['metadata'],
    ...{ createdAt: row.created_us, updatedAt: row.updated_us },
  };
}
