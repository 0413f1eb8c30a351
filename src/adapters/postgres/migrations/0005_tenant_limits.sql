-- What an administrator of the platform has set for a tenant. Null, and no row: the default (domain/limits.ts).
create table tenant_limits (
  -- No foreign key: a tenant of an external identity provider has no row in tenants.
  tenant_id text collate "C" primary key,
  conversations bigint check (conversations between 0 and 100000000),
  participants integer check (participants between 2 and 1000),
  messages_per_second integer check (messages_per_second between 1 and 1000000),
  -- Every node reads what changed since it last looked.
  changed_us bigint not null
);
create index tenant_limits_by_change on tenant_limits (changed_us, tenant_id);

grant select, insert, update on tenant_limits to parley_requests;
grant select on tenant_limits to parley_identity;
alter table tenant_limits enable row level security;
create policy own_tenant on tenant_limits to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on tenant_limits to parley_identity using (true) with check (true);
