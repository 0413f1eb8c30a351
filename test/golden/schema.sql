create table agent_characters (
  tenant_id text collate "C" not null,
  agent_id text not null,
  "character" json not null,
  updated_us bigint not null,
  constraint agent_characters_pkey PRIMARY KEY (tenant_id, agent_id),
  constraint agent_characters_tenant_id_agent_id_fkey FOREIGN KEY (tenant_id, agent_id) REFERENCES principals(tenant_id, id) ON DELETE CASCADE
);
CREATE TRIGGER agent_characters_inserted AFTER INSERT ON public.agent_characters REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION note_character_change();
CREATE TRIGGER agent_characters_updated AFTER UPDATE ON public.agent_characters REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION note_character_change();
alter table agent_characters enable row level security;
create policy own_tenant on agent_characters for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant insert, select, update on agent_characters to parley_requests;

create table agent_logs (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  at_us bigint not null,
  type text not null,
  level text not null,
  body json not null,
  conversation_id text collate "C",
  room_id text collate "C",
  entity_id text collate "C",
  run_id text collate "C",
  constraint agent_logs_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX agent_logs_by_age ON public.agent_logs USING brin (at_us);
CREATE INDEX agent_logs_in ON public.agent_logs USING btree (tenant_id, conversation_id);
CREATE INDEX agent_logs_of ON public.agent_logs USING btree (tenant_id, agent_id, at_us DESC, id DESC);
CREATE INDEX agent_logs_of_tenant ON public.agent_logs USING btree (tenant_id, at_us DESC, id DESC);
alter table agent_logs enable row level security;
create policy all_tenants on agent_logs for all to parley_identity using (true) with check (true);
create policy all_tenants_wiped on agent_logs for all to parley_projector using (true) with check (true);
create policy own_tenant on agent_logs for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, update on agent_logs to parley_requests;
grant delete, select on agent_logs to parley_identity;
grant delete, select on agent_logs to parley_projector;

create table agent_memories (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  table_name text not null,
  room_id text collate "C" not null,
  conversation_id text collate "C",
  message_id text collate "C",
  entity_id text collate "C" not null,
  world_id text collate "C",
  content json not null,
  is_unique boolean default true not null,
  metadata json not null,
  created_us bigint not null,
  constraint agent_memories_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX agent_memories_by_age ON public.agent_memories USING brin (created_us);
CREATE INDEX agent_memories_in_room ON public.agent_memories USING btree (tenant_id, agent_id, room_id, created_us DESC, id DESC);
CREATE INDEX agent_memories_of ON public.agent_memories USING btree (tenant_id, agent_id, created_us DESC, id DESC);
CREATE INDEX agent_memories_of_message ON public.agent_memories USING btree (tenant_id, conversation_id, message_id);
alter table agent_memories enable row level security;
create policy all_tenants on agent_memories for all to parley_identity using (true) with check (true);
create policy all_tenants_wiped on agent_memories for all to parley_projector using (true) with check (true);
create policy own_tenant on agent_memories for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, update on agent_memories to parley_requests;
grant delete, select on agent_memories to parley_identity;
grant delete, select on agent_memories to parley_projector;

create table agent_runs (
  tenant_id text collate "C" not null,
  run_id text collate "C" not null,
  agent_id text collate "C" not null,
  conversation_id text collate "C" not null,
  room_id text collate "C" not null,
  message_id text collate "C" not null,
  entity_id text collate "C" not null,
  status text not null,
  outcome text,
  started_us bigint not null,
  ended_us bigint,
  actions integer default 0 not null,
  model_calls integer default 0 not null,
  errors integer default 0 not null,
  evaluators integer default 0 not null,
  metadata json not null,
  events json not null,
  constraint agent_runs_pkey PRIMARY KEY (tenant_id, run_id),
  constraint agent_runs_status_check CHECK ((status = ANY (ARRAY['started'::text, 'completed'::text, 'timeout'::text, 'error'::text])))
);
CREATE INDEX agent_runs_by_age ON public.agent_runs USING brin (started_us);
CREATE INDEX agent_runs_in ON public.agent_runs USING btree (tenant_id, conversation_id);
CREATE INDEX agent_runs_of ON public.agent_runs USING btree (tenant_id, agent_id, started_us DESC, run_id DESC);
CREATE INDEX agent_runs_started ON public.agent_runs USING btree (started_us) WHERE (status = 'started'::text);
alter table agent_runs enable row level security;
create policy all_tenants on agent_runs for all to parley_identity using (true) with check (true);
create policy all_tenants_wiped on agent_runs for all to parley_projector using (true) with check (true);
create policy own_tenant on agent_runs for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, update on agent_runs to parley_requests;
grant delete, select on agent_runs to parley_identity;
grant delete, select on agent_runs to parley_projector;
grant update (status, outcome, ended_us) on agent_runs to parley_identity;

create table api_keys (
  id uuid not null,
  tenant_id text collate "C" not null,
  principal_id text not null,
  name text not null,
  prefix text not null,
  sha256 bytea not null,
  kind text not null,
  scopes text[] not null,
  service_id text,
  created_by text not null,
  created_us bigint not null,
  expires_us bigint,
  revoked_us bigint,
  constraint api_keys_sha256_key UNIQUE (sha256),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_tenant_id_principal_id_fkey FOREIGN KEY (tenant_id, principal_id) REFERENCES principals(tenant_id, id) ON DELETE CASCADE,
  constraint api_keys_kind_check CHECK ((kind = ANY (ARRAY['agent'::text, 'service'::text])))
);
CREATE INDEX api_keys_by_age ON public.api_keys USING btree (tenant_id, created_us, id);
CREATE INDEX api_keys_by_principal ON public.api_keys USING btree (tenant_id, principal_id);
CREATE TRIGGER api_keys_deleted AFTER DELETE ON public.api_keys REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION note_key_end();
CREATE TRIGGER api_keys_inserted AFTER INSERT ON public.api_keys REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION note_key_start();
CREATE TRIGGER api_keys_updated AFTER UPDATE ON public.api_keys REFERENCING OLD TABLE AS old_rows NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION note_key_change();
alter table api_keys enable row level security;
create policy all_tenants on api_keys for all to parley_identity using (true) with check (true);
create policy own_tenant on api_keys for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant insert, select on api_keys to parley_requests;
grant select on api_keys to parley_identity;
grant update (revoked_us) on api_keys to parley_requests;

create table audit_entries (
  id bigint generated always as identity not null,
  at_us bigint default ((EXTRACT(epoch FROM clock_timestamp()) * (1000000)::numeric))::bigint not null,
  tenant_id text collate "C",
  actor_id text collate "C",
  actor_kind text,
  actor_tenant text collate "C",
  on_behalf_of text collate "C",
  action text collate "C" not null,
  subject text collate "C",
  detail jsonb default '{}'::jsonb not null,
  address text,
  request_id text,
  constraint audit_entries_pkey PRIMARY KEY (id),
  constraint audit_entries_action_check CHECK (((char_length(action) >= 1) AND (char_length(action) <= 64))),
  constraint audit_entries_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['user'::text, 'agent'::text, 'service'::text])))
);
CREATE INDEX audit_entries_by_actor ON public.audit_entries USING btree (actor_id, id);
CREATE INDEX audit_entries_by_tenant ON public.audit_entries USING btree (tenant_id, id);
CREATE TRIGGER audit_entries_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();
alter table audit_entries enable row level security;
create policy all_tenants on audit_entries for all to parley_identity using (true) with check (true);
create policy own_tenant on audit_entries for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant insert, select on audit_entries to parley_identity;
grant insert, select on audit_entries to parley_requests;

create table blocks (
  tenant_id text collate "C" not null,
  principal_id text collate "C" not null,
  blocked_id text collate "C" not null,
  created_us bigint not null,
  constraint blocks_pkey PRIMARY KEY (tenant_id, principal_id, blocked_id),
  constraint blocks_check CHECK ((blocked_id <> principal_id))
);
alter table blocks enable row level security;
create policy own_tenant on blocks for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select on blocks to parley_requests;

create table conversation_marks (
  tenant_id text collate "C" not null,
  principal_id text collate "C" not null,
  conversation_id text collate "C" not null,
  cleared_seq bigint default 0 not null,
  muted_until_us bigint,
  archived_us bigint,
  cleared_us bigint,
  constraint conversation_marks_pkey PRIMARY KEY (tenant_id, principal_id, conversation_id),
  constraint conversation_marks_cleared_seq_check CHECK ((cleared_seq >= 0))
) with (fillfactor=70);
CREATE INDEX conversation_marks_by_conversation ON public.conversation_marks USING btree (tenant_id, conversation_id);
alter table conversation_marks enable row level security;
create policy all_tenants on conversation_marks for all to parley_projector using (true) with check (true);
create policy own_tenant on conversation_marks for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, select on conversation_marks to parley_projector;
grant insert, select, update on conversation_marks to parley_requests;

create table conversation_sessions (
  tenant_id text collate "C" not null,
  id uuid not null,
  conversation_id text collate "C" not null,
  principal_id text not null,
  sid uuid,
  created_us bigint not null,
  expires_us bigint,
  ends_us bigint,
  sent integer default 0 not null,
  constraint conversation_sessions_tenant_id_conversation_id_key UNIQUE (tenant_id, conversation_id),
  constraint conversation_sessions_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX conversation_sessions_by_expiry ON public.conversation_sessions USING btree (tenant_id, expires_us) WHERE (expires_us IS NOT NULL);
CREATE INDEX conversation_sessions_by_principal ON public.conversation_sessions USING btree (tenant_id, principal_id);
alter table conversation_sessions enable row level security;
create policy own_tenant on conversation_sessions for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select on conversation_sessions to parley_requests;
grant update (expires_us, sent) on conversation_sessions to parley_requests;

create table conversations (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  service_id text collate "C",
  status text default 'none'::text not null,
  type text default 'group'::text not null,
  name text,
  description text,
  metadata json default '{}'::json not null,
  env text default 'dev'::text not null,
  created_by text default ''::text not null,
  created_us bigint default 0 not null,
  name_position bigint default 0 not null,
  description_position bigint default 0 not null,
  metadata_position bigint default 0 not null,
  "position" bigint default 0 not null,
  seq bigint default 0 not null,
  log_seq bigint default 0 not null,
  updated_us bigint default 0 not null,
  last_node text default ''::text not null,
  control json,
  sealed jsonb,
  active_slot integer generated always as ((updated_us / 600000000)) stored not null,
  channel bytea generated always as (channel_key(metadata)) stored,
  recount_position bigint default 0 not null,
  former_participants json,
  stage text default 'active'::text not null,
  stage_position bigint default 0 not null,
  entity_type text,
  entity_id text collate "C",
  changed_us bigint default 0 not null,
  constraint conversations_pkey PRIMARY KEY (tenant_id, conversation_id),
  constraint conversations_stage_check CHECK ((stage = ANY (ARRAY['active'::text, 'archived'::text, 'closed'::text]))),
  constraint conversations_status_check CHECK ((status = ANY (ARRAY['none'::text, 'open'::text, 'deleted'::text]))),
  constraint conversations_type_check CHECK ((type = ANY (ARRAY['private'::text, 'group'::text])))
) with (fillfactor=70);
CREATE INDEX conversations_by_activity ON public.conversations USING btree (tenant_id, active_slot DESC) WHERE (status = 'open'::text);
CREATE INDEX conversations_by_channel ON public.conversations USING btree (tenant_id, channel) WHERE (channel IS NOT NULL);
CREATE INDEX conversations_by_entity ON public.conversations USING btree (tenant_id, entity_id) WHERE (entity_id IS NOT NULL);
CREATE INDEX conversations_by_id ON public.conversations USING btree (conversation_id);
CREATE INDEX conversations_by_slot ON public.conversations USING btree (active_slot DESC) WHERE (status = 'open'::text);
alter table conversations enable row level security;
create policy all_tenants on conversations for all to parley_projector using (true) with check (true);
create policy all_tenants_seen on conversations for all to parley_platform using (true) with check (true);
create policy own_tenant on conversations for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant insert, select, truncate, update on conversations to parley_projector;
grant insert, select, update on conversations to parley_requests;
grant select on conversations to parley_platform;

create table credentials (
  email text not null,
  password_hash text not null,
  tenant_id text collate "C" not null,
  principal_id text not null,
  changed_us bigint not null,
  constraint credentials_tenant_id_principal_id_key UNIQUE (tenant_id, principal_id),
  constraint credentials_pkey PRIMARY KEY (email),
  constraint credentials_tenant_id_principal_id_fkey FOREIGN KEY (tenant_id, principal_id) REFERENCES principals(tenant_id, id) ON DELETE CASCADE
);
alter table credentials enable row level security;
create policy all_tenants on credentials for all to parley_identity using (true) with check (true);
create policy own_tenant on credentials for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant insert, select on credentials to parley_identity;
grant insert, select on credentials to parley_requests;
grant update (password_hash, changed_us) on credentials to parley_requests;

create table data_keys (
  tenant_id text collate "C" not null,
  version integer not null,
  wrapped text,
  created_us bigint not null,
  retired_us bigint,
  erased_us bigint,
  constraint data_keys_pkey PRIMARY KEY (tenant_id, version),
  constraint data_keys_check CHECK (((wrapped IS NULL) = (erased_us IS NOT NULL))),
  constraint data_keys_version_check CHECK ((version > 0))
);
CREATE UNIQUE INDEX data_keys_present ON public.data_keys USING btree (tenant_id) WHERE ((retired_us IS NULL) AND (erased_us IS NULL));
CREATE TRIGGER data_keys_inserted AFTER INSERT ON public.data_keys REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION note_data_key_change();
CREATE TRIGGER data_keys_updated AFTER UPDATE ON public.data_keys REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION note_data_key_change();
alter table data_keys enable row level security;
create policy all_tenants on data_keys for all to parley_identity using (true) with check (true);
create policy own_tenant on data_keys for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant insert, select on data_keys to parley_requests;
grant select on data_keys to parley_identity;
grant update (wrapped) on data_keys to parley_identity;
grant update (wrapped, retired_us, erased_us) on data_keys to parley_requests;

create table deployment_keys (
  purpose text collate "C" not null,
  key text not null,
  constraint deployment_keys_pkey PRIMARY KEY (purpose)
);
grant insert, select on deployment_keys to parley_identity;
grant update (key) on deployment_keys to parley_identity;

create table identity_changes (
  id bigint generated always as identity not null,
  xact xid8 default pg_current_xact_id() not null,
  changed_at timestamp with time zone default clock_timestamp() not null,
  tenant_id text collate "C",
  kind text not null,
  subject text not null,
  reason text not null,
  constraint identity_changes_pkey PRIMARY KEY (id),
  constraint identity_changes_kind_check CHECK ((kind = ANY (ARRAY['session'::text, 'key'::text, 'principal'::text, 'signing_keys'::text, 'data_keys'::text]))),
  constraint identity_changes_reason_check CHECK ((reason = ANY (ARRAY['revoked'::text, 'suspended'::text, 'changed'::text])))
);
CREATE INDEX identity_changes_by_age ON public.identity_changes USING btree (changed_at);
CREATE INDEX identity_changes_by_xact ON public.identity_changes USING btree (xact, id);
alter table identity_changes enable row level security;
create policy all_tenants on identity_changes for all to parley_identity using (true) with check (true);
grant delete, select on identity_changes to parley_identity;

create table invites (
  sha256 bytea not null,
  tenant_id text collate "C" not null,
  role text not null,
  v2_role text,
  email text,
  created_by text not null,
  created_us bigint not null,
  expires_us bigint not null,
  consumed_us bigint,
  consumed_by text,
  constraint invites_pkey PRIMARY KEY (sha256),
  constraint invites_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
  constraint invites_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text])))
);
CREATE INDEX invites_by_expiry ON public.invites USING btree (expires_us);
alter table invites enable row level security;
create policy all_tenants on invites for all to parley_identity using (true) with check (true);
create policy own_tenant on invites for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, select on invites to parley_identity;
grant insert, select on invites to parley_requests;
grant update (consumed_us, consumed_by) on invites to parley_requests;

create table jobs (
  tenant_id text collate "C" not null,
  id uuid not null,
  conversation_id text collate "C" not null,
  agent_id text not null,
  user_id text not null,
  prompt_id text collate "C" not null,
  answer_id text collate "C",
  status text collate "C" not null,
  error text,
  metadata text not null,
  created_us bigint not null,
  expires_us bigint not null,
  ended_us bigint,
  constraint jobs_pkey PRIMARY KEY (tenant_id, id),
  constraint jobs_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'timeout'::text])))
);
CREATE INDEX jobs_by_age ON public.jobs USING btree (tenant_id, created_us);
CREATE INDEX jobs_by_user ON public.jobs USING btree (tenant_id, user_id, created_us);
CREATE INDEX jobs_over ON public.jobs USING btree (ended_us) WHERE (ended_us IS NOT NULL);
CREATE INDEX jobs_under_way ON public.jobs USING btree (expires_us) WHERE (ended_us IS NULL);
alter table jobs enable row level security;
create policy all_tenants on jobs for all to parley_identity using (true) with check (true);
create policy own_tenant on jobs for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select on jobs to parley_requests;
grant delete, select on jobs to parley_identity;
grant update (answer_id, status, error, ended_us) on jobs to parley_requests;

create table media (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  uploader_id text collate "C" not null,
  filename text not null,
  content_type text not null,
  size_bytes bigint not null,
  status text not null,
  blob text collate "C",
  blob_bytes bigint,
  is_shown boolean default false not null,
  width integer,
  height integer,
  thumbnail text default 'none'::text not null,
  thumbnail_blob text collate "C",
  thumbnail_bytes integer,
  conversation_id text collate "C",
  message_id text collate "C",
  created_us bigint not null,
  expires_us bigint not null,
  placed_us bigint,
  folder text,
  constraint media_pkey PRIMARY KEY (tenant_id, id),
  constraint media_check CHECK (((message_id IS NULL) = (conversation_id IS NULL))),
  constraint media_size_bytes_check CHECK ((size_bytes > 0)),
  constraint media_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'ready'::text, 'gone'::text]))),
  constraint media_thumbnail_check CHECK ((thumbnail = ANY (ARRAY['none'::text, 'due'::text, 'made'::text])))
);
CREATE INDEX media_by_blob ON public.media USING btree (tenant_id, blob) WHERE (blob IS NOT NULL);
CREATE INDEX media_of_message ON public.media USING btree (tenant_id, conversation_id, message_id) WHERE (message_id IS NOT NULL);
CREATE INDEX media_pending_of ON public.media USING btree (tenant_id, uploader_id) WHERE (status = 'pending'::text);
CREATE INDEX media_unconfirmed ON public.media USING btree (expires_us) WHERE (status <> 'ready'::text);
alter table media enable row level security;
create policy all_tenants on media for all to parley_identity using (true) with check (true);
create policy all_tenants_projected on media for all to parley_projector using (true) with check (true);
create policy own_tenant on media for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, select on media to parley_identity;
grant insert, select, update on media to parley_requests;
grant select on media to parley_projector;
grant update (status) on media to parley_identity;
grant update (status, expires_us) on media to parley_projector;

create table message_server_agents (
  tenant_id text collate "C" not null,
  server_id uuid not null,
  agent_id text collate "C" not null,
  added_us bigint not null,
  constraint message_server_agents_pkey PRIMARY KEY (tenant_id, server_id, agent_id)
);
CREATE INDEX message_server_agents_by_agent ON public.message_server_agents USING btree (tenant_id, agent_id);
alter table message_server_agents enable row level security;
create policy own_tenant on message_server_agents for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select on message_server_agents to parley_requests;

create table message_servers (
  tenant_id text collate "C" not null,
  id uuid not null,
  name text not null,
  source_type text not null,
  source_id text,
  metadata text not null,
  created_us bigint not null,
  updated_us bigint not null,
  constraint message_servers_pkey PRIMARY KEY (tenant_id, id)
);
alter table message_servers enable row level security;
create policy own_tenant on message_servers for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select on message_servers to parley_requests;

create table message_versions (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  message_seq bigint not null,
  "position" bigint not null,
  log_seq bigint not null,
  event_id text collate "C" not null,
  type text not null,
  at_us bigint not null,
  actor_id text collate "C" not null,
  actor_kind text not null,
  trace text,
  content text not null,
  metadata json not null,
  edit_count integer not null,
  sealed text,
  constraint message_versions_pkey PRIMARY KEY (tenant_id, conversation_id, message_seq, "position"),
  constraint message_versions_type_check CHECK ((type = ANY (ARRAY['message.posted'::text, 'message.edited'::text])))
);
alter table message_versions enable row level security;
create policy all_tenants on message_versions for all to parley_projector using (true) with check (true);
create policy own_tenant on message_versions for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, truncate, update on message_versions to parley_projector;
grant select on message_versions to parley_requests;

create table messages (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  seq bigint not null,
  "position" bigint not null,
  log_seq bigint not null,
  event_id text collate "C" not null,
  message_id text collate "C" not null,
  kind text not null,
  sender_id text collate "C" not null,
  sender_kind text not null,
  at_us bigint not null,
  client_id text collate "C",
  content_hash bigint,
  run text,
  trace text,
  content text not null,
  content_type text not null,
  data json not null,
  edit_count integer default 0 not null,
  edited_us bigint,
  deleted_us bigint,
  deleted_by text,
  interrupted boolean default false not null,
  data_class text default 'none'::text not null,
  policy_ref text,
  searchable boolean not null,
  search tsvector generated always as (
CASE
    WHEN (NOT searchable) THEN NULL::tsvector
    WHEN (content ~ '[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]'::text) THEN (to_tsvector('simple'::regconfig, translate("left"(content, 32768), '<>'::text, '  '::text)) || pairs_of_characters(content))
    ELSE to_tsvector('simple'::regconfig, translate("left"(content, 32768), '<>'::text, '  '::text))
END) stored,
  changed_position bigint,
  constraint messages_pkey PRIMARY KEY (tenant_id, conversation_id, seq),
  constraint messages_data_class_check CHECK ((data_class = ANY (ARRAY['none'::text, 'pii'::text, 'phi'::text, 'secret'::text]))),
  constraint messages_kind_check CHECK ((kind = ANY (ARRAY['message'::text, 'control'::text])))
);
CREATE INDEX messages_by_change ON public.messages USING btree (tenant_id, conversation_id, changed_position) WHERE (changed_position IS NOT NULL);
CREATE INDEX messages_by_client_id ON public.messages USING btree (tenant_id, conversation_id, client_id) WHERE (client_id IS NOT NULL);
CREATE INDEX messages_by_message_id ON public.messages USING btree (tenant_id, conversation_id, message_id);
CREATE INDEX messages_by_text ON public.messages USING gin (search) WITH (gin_pending_list_limit='16384');
CREATE INDEX messages_by_time ON public.messages USING btree (tenant_id, at_us);
alter table messages enable row level security;
create policy all_tenants on messages for all to parley_projector using (true) with check (true);
create policy own_tenant on messages for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, truncate, update on messages to parley_projector;
grant select on messages to parley_requests;

create table participants (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  principal_id text collate "C" not null,
  active boolean not null,
  kind text,
  role text,
  joined_us bigint,
  joined_seq bigint,
  "position" bigint not null,
  role_position bigint not null,
  ordinal integer default 0 not null,
  constraint participants_pkey PRIMARY KEY (tenant_id, conversation_id, principal_id),
  constraint participants_check CHECK (((NOT active) OR ((kind IS NOT NULL) AND (role IS NOT NULL) AND (joined_us IS NOT NULL) AND (joined_seq IS NOT NULL)))),
  constraint participants_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'agent'::text, 'service'::text]))),
  constraint participants_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text])))
);
CREATE INDEX participants_agents ON public.participants USING btree (tenant_id, conversation_id) WHERE (active AND (kind = 'agent'::text));
CREATE INDEX participants_by_principal ON public.participants USING btree (tenant_id, principal_id, conversation_id) WHERE active;
alter table participants enable row level security;
create policy all_tenants on participants for all to parley_projector using (true) with check (true);
create policy all_tenants_seen on participants for all to parley_platform using (true) with check (true);
create policy own_tenant on participants for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, truncate, update on participants to parley_projector;
grant delete, insert, select, update on participants to parley_requests;
grant select on participants to parley_platform;

create table principals (
  tenant_id text collate "C" not null,
  id text not null,
  kind text not null,
  display_name text not null,
  status text default 'active'::text not null,
  role text default 'member'::text not null,
  scopes text[] default '{}'::text[] not null,
  v2_roles text[] default '{}'::text[] not null,
  super_admin boolean default false not null,
  avatar_url text,
  timezone text default 'UTC'::text not null,
  phone text,
  job_title text,
  bio text,
  is_default_agent boolean default false not null,
  created_us bigint not null,
  runs boolean default false not null,
  constraint principals_pkey PRIMARY KEY (tenant_id, id),
  constraint principals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
  constraint principals_check CHECK (((kind = 'user'::text) OR ((role = 'member'::text) AND (NOT super_admin)))),
  constraint principals_check1 CHECK (((kind = 'agent'::text) OR (NOT is_default_agent))),
  constraint principals_id_check CHECK (((char_length(id) >= 1) AND (char_length(id) <= 255))),
  constraint principals_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'agent'::text, 'service'::text]))),
  constraint principals_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text]))),
  constraint principals_runs_check CHECK (((kind = 'agent'::text) OR (NOT runs))),
  constraint principals_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text])))
);
CREATE INDEX principals_by_id ON public.principals USING btree (id, created_us, tenant_id);
CREATE INDEX principals_by_kind ON public.principals USING btree (tenant_id, kind, created_us, id);
CREATE UNIQUE INDEX principals_default_agent ON public.principals USING btree (tenant_id) WHERE is_default_agent;
CREATE TRIGGER principals_deleted AFTER DELETE ON public.principals REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION note_principal_end();
CREATE TRIGGER principals_updated AFTER UPDATE ON public.principals REFERENCING OLD TABLE AS old_rows NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION note_principal_change();
alter table principals enable row level security;
create policy all_tenants on principals for all to parley_identity using (true) with check (true);
create policy all_tenants_seen on principals for all to parley_projector using (true) with check (true);
create policy own_tenant on principals for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, update on principals to parley_requests;
grant insert, select on principals to parley_identity;
grant select (tenant_id, id, status, runs) on principals to parley_projector;

create table projector_marks (
  partition integer not null,
  feed text collate "C" not null,
  sequence bigint not null,
  constraint projector_marks_pkey PRIMARY KEY (partition)
) with (fillfactor=10);
grant insert, select, truncate, update on projector_marks to parley_projector;

create table reactions (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  message_seq bigint not null,
  principal_id text collate "C" not null,
  emoji text not null,
  "position" bigint not null,
  constraint reactions_pkey PRIMARY KEY (tenant_id, conversation_id, message_seq, principal_id, emoji)
);
alter table reactions enable row level security;
create policy all_tenants on reactions for all to parley_projector using (true) with check (true);
create policy own_tenant on reactions for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, truncate, update on reactions to parley_projector;
grant select on reactions to parley_requests;

create table read_cursors (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  principal_id text collate "C" not null,
  last_read_seq bigint not null,
  updated_us bigint not null,
  constraint read_cursors_pkey PRIMARY KEY (tenant_id, conversation_id, principal_id)
) with (fillfactor=70);
alter table read_cursors enable row level security;
create policy all_tenants on read_cursors for all to parley_projector using (true) with check (true);
create policy own_tenant on read_cursors for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, select on read_cursors to parley_projector;
grant insert, select, update on read_cursors to parley_requests;

create table refresh_tokens (
  sha256 bytea not null,
  tenant_id text collate "C" not null,
  session_id uuid not null,
  issued_us bigint not null,
  expires_us bigint not null,
  used_us bigint,
  constraint refresh_tokens_pkey PRIMARY KEY (sha256),
  constraint refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_by_session ON public.refresh_tokens USING btree (session_id);
alter table refresh_tokens enable row level security;
create policy all_tenants on refresh_tokens for all to parley_identity using (true) with check (true);
create policy own_tenant on refresh_tokens for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant insert on refresh_tokens to parley_requests;
grant insert, select on refresh_tokens to parley_identity;
grant update (used_us) on refresh_tokens to parley_identity;

create table session_notices (
  tenant_id text collate "C" not null,
  session_id uuid not null,
  name text collate "C" not null,
  renewals integer not null,
  conversation_id text collate "C" not null,
  user_id text not null,
  due_us bigint not null,
  expires_us bigint not null,
  claimed_until_us bigint default 0 not null,
  constraint session_notices_pkey PRIMARY KEY (tenant_id, session_id, name, renewals)
);
CREATE INDEX session_notices_by_time ON public.session_notices USING btree (due_us);
alter table session_notices enable row level security;
create policy all_tenants on session_notices for all to parley_identity using (true) with check (true);
create policy own_tenant on session_notices for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, update on session_notices to parley_requests;
grant delete, select on session_notices to parley_identity;
grant update (claimed_until_us) on session_notices to parley_identity;

create table sessions (
  id uuid not null,
  tenant_id text collate "C" not null,
  principal_id text not null,
  created_us bigint not null,
  expires_us bigint not null,
  ends_us bigint not null,
  revoked_us bigint,
  cookie_sha256 bytea,
  constraint sessions_cookie_sha256_key UNIQUE (cookie_sha256),
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_tenant_id_principal_id_fkey FOREIGN KEY (tenant_id, principal_id) REFERENCES principals(tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_expiry ON public.sessions USING btree (expires_us);
CREATE INDEX sessions_by_principal ON public.sessions USING btree (tenant_id, principal_id);
CREATE TRIGGER sessions_deleted AFTER DELETE ON public.sessions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION note_session_end();
CREATE TRIGGER sessions_updated AFTER UPDATE ON public.sessions REFERENCING OLD TABLE AS old_rows NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION note_session_change();
alter table sessions enable row level security;
create policy all_tenants on sessions for all to parley_identity using (true) with check (true);
create policy own_tenant on sessions for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, select on sessions to parley_identity;
grant insert, select on sessions to parley_requests;
grant update (expires_us, revoked_us) on sessions to parley_identity;
grant update (revoked_us) on sessions to parley_requests;

create table signing_keys (
  kid text not null,
  private_jwk jsonb not null,
  public_jwk jsonb not null,
  created_us bigint not null,
  retired_us bigint,
  constraint signing_keys_pkey PRIMARY KEY (kid)
);
CREATE TRIGGER signing_keys_deleted AFTER DELETE ON public.signing_keys REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION note_signing_keys_end();
CREATE TRIGGER signing_keys_written AFTER INSERT OR UPDATE ON public.signing_keys FOR EACH STATEMENT EXECUTE FUNCTION note_signing_keys_change();
grant delete, insert, select, update on signing_keys to parley_identity;

create table stored_replies (
  tenant_id text collate "C" not null,
  principal_id text collate "C" not null,
  scope text collate "C" not null,
  key text collate "C" not null,
  content_hash bigint not null,
  attempt text collate "C" not null,
  created_us bigint not null,
  is_done boolean default false not null,
  reply text,
  constraint stored_replies_pkey PRIMARY KEY (tenant_id, principal_id, scope, key)
);
CREATE INDEX stored_replies_by_age ON public.stored_replies USING btree (tenant_id, created_us);
alter table stored_replies enable row level security;
create policy own_tenant on stored_replies for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, update on stored_replies to parley_requests;

create table tenant_limits (
  tenant_id text collate "C" not null,
  conversations bigint,
  participants integer,
  messages_per_second integer,
  changed_us bigint not null,
  constraint tenant_limits_pkey PRIMARY KEY (tenant_id),
  constraint tenant_limits_conversations_check CHECK (((conversations >= 0) AND (conversations <= 100000000))),
  constraint tenant_limits_messages_per_second_check CHECK (((messages_per_second >= 1) AND (messages_per_second <= 1000000))),
  constraint tenant_limits_participants_check CHECK (((participants >= 2) AND (participants <= 1000)))
);
CREATE INDEX tenant_limits_by_change ON public.tenant_limits USING btree (changed_us, tenant_id);
alter table tenant_limits enable row level security;
create policy all_tenants on tenant_limits for all to parley_identity using (true) with check (true);
create policy own_tenant on tenant_limits for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant insert, select, update on tenant_limits to parley_requests;
grant select on tenant_limits to parley_identity;

create table tenant_settings (
  tenant_id text collate "C" not null,
  sealed text not null,
  updated_us bigint not null,
  constraint tenant_settings_pkey PRIMARY KEY (tenant_id),
  constraint tenant_settings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
);
alter table tenant_settings enable row level security;
create policy own_tenant on tenant_settings for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, update on tenant_settings to parley_requests;

create table tenants (
  id text collate "C" not null,
  name text not null,
  slug text not null,
  created_us bigint not null,
  origin text default 'parley'::text not null,
  constraint tenants_slug_key UNIQUE (slug),
  constraint tenants_pkey PRIMARY KEY (id),
  constraint tenants_id_check CHECK ((id <> ''::text)),
  constraint tenants_origin_check CHECK ((origin = ANY (ARRAY['parley'::text, 'external'::text])))
);
alter table tenants enable row level security;
create policy all_tenants on tenants for all to parley_identity using (true) with check (true);
create policy own_tenant on tenants for all to parley_requests using ((id = current_setting('parley.tenant'::text, true))) with check ((id = current_setting('parley.tenant'::text, true)));
grant insert, select on tenants to parley_identity;
grant select on tenants to parley_requests;
grant update (name) on tenants to parley_requests;

create table timed_sessions (
  tenant_id text collate "C" not null,
  id uuid not null,
  conversation_id text collate "C" not null,
  agent_id text not null,
  user_id text not null,
  metadata text not null,
  created_us bigint not null,
  used_us bigint not null,
  expires_us bigint not null,
  renewals integer default 0 not null,
  timeout_minutes double precision not null,
  auto_renew boolean not null,
  max_duration_minutes double precision not null,
  warning_minutes double precision not null,
  is_over boolean default false not null,
  constraint timed_sessions_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX timed_sessions_by_age ON public.timed_sessions USING btree (tenant_id, created_us);
CREATE INDEX timed_sessions_by_end ON public.timed_sessions USING btree (expires_us);
CREATE INDEX timed_sessions_by_user ON public.timed_sessions USING btree (tenant_id, user_id, created_us);
alter table timed_sessions enable row level security;
create policy all_tenants on timed_sessions for all to parley_identity using (true) with check (true);
create policy own_tenant on timed_sessions for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, update on timed_sessions to parley_requests;
grant delete, select on timed_sessions to parley_identity;
grant update (is_over) on timed_sessions to parley_identity;

create table unread_counts (
  tenant_id text collate "C" not null,
  principal_id text collate "C" not null,
  conversation_id text collate "C" not null,
  from_seq bigint not null,
  counted_seq bigint not null,
  unread bigint not null,
  recount_position bigint not null,
  blocked_print bigint not null,
  constraint unread_counts_pkey PRIMARY KEY (tenant_id, principal_id, conversation_id),
  constraint unread_counts_unread_check CHECK ((unread >= 0))
) with (fillfactor=70);
CREATE INDEX unread_counts_by_conversation ON public.unread_counts USING btree (tenant_id, conversation_id);
alter table unread_counts enable row level security;
create policy all_tenants on unread_counts for all to parley_projector using (true) with check (true);
create policy own_tenant on unread_counts for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, select, truncate, update on unread_counts to parley_projector;
grant insert, select, update on unread_counts to parley_requests;

create table webhook_dead_letters (
  tenant_id text collate "C" not null,
  webhook_id uuid not null,
  id text collate "C" not null,
  conversation_id text collate "C" not null,
  service_id text,
  log_seq bigint not null,
  "position" bigint not null,
  type text collate "C" not null,
  attempts integer not null,
  last_status integer,
  reason text collate "C" not null,
  died_us bigint not null,
  constraint webhook_dead_letters_pkey PRIMARY KEY (tenant_id, webhook_id, id),
  constraint webhook_dead_letters_tenant_id_webhook_id_fkey FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks(tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_dead_letters_by_age ON public.webhook_dead_letters USING btree (died_us);
CREATE INDEX webhook_dead_letters_by_time ON public.webhook_dead_letters USING btree (tenant_id, webhook_id, died_us, id);
alter table webhook_dead_letters enable row level security;
create policy all_tenants on webhook_dead_letters for all to parley_identity using (true) with check (true);
create policy own_tenant on webhook_dead_letters for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, update on webhook_dead_letters to parley_requests;
grant delete, select on webhook_dead_letters to parley_identity;

create table webhooks (
  tenant_id text collate "C" not null,
  id uuid not null,
  url text not null,
  description text not null,
  event_types text[] not null,
  conversation_id text collate "C",
  service_id text,
  status text collate "C" not null,
  disabled_reason text collate "C",
  secret text not null,
  previous_secret text,
  previous_until_us bigint,
  created_us bigint not null,
  created_by text not null,
  changed_us bigint not null,
  failing_since_us bigint,
  last_success_us bigint,
  last_failure_us bigint,
  last_failure_status integer,
  last_failure_reason text collate "C",
  constraint webhooks_pkey PRIMARY KEY (tenant_id, id),
  constraint webhooks_check CHECK (((disabled_reason IS NOT NULL) = (status = 'disabled'::text))),
  constraint webhooks_check1 CHECK (((previous_until_us IS NULL) = (previous_secret IS NULL))),
  constraint webhooks_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text])))
);
alter table webhooks enable row level security;
create policy all_tenants on webhooks for all to parley_identity using (true) with check (true);
create policy all_tenants_seen on webhooks for all to parley_projector using (true) with check (true);
create policy own_tenant on webhooks for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select, update on webhooks to parley_requests;
grant select (tenant_id, id, event_types, conversation_id, service_id, status, created_us) on webhooks to parley_projector;
grant select (tenant_id, id, status, changed_us) on webhooks to parley_identity;

create table worlds (
  tenant_id text collate "C" not null,
  agent_id text not null,
  id uuid not null,
  name text not null,
  message_server_id text collate "C",
  metadata jsonb not null,
  created_us bigint not null,
  constraint worlds_pkey PRIMARY KEY (tenant_id, agent_id, id),
  constraint worlds_tenant_id_agent_id_fkey FOREIGN KEY (tenant_id, agent_id) REFERENCES principals(tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX worlds_by_id ON public.worlds USING btree (tenant_id, id);
alter table worlds enable row level security;
create policy own_tenant on worlds for all to parley_requests using ((tenant_id = current_setting('parley.tenant'::text, true))) with check ((tenant_id = current_setting('parley.tenant'::text, true)));
grant delete, insert, select on worlds to parley_requests;
grant update (name, metadata) on worlds to parley_requests;

CREATE OR REPLACE FUNCTION public.channel_key(metadata json)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((strpos((metadata)::text, '"channel"'::text) = 0) OR ((metadata)::text ~* '\\u(0000|d[89a-f])'::text)) THEN NULL::bytea ELSE channel_key(((metadata -> 'channel'::text) ->> 'type'::text), ((metadata -> 'channel'::text) ->> 'connectionId'::text), ((metadata -> 'channel'::text) ->> 'chatId'::text)) END;

CREATE OR REPLACE FUNCTION public.channel_key(type text, connection_id text, chat_id text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN sha256(convert_to(((((((length(type) || ':'::text) || type) || length(connection_id)) || ':'::text) || connection_id) || chat_id), 'UTF8'::name));

CREATE OR REPLACE FUNCTION public.is_sought(m messages, s message_search, hidden text[], gone text[], gone_seqs bigint[])
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (((m).kind = 'message'::text) AND ((m).deleted_us IS NULL) AND (((s).sender_id IS NULL) OR ((m).sender_id = (s).sender_id)) AND (((s).content_type IS NULL) OR ((m).content_type = (s).content_type)) AND (((s).after_us IS NULL) OR ((m).at_us > (s).after_us)) AND (((s).before_us IS NULL) OR ((m).at_us < (s).before_us)) AND (((s).last_us IS NULL) OR (ROW((m).at_us, (m).message_id) < ROW((s).last_us, ((s).last_id COLLATE "C")))) AND (((s).before_seq IS NULL) OR ((m).seq < (s).before_seq)) AND ((m).sender_id <> ALL (hidden)) AND ((m).content ~~* ALL ((s).patterns)) AND (NOT ((s).is_person AND (strpos(((m).data)::text, '"is_internal"'::text) > 0) AND (COALESCE((((m).data -> 'metadata'::text) ->> 'is_internal'::text), ''::text) = 'true'::text))) AND (((m).conversation_id <> ALL (gone)) OR ((m).seq > (gone_seqs)[array_position(gone, (m).conversation_id)])));

CREATE OR REPLACE FUNCTION public.note_character_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select tenant_id, 'principal', agent_id, 'changed' from now_rows;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.note_data_key_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select distinct now_row.tenant_id, 'data_keys', '*',
         case when now_row.erased_us is not null then 'revoked' else 'changed' end
  from now_rows now_row;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.note_key_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select now_row.tenant_id, 'key', now_row.id::text,
         case when now_row.revoked_us is null then 'changed' else 'revoked' end
  from now_rows now_row join old_rows old_row using (id)
  where now_row is distinct from old_row;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.note_key_end()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select old_row.tenant_id, 'key', old_row.id::text, 'revoked'
  from old_rows old_row where old_row.revoked_us is null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.note_key_start()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select now_row.tenant_id, 'key', now_row.id::text, 'changed' from now_rows now_row;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.note_principal_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select now_row.tenant_id, 'principal', now_row.id,
         case when now_row.status = 'suspended' and old_row.status <> 'suspended' then 'suspended' else 'changed' end
  from now_rows now_row join old_rows old_row using (tenant_id, id)
  where now_row is distinct from old_row;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.note_principal_end()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select old_row.tenant_id, 'principal', old_row.id, 'revoked' from old_rows old_row;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.note_session_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select now_row.tenant_id, 'session', now_row.id::text, 'revoked'
  from now_rows now_row join old_rows old_row using (id)
  where old_row.revoked_us is null and now_row.revoked_us is not null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.note_session_end()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (tenant_id, kind, subject, reason)
  select old_row.tenant_id, 'session', old_row.id::text, 'revoked'
  from old_rows old_row
  -- Also one that lapsed long ago: a socket that it had opened may still be there.
  where old_row.revoked_us is null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.note_signing_keys_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (kind, subject, reason) values ('signing_keys', '*', 'changed');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.note_signing_keys_end()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into identity_changes (kind, subject, reason)
  select 'signing_keys', '*', 'revoked' from old_rows limit 1;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.pairs_of_characters(words text)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (SELECT array_to_tsvector(COALESCE(array_agg(DISTINCT word.word) FILTER (WHERE (word.word IS NOT NULL)), '{}'::text[])) AS array_to_tsvector FROM ((SELECT letters.letter, lead(letters.letter) OVER (PARTITION BY found.run ORDER BY letters.at) AS next FROM (regexp_matches("left"(pairs_of_characters.words, 16384), '[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]+'::text, 'g'::text) WITH ORDINALITY found(runs, run) CROSS JOIN LATERAL unnest(string_to_array(found.runs[1], NULL::text)) WITH ORDINALITY letters(letter, at))) neighbours CROSS JOIN LATERAL unnest(ARRAY[neighbours.letter, (neighbours.letter || neighbours.next)]) word(word)));

CREATE OR REPLACE FUNCTION public.refuse_change_of_audit()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'audit entries are neither changed nor deleted' using errcode = 'insufficient_privilege';
end $function$;

CREATE OR REPLACE FUNCTION public.search_messages(s message_search)
 RETURNS SETOF message_place
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
declare
  sample constant integer := 1500;
  by_time_max constant integer := 40000;
  hidden text[];
  mine text[];
  gone text[];
  gone_seqs bigint[];
  -- Entries of the reader's conversations.
  own bigint;
  newest constant bigint := least(s.last_us, s.before_us, 9223372036854775807);
  found message_place[];
  looked bigint;
  matched bigint;
  seen bigint;
  by_time bigint;
  by_words bigint;
begin
  -- The second wall: a connection that serves one tenant finds nothing of another.
  if current_setting('role') = 'parley_requests'
    and s.tenant_id is distinct from current_setting('parley.tenant', true) then
    return;
  end if;
  hidden := array(
    select blocked_id from blocks where tenant_id = s.tenant_id and principal_id = s.reader_id
  );
  select array_agg(c.conversation_id), sum(c.seq),
         coalesce(array_agg(c.conversation_id) filter (where k.cleared_seq > 0), '{}'),
         coalesce(array_agg(k.cleared_seq) filter (where k.cleared_seq > 0), '{}')
  into mine, own, gone, gone_seqs
  from participants p join conversations c using (tenant_id, conversation_id)
  left join conversation_marks k using (tenant_id, principal_id, conversation_id)
  where p.tenant_id = s.tenant_id and p.principal_id = s.reader_id and p.active and c.status = 'open'
    and (s.conversation_id is null or c.conversation_id = s.conversation_id)
    and (s.env is null or c.env = s.env)
    and (s.service_id is null or c.service_id is null or c.service_id = s.service_id);
  -- No term that must be there: otherwise one word that must not be would find everything.
  if mine is null or querytree(s.words) in ('', 'T') then return; end if;

  if own > 4000 then
    select count(*), count(*) filter (where m.search @@ s.words),
           count(*) filter (where m.conversation_id in (select unnest(mine))),
           array_agg((m.at_us, m.message_id, m.conversation_id, m.seq)::message_place)
             filter (where m.search @@ s.words and case when m.conversation_id in (select unnest(mine)) then true else false end and is_sought(m, s, hidden, gone, gone_seqs))
    into looked, matched, seen, found
    from (
      select * from messages where tenant_id = s.tenant_id and at_us <= newest
      order by at_us desc limit sample
    ) m;
    if looked < sample or cardinality(found) >= s.wanted then
      return query select * from unnest(found) f order by f.at_us desc, f.message_id collate "C" desc
        limit s.wanted;
      return;
    end if;
    by_time := sample * s.wanted / greatest(cardinality(found), matched::real * seen / sample, 0.1);
    select (matched + 0.5) / sample * reltuples into by_words from pg_class where oid = 'public.messages'::regclass;
    if by_time <= 2 * least(by_words, own) then
      -- With ties, so that the order of the index is enough and the walk ends with the last one wanted.
      found := array(
        select (m.at_us, m.message_id, m.conversation_id, m.seq)::message_place
        from (
          select * from messages where tenant_id = s.tenant_id and at_us <= newest
          order by at_us desc limit by_time_max
        ) m
        where m.search @@ s.words and case when m.conversation_id in (select unnest(mine)) then true else false end
          and is_sought(m, s, hidden, gone, gone_seqs)
        order by m.at_us desc fetch first (s.wanted) rows with ties
      );
      if cardinality(found) >= s.wanted then
        return query select * from unnest(found) f order by f.at_us desc, f.message_id collate "C" desc
          limit s.wanted;
        return;
      end if;
    end if;
  end if;

  if own <= 4000 or own < by_words then
    return query
      with own_matches as materialized (
        select m.at_us, m.message_id, m.conversation_id, m.seq
        from unnest(mine) as one (id)
        join messages m on m.tenant_id = s.tenant_id and m.conversation_id = one.id
        -- Not by the index on words: it would be asked once for each conversation.
        where coalesce(m.search, '') @@ s.words and is_sought(m, s, hidden, gone, gone_seqs)
      )
      select * from own_matches order by at_us desc, message_id desc limit s.wanted;
  else
    return query
      with matches as materialized (
        select m.at_us, m.message_id, m.conversation_id, m.seq from messages m
        where m.search @@ s.words and m.tenant_id = s.tenant_id
          and case when m.conversation_id in (select unnest(mine)) then true else false end and is_sought(m, s, hidden, gone, gone_seqs)
      )
      select * from matches order by at_us desc, message_id desc limit s.wanted;
  end if;
end $function$;
