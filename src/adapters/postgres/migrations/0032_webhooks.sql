-- Where events of a tenant are posted to, and what could not be delivered.
create table webhooks (
  -- No foreign key: a tenant of an external identity provider has no row in tenants.
  tenant_id text collate "C" not null,
  id uuid not null,
  url text not null,
  description text not null,
  -- Empty: of every type.
  event_types text[] not null,
  conversation_id text collate "C",
  service_id text,
  status text collate "C" not null check (status in ('active', 'paused', 'disabled')),
  disabled_reason text collate "C" check ((disabled_reason is not null) = (status = 'disabled')),
  -- Sealed with the tenant's data key; the former one signs as well until its time is up.
  secret text not null,
  previous_secret text,
  previous_until_us bigint check ((previous_until_us is null) = (previous_secret is null)),
  created_us bigint not null,
  created_by text not null,
  -- Grows with each change that a node which delivers has to know of.
  changed_us bigint not null,
  -- Since when nothing was delivered; null: the last delivery was one.
  failing_since_us bigint,
  last_success_us bigint,
  last_failure_us bigint,
  last_failure_status integer,
  last_failure_reason text collate "C",
  primary key (tenant_id, id)
);

create table webhook_dead_letters (
  tenant_id text collate "C" not null,
  webhook_id uuid not null,
  -- The id of the event.
  id text collate "C" not null,
  conversation_id text collate "C" not null,
  service_id text,
  log_seq bigint not null,
  position bigint not null,
  type text collate "C" not null,
  attempts integer not null,
  last_status integer,
  reason text collate "C" not null,
  died_us bigint not null,
  primary key (tenant_id, webhook_id, id),
  foreign key (tenant_id, webhook_id) references webhooks (tenant_id, id) on delete cascade
);
create index webhook_dead_letters_by_time on webhook_dead_letters (tenant_id, webhook_id, died_us, id);
create index webhook_dead_letters_by_age on webhook_dead_letters (died_us);

grant select, insert, update, delete on webhooks, webhook_dead_letters to parley_requests;
-- Which there are, for the nodes that deliver; old letters go.
grant select (tenant_id, id, status, changed_us) on webhooks to parley_identity;
grant select, delete on webhook_dead_letters to parley_identity;
-- Who wants an event.
grant select (tenant_id, id, status, event_types, conversation_id, service_id, created_us) on webhooks to parley_projector;

alter table webhooks enable row level security;
create policy own_tenant on webhooks to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on webhooks to parley_identity using (true) with check (true);
create policy all_tenants_seen on webhooks to parley_projector using (true) with check (true);

alter table webhook_dead_letters enable row level security;
create policy own_tenant on webhook_dead_letters to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on webhook_dead_letters to parley_identity using (true) with check (true);
