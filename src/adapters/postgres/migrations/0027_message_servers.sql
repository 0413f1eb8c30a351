-- What conversations are grouped by in the words of ElizaOS. The default one, of the nil UUID, has no row: it is there
-- for every tenant, and agents may belong to it all the same.
create table message_servers (
  tenant_id text collate "C" not null,
  id uuid not null,
  name text not null,
  source_type text not null,
  source_id text,
  -- JSON.
  metadata text not null,
  created_us bigint not null,
  updated_us bigint not null,
  primary key (tenant_id, id)
);
create table message_server_agents (
  tenant_id text collate "C" not null,
  server_id uuid not null,
  agent_id text collate "C" not null,
  added_us bigint not null,
  primary key (tenant_id, server_id, agent_id)
);
create index message_server_agents_by_agent on message_server_agents (tenant_id, agent_id);

grant select, insert, delete on message_servers, message_server_agents to parley_requests;

alter table message_servers enable row level security;
create policy own_tenant on message_servers to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
alter table message_server_agents enable row level security;
create policy own_tenant on message_server_agents to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
