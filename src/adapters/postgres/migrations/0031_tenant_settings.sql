-- What a tenant's administrators keep for their agents, as variables: one sealed text, for they may be keys of
-- other services.
create table tenant_settings (
  tenant_id text collate "C" primary key references tenants (id) on delete cascade,
  -- JSON of names and values, sealed with the tenant's data key.
  sealed text not null,
  updated_us bigint not null
);

grant select, insert, update, delete on tenant_settings to parley_requests;

alter table tenant_settings enable row level security;
create policy own_tenant on tenant_settings to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
