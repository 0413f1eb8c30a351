-- Tenants, principals and what proves that somebody is one of them.
-- Times are microseconds since the epoch. Secrets are stored as SHA-256 only.
-- A tenant's id is a UUID when Parley made it, and any text when an identity provider did; compared byte
-- by byte, like the ids of 0002_projection.sql.

create table tenants (
  -- A connection that has forgotten its tenant compares with the empty text (0003_walls.sql).
  id text collate "C" primary key check (id <> ''),
  name text not null,
  slug text not null unique,
  created_us bigint not null
);

-- A person, an agent or a service of one tenant. An agent's id is any string its tenant chose.
create table principals (
  tenant_id text collate "C" not null references tenants (id) on delete cascade,
  id text not null check (char_length(id) between 1 and 255),
  kind text not null check (kind in ('user', 'agent', 'service')),
  display_name text not null,
  status text not null default 'active' check (status in ('active', 'suspended')),
  role text not null default 'member' check (role in ('owner', 'admin', 'member')),
  -- Granted beyond what the role holds.
  scopes text[] not null default '{}',
  v2_roles text[] not null default '{}',
  -- Platform role: stands above tenants.
  super_admin boolean not null default false,
  avatar_url text,
  timezone text not null default 'UTC',
  phone text,
  job_title text,
  bio text,
  is_default_agent boolean not null default false,
  created_us bigint not null,
  primary key (tenant_id, id),
  check (kind = 'user' or (role = 'member' and not super_admin)),
  check (kind = 'agent' or not is_default_agent)
);
create unique index principals_default_agent on principals (tenant_id) where is_default_agent;
create index principals_by_kind on principals (tenant_id, kind, created_us, id);

-- How a person logs in. The address is lower-cased and unique over all tenants.
create table credentials (
  email text primary key,
  password_hash text not null,
  tenant_id text collate "C" not null,
  principal_id text not null,
  changed_us bigint not null,
  unique (tenant_id, principal_id),
  foreign key (tenant_id, principal_id) references principals (tenant_id, id) on delete cascade
);

-- A session is a family of refresh tokens: its id is `sid` in access tokens.
create table sessions (
  id uuid primary key,
  tenant_id text collate "C" not null,
  principal_id text not null,
  created_us bigint not null,
  -- The end of the sliding window; never later than ends_us.
  expires_us bigint not null,
  ends_us bigint not null,
  revoked_us bigint,
  foreign key (tenant_id, principal_id) references principals (tenant_id, id) on delete cascade
);
create index sessions_by_principal on sessions (tenant_id, principal_id);
create index sessions_by_expiry on sessions (expires_us);

create table refresh_tokens (
  sha256 bytea primary key,
  tenant_id text collate "C" not null,
  session_id uuid not null references sessions (id) on delete cascade,
  issued_us bigint not null,
  expires_us bigint not null,
  used_us bigint
);
create index refresh_tokens_by_session on refresh_tokens (session_id);

create table api_keys (
  id uuid primary key,
  tenant_id text collate "C" not null,
  principal_id text not null,
  name text not null,
  -- The first characters of the key: how people tell keys apart.
  prefix text not null,
  sha256 bytea not null unique,
  kind text not null check (kind in ('agent', 'service')),
  scopes text[] not null,
  service_id text,
  created_by text not null,
  created_us bigint not null,
  expires_us bigint,
  revoked_us bigint,
  foreign key (tenant_id, principal_id) references principals (tenant_id, id) on delete cascade
);
create index api_keys_by_age on api_keys (tenant_id, created_us, id);
create index api_keys_by_principal on api_keys (tenant_id, principal_id);

create table invites (
  sha256 bytea primary key,
  tenant_id text collate "C" not null references tenants (id) on delete cascade,
  role text not null check (role in ('admin', 'member')),
  v2_role text,
  email text,
  created_by text not null,
  created_us bigint not null,
  expires_us bigint not null,
  consumed_us bigint,
  consumed_by text
);
create index invites_by_expiry on invites (expires_us);

-- Keys that sign our tokens. A retired key still verifies what it signed until that expires.
create table signing_keys (
  kid text primary key,
  private_jwk jsonb not null,
  public_jwk jsonb not null,
  created_us bigint not null,
  retired_us bigint
);

-- What nodes must forget. Every node reads it twice a second, and at once when another node says so;
-- triggers write it, so that no statement, not even an operator's in psql, can bypass it. Their functions
-- run with the rights of the owner: the run-time roles (0003_walls.sql) may not write here themselves.
-- `xact` lets a reader find rows that commit later than rows with a greater id.
create table identity_changes (
  id bigint generated always as identity primary key,
  xact xid8 not null default pg_current_xact_id(),
  changed_at timestamptz not null default clock_timestamp(),
  -- Null: of no tenant (signing keys).
  tenant_id text collate "C",
  kind text not null check (kind in ('session', 'key', 'principal', 'signing_keys')),
  subject text not null,
  reason text not null check (reason in ('revoked', 'suspended', 'changed'))
);
create index identity_changes_by_xact on identity_changes (xact, id);
create index identity_changes_by_age on identity_changes (changed_at);

create function note_session_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select now_row.tenant_id, 'session', now_row.id::text, 'revoked'
  from now_rows now_row join old_rows old_row using (id)
  where old_row.revoked_us is null and now_row.revoked_us is not null;
  return null;
end $$;
create trigger sessions_updated after update on sessions
  referencing old table as old_rows new table as now_rows
  for each statement execute function note_session_change();

create function note_session_end() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select old_row.tenant_id, 'session', old_row.id::text, 'revoked'
  from old_rows old_row
  -- Also one that lapsed long ago: a socket that it had opened may still be there.
  where old_row.revoked_us is null;
  return null;
end $$;
create trigger sessions_deleted after delete on sessions
  referencing old table as old_rows
  for each statement execute function note_session_end();

create function note_key_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select now_row.tenant_id, 'key', now_row.id::text,
         case when now_row.revoked_us is null then 'changed' else 'revoked' end
  from now_rows now_row join old_rows old_row using (id)
  where now_row is distinct from old_row;
  return null;
end $$;
create trigger api_keys_updated after update on api_keys
  referencing old table as old_rows new table as now_rows
  for each statement execute function note_key_change();

create function note_key_end() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select old_row.tenant_id, 'key', old_row.id::text, 'revoked'
  from old_rows old_row where old_row.revoked_us is null;
  return null;
end $$;
create trigger api_keys_deleted after delete on api_keys
  referencing old table as old_rows
  for each statement execute function note_key_end();

create function note_principal_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select now_row.tenant_id, 'principal', now_row.id,
         case when now_row.status = 'suspended' and old_row.status <> 'suspended' then 'suspended' else 'changed' end
  from now_rows now_row join old_rows old_row using (tenant_id, id)
  where now_row is distinct from old_row;
  return null;
end $$;
create trigger principals_updated after update on principals
  referencing old table as old_rows new table as now_rows
  for each statement execute function note_principal_change();

create function note_principal_end() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select old_row.tenant_id, 'principal', old_row.id, 'revoked' from old_rows old_row;
  return null;
end $$;
create trigger principals_deleted after delete on principals
  referencing old table as old_rows
  for each statement execute function note_principal_end();

create function note_signing_keys_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into identity_changes (kind, subject, reason) values ('signing_keys', '*', 'changed');
  return null;
end $$;
create trigger signing_keys_written after insert or update or delete on signing_keys
  for each statement execute function note_signing_keys_change();
