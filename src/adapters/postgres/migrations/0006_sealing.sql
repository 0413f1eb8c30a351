-- Content of class phi and secret is sealed with a data key of its tenant before it is stored anywhere
-- (src/decisions/0015-sealed-content.md). Here are the keys, wrapped by the master key, and the columns of
-- sealed texts that have no place yet: a message's newest text lies in messages.data.

create table data_keys (
  tenant_id text collate "C" not null,
  version integer not null check (version > 0),
  -- Null once it was erased: what it sealed is unreadable for good. The row stays, so that its number is not
  -- given again and readers are told why.
  wrapped text,
  created_us bigint not null,
  -- When a newer one took its place.
  retired_us bigint,
  erased_us bigint,
  primary key (tenant_id, version),
  check ((wrapped is null) = (erased_us is not null))
);
-- One key of a tenant seals what is new.
create unique index data_keys_present on data_keys (tenant_id) where retired_us is null and erased_us is null;

alter table identity_changes drop constraint identity_changes_kind_check;
alter table identity_changes add constraint identity_changes_kind_check
  check (kind in ('session', 'key', 'principal', 'signing_keys', 'data_keys'));

-- Nodes hold unwrapped keys in memory: they hear of every change as they hear of revocations.
create function note_data_key_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select distinct now_row.tenant_id, 'data_keys', '*',
         case when now_row.erased_us is not null then 'revoked' else 'changed' end
  from now_rows now_row;
  return null;
end $$;
create trigger data_keys_inserted after insert on data_keys
  referencing new table as now_rows
  for each statement execute function note_data_key_change();
create trigger data_keys_updated after update on data_keys
  referencing new table as now_rows
  for each statement execute function note_data_key_change();

-- Whoever works across tenants wraps keys anew under another master key (parley admin rewrap), and no more.
grant select, insert, update (wrapped, retired_us, erased_us) on data_keys to parley_requests;
grant select, update (wrapped) on data_keys to parley_identity;
alter table data_keys enable row level security;
create policy own_tenant on data_keys to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on data_keys to parley_identity using (true) with check (true);

alter table message_versions add column sealed text;
-- Field (name, description, metadata) -> [event id, position, sealed text] where the field itself is empty.
alter table conversations add column sealed jsonb;
