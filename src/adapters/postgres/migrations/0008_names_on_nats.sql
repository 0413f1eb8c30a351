-- Who has an id first, over all tenants: it owns the plain inbox of that name on NATS.
create index principals_by_id on principals (id, created_us, tenant_id);

-- A new key may hold less than the keys that its principal has already, and what a principal may do on NATS is
-- what all of its keys hold: so every node must hear of it.
create function note_key_start() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select now_row.tenant_id, 'key', now_row.id::text, 'changed' from now_rows now_row;
  return null;
end $$;
create trigger api_keys_inserted after insert on api_keys
  referencing new table as now_rows
  for each statement execute function note_key_start();
