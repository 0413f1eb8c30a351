-- A random id that stands for one conversation of one principal: what clients of General Bots call a session.
-- A guest's is a capability, so the row of one tenant is never seen by another.
create table conversation_sessions (
  tenant_id text collate "C" not null,
  id uuid not null,
  conversation_id text collate "C" not null,
  principal_id text not null,
  -- The identity session of a guest; null: somebody with an account.
  sid uuid,
  created_us bigint not null,
  -- The end of the sliding window, never later than ends_us; null: it has none.
  expires_us bigint,
  ends_us bigint,
  -- Messages that count against a guest's quota.
  sent integer not null default 0,
  primary key (tenant_id, id),
  unique (tenant_id, conversation_id)
);
create index conversation_sessions_by_expiry on conversation_sessions (tenant_id, expires_us)
  where expires_us is not null;
create index conversation_sessions_by_principal on conversation_sessions (tenant_id, principal_id);

grant select, insert, update (expires_us, sent), delete on conversation_sessions to parley_requests;

alter table conversation_sessions enable row level security;
create policy own_tenant on conversation_sessions to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
