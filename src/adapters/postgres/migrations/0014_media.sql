-- Files that principals upload: a truth of its own, which a rebuild of the projection leaves alone. Their bytes
-- lie in the blob store; a row names them.

create table media (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  uploader_id text collate "C" not null,
  filename text not null,
  content_type text not null,
  size_bytes bigint not null check (size_bytes > 0),
  -- gone: never confirmed in time, its bytes are being deleted.
  status text not null check (status in ('pending', 'ready', 'gone')),
  blob text collate "C",
  blob_bytes bigint,
  -- What the bytes are is what was declared, and a browser may show it.
  is_shown boolean not null default false,
  width integer,
  height integer,
  -- due: it will be made.
  thumbnail text not null default 'none' check (thumbnail in ('none', 'due', 'made')),
  thumbnail_blob text collate "C",
  thumbnail_bytes integer,
  conversation_id text collate "C",
  message_id text collate "C",
  created_us bigint not null,
  expires_us bigint not null,
  primary key (tenant_id, id),
  check ((message_id is null) = (conversation_id is null))
);
create index media_unconfirmed on media (expires_us) where status <> 'ready';
create index media_pending_of on media (tenant_id, uploader_id) where status = 'pending';

grant select, insert, update on media to parley_requests;
grant select, update (status), delete on media to parley_identity;

alter table media enable row level security;
create policy own_tenant on media to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on media to parley_identity using (true) with check (true);

-- Secrets of the deployment, wrapped by the master key where there is one.
create table deployment_keys (
  purpose text collate "C" primary key,
  key text not null
);
grant select, insert, update (key) on deployment_keys to parley_identity;
