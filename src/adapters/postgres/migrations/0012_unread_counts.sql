-- What was counted of a principal's unread messages, so that it is not counted again (ADR 0019). Derived: a row
-- that does not fit what it was counted from any more is passed over, and an empty table is right, too.
create table unread_counts (
  tenant_id text collate "C" not null,
  principal_id text collate "C" not null,
  conversation_id text collate "C" not null,
  -- Counted are messages with a seq in (from_seq, counted_seq].
  from_seq bigint not null,
  counted_seq bigint not null,
  unread bigint not null check (unread >= 0),
  -- What the conversation and the principal's blocks were when they were counted.
  recount_position bigint not null,
  blocked_print bigint not null,
  primary key (tenant_id, principal_id, conversation_id)
) with (fillfactor = 70);
-- A deleted conversation leaves none.
create index unread_counts_by_conversation on unread_counts (tenant_id, conversation_id);

-- Position of the last event that may have taken a message out of somebody's count: a deletion, mostly.
alter table conversations add column recount_position bigint not null default 0;

grant select, insert, update on unread_counts to parley_requests;
grant select, update, delete, truncate on unread_counts to parley_projector;

alter table unread_counts enable row level security;
create policy own_tenant on unread_counts to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on unread_counts to parley_projector using (true) with check (true);
