-- Worlds: what an agent groups its rooms by. Several agents may have the same world, each its own row of it.
create table worlds (
  tenant_id text collate "C" not null,
  agent_id text not null,
  id uuid not null,
  name text not null,
  -- Null: of none.
  message_server_id text collate "C",
  metadata jsonb not null,
  created_us bigint not null,
  primary key (tenant_id, agent_id, id),
  foreign key (tenant_id, agent_id) references principals (tenant_id, id) on delete cascade
);
create index worlds_by_id on worlds (tenant_id, id);

grant select, insert, update (name, metadata), delete on worlds to parley_requests;

alter table worlds enable row level security;
create policy own_tenant on worlds to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
