-- One prompt for one agent, and its answer. Both texts are messages of the conversation that a row names.
create table jobs (
  tenant_id text collate "C" not null,
  id uuid not null,
  conversation_id text collate "C" not null,
  agent_id text not null,
  user_id text not null,
  prompt_id text collate "C" not null,
  answer_id text collate "C",
  status text collate "C" not null check (status in ('pending', 'processing', 'completed', 'failed', 'timeout')),
  error text,
  -- JSON, sealed where the conversation is.
  metadata text not null,
  created_us bigint not null,
  expires_us bigint not null,
  ended_us bigint,
  primary key (tenant_id, id)
);
create index jobs_by_age on jobs (tenant_id, created_us);
create index jobs_by_user on jobs (tenant_id, user_id, created_us);
create index jobs_under_way on jobs (expires_us) where ended_us is null;
create index jobs_over on jobs (ended_us) where ended_us is not null;

grant select, insert, update (status, answer_id, error, ended_us), delete on jobs to parley_requests;
grant select, delete on jobs to parley_identity;

alter table jobs enable row level security;
create policy own_tenant on jobs to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on jobs to parley_identity using (true) with check (true);
