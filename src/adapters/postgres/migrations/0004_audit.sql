-- Who did what: identities, keys, roles, limits, deletions. It only grows. Neither a role that nodes run as
-- nor the owner updates or deletes rows; whoever archives must take the triggers away first, which the
-- database's own log shows.
create table audit_entries (
  id bigint generated always as identity primary key,
  at_us bigint not null default (extract(epoch from clock_timestamp()) * 1000000)::bigint,
  -- Null: of no tenant (signing keys). No foreign key: what was done outlives whom it was done to.
  tenant_id text collate "C",
  actor_id text collate "C",
  actor_kind text check (actor_kind in ('user', 'agent', 'service')),
  -- Where it is another one: a super admin's.
  actor_tenant text collate "C",
  on_behalf_of text collate "C",
  action text collate "C" not null check (char_length(action) between 1 and 64),
  subject text collate "C",
  detail jsonb not null default '{}',
  address text,
  request_id text
);
create index audit_entries_by_tenant on audit_entries (tenant_id, id);
create index audit_entries_by_actor on audit_entries (actor_id, id);

create function refuse_change_of_audit() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are neither changed nor deleted' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_entries_only_grow before update or delete or truncate on audit_entries
  for each statement execute function refuse_change_of_audit();

-- Entries of no tenant (signing keys, refused logins) are written and read across tenants.
grant select, insert on audit_entries to parley_requests, parley_identity;
alter table audit_entries enable row level security;
create policy own_tenant on audit_entries to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on audit_entries to parley_identity using (true) with check (true);

-- The cookie of a session, which lives as long as it does. Null: a session from before there were any.
alter table sessions add column cookie_sha256 bytea unique;

-- A deleted key was revoked: what it signed is void. A new one, or one that is wrapped anew, is only read again.
create function note_signing_keys_end() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (kind, subject, reason)
  select 'signing_keys', '*', 'revoked' from old_rows limit 1;
  return null;
end $$;
drop trigger signing_keys_written on signing_keys;
create trigger signing_keys_written after insert or update on signing_keys
  for each statement execute function note_signing_keys_change();
create trigger signing_keys_deleted after delete on signing_keys
  referencing old table as old_rows
  for each statement execute function note_signing_keys_end();
grant delete on signing_keys to parley_identity;
