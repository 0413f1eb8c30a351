-- Sessions that end by themselves (ADR 0028), and what is to be told of them, each thing when it is due.
create table timed_sessions (
  tenant_id text collate "C" not null,
  id uuid not null,
  conversation_id text collate "C" not null,
  agent_id text not null,
  user_id text not null,
  -- JSON, sealed where the conversation is.
  metadata text not null,
  created_us bigint not null,
  used_us bigint not null,
  expires_us bigint not null,
  renewals integer not null default 0,
  timeout_minutes double precision not null,
  auto_renew boolean not null,
  max_duration_minutes double precision not null,
  warning_minutes double precision not null,
  -- Its end was told: no clock that is behind makes it longer.
  is_over boolean not null default false,
  primary key (tenant_id, id)
);
create index timed_sessions_by_age on timed_sessions (tenant_id, created_us);
create index timed_sessions_by_user on timed_sessions (tenant_id, user_id, created_us);
create index timed_sessions_by_end on timed_sessions (expires_us);

create table session_notices (
  tenant_id text collate "C" not null,
  session_id uuid not null,
  name text collate "C" not null,
  renewals integer not null,
  conversation_id text collate "C" not null,
  user_id text not null,
  due_us bigint not null,
  expires_us bigint not null,
  -- Until then somebody is about to tell it.
  claimed_until_us bigint not null default 0,
  primary key (tenant_id, session_id, name, renewals)
);
create index session_notices_by_time on session_notices (due_us);

grant select, insert, update, delete on timed_sessions, session_notices to parley_requests;
grant select, update (is_over), delete on timed_sessions to parley_identity;
grant select, update (claimed_until_us), delete on session_notices to parley_identity;

alter table timed_sessions enable row level security;
create policy own_tenant on timed_sessions to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on timed_sessions to parley_identity using (true) with check (true);

alter table session_notices enable row level security;
create policy own_tenant on session_notices to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on session_notices to parley_identity using (true) with check (true);
