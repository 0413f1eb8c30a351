-- Who an agent is beyond its name, and what it did: truths of their own, which a rebuild of the projection leaves
-- alone.

create table agent_characters (
  tenant_id text collate "C" not null,
  agent_id text not null,
  -- As a file of ElizaOS has it, without its secrets. Not jsonb: a text may hold an escaped U+0000.
  character json not null,
  updated_us bigint not null,
  primary key (tenant_id, agent_id),
  foreign key (tenant_id, agent_id) references principals (tenant_id, id) on delete cascade
);

-- Nodes keep what they know of an agent until it changes.
create function note_character_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select tenant_id, 'principal', agent_id, 'changed' from now_rows;
  return null;
end $$;
create trigger agent_characters_inserted after insert on agent_characters
  referencing new table as now_rows
  for each statement execute function note_character_change();
create trigger agent_characters_updated after update on agent_characters
  referencing new table as now_rows
  for each statement execute function note_character_change();

create table agent_runs (
  tenant_id text collate "C" not null,
  run_id text collate "C" not null,
  agent_id text collate "C" not null,
  conversation_id text collate "C" not null,
  room_id text collate "C" not null,
  -- The message that is answered, and who said it.
  message_id text collate "C" not null,
  entity_id text collate "C" not null,
  status text not null check (status in ('started', 'completed', 'timeout', 'error')),
  -- How its turn ended; null: not yet.
  outcome text,
  started_us bigint not null,
  ended_us bigint,
  actions integer not null default 0,
  model_calls integer not null default 0,
  errors integer not null default 0,
  evaluators integer not null default 0,
  metadata json not null,
  events json not null,
  primary key (tenant_id, run_id)
);
create index agent_runs_of on agent_runs (tenant_id, agent_id, started_us desc, run_id desc);
create index agent_runs_in on agent_runs (tenant_id, conversation_id);
create index agent_runs_by_age on agent_runs using brin (started_us);
create index agent_runs_started on agent_runs (started_us) where status = 'started';

create table agent_logs (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  at_us bigint not null,
  type text not null,
  level text not null,
  -- Never texts of messages.
  body json not null,
  conversation_id text collate "C",
  room_id text collate "C",
  entity_id text collate "C",
  run_id text collate "C",
  primary key (tenant_id, id)
);
create index agent_logs_of on agent_logs (tenant_id, agent_id, at_us desc, id desc);
create index agent_logs_of_tenant on agent_logs (tenant_id, at_us desc, id desc);
create index agent_logs_in on agent_logs (tenant_id, conversation_id);
create index agent_logs_by_age on agent_logs using brin (at_us);

create table agent_memories (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  table_name text not null,
  room_id text collate "C" not null,
  -- Null: of no message.
  conversation_id text collate "C",
  message_id text collate "C",
  entity_id text collate "C" not null,
  world_id text collate "C",
  content json not null,
  is_unique boolean not null default true,
  metadata json not null,
  created_us bigint not null,
  primary key (tenant_id, id)
);
create index agent_memories_of on agent_memories (tenant_id, agent_id, created_us desc, id desc);
create index agent_memories_in_room on agent_memories (tenant_id, agent_id, room_id, created_us desc, id desc);
create index agent_memories_of_message on agent_memories (tenant_id, conversation_id, message_id);
create index agent_memories_by_age on agent_memories using brin (created_us);

grant select, insert, update on agent_characters to parley_requests;
grant select, insert, update, delete on agent_runs, agent_logs, agent_memories to parley_requests;
-- What is old is swept, whosever it is…
grant select, delete on agent_runs, agent_logs, agent_memories to parley_identity;
grant update (status, ended_us, outcome) on agent_runs to parley_identity;
-- …and what was deleted is remembered by nobody.
grant select, delete on agent_runs, agent_logs, agent_memories to parley_projector;

alter table agent_characters enable row level security;
create policy own_tenant on agent_characters to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));

alter table agent_runs enable row level security;
create policy own_tenant on agent_runs to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on agent_runs to parley_identity using (true) with check (true);
create policy all_tenants_wiped on agent_runs to parley_projector using (true) with check (true);

alter table agent_logs enable row level security;
create policy own_tenant on agent_logs to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on agent_logs to parley_identity using (true) with check (true);
create policy all_tenants_wiped on agent_logs to parley_projector using (true) with check (true);

alter table agent_memories enable row level security;
create policy own_tenant on agent_memories to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on agent_memories to parley_identity using (true) with check (true);
create policy all_tenants_wiped on agent_memories to parley_projector using (true) with check (true);
