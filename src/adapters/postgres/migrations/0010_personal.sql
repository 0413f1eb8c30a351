-- What principals set for themselves: truths of their own, which a rebuild of the projection leaves alone.

create table conversation_marks (
  tenant_id text collate "C" not null,
  principal_id text collate "C" not null,
  conversation_id text collate "C" not null,
  -- Entries up to here are gone for this principal; the conversation itself until something newer comes.
  cleared_seq bigint not null default 0 check (cleared_seq >= 0),
  muted_until_us bigint,
  archived_us bigint,
  primary key (tenant_id, principal_id, conversation_id)
) with (fillfactor = 70);
-- A deleted conversation leaves no marks.
create index conversation_marks_by_conversation on conversation_marks (tenant_id, conversation_id);

-- Whom a principal does not want to see.
create table blocks (
  tenant_id text collate "C" not null,
  principal_id text collate "C" not null,
  blocked_id text collate "C" not null,
  created_us bigint not null,
  primary key (tenant_id, principal_id, blocked_id),
  check (blocked_id <> principal_id)
);

grant select, insert, update on conversation_marks to parley_requests;
grant select, insert, delete on blocks to parley_requests;
grant select, delete on conversation_marks to parley_projector;

alter table conversation_marks enable row level security;
create policy own_tenant on conversation_marks to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on conversation_marks to parley_projector using (true) with check (true);

alter table blocks enable row level security;
create policy own_tenant on blocks to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
