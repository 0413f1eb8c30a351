-- Replies to requests with an Idempotency-Key, for a day and a little. Replies that hold secrets are sealed with the
-- tenant's data key.

create table stored_replies (
  tenant_id text collate "C" not null,
  principal_id text collate "C" not null,
  -- The route and the parameters of its path.
  scope text collate "C" not null,
  key text collate "C" not null,
  -- hashContent() of the body, 53 bits.
  content_hash bigint not null,
  -- Whose turn it is: an attempt that was taken over keeps nothing.
  attempt text collate "C" not null,
  created_us bigint not null,
  is_done boolean not null default false,
  -- Null while it is under way, and where the reply is not kept.
  reply text,
  primary key (tenant_id, principal_id, scope, key)
);
create index stored_replies_by_age on stored_replies (tenant_id, created_us);

grant select, insert, update, delete on stored_replies to parley_requests;

alter table stored_replies enable row level security;
create policy own_tenant on stored_replies to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
