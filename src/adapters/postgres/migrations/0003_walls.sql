-- The second wall between tenants: at run time Parley is never the owner of these tables, and row level
-- security shows each role what its task needs. The first wall is `tenant_id =` in every statement.
--
--   parley_requests   one tenant at a time: the setting parley.tenant of its connection; none is set: nothing
--   parley_identity   all tenants, identity alone: whose secret is this? what changed? what is too old?
--   parley_projector  all tenants, the projection alone
--
-- A table with a tenant_id gets row level security, policies and grants in the migration that makes it
-- (test/adapters/postgres/walls/ proves it). src/decisions/0010-the-second-wall.md says why.

-- Roles belong to the whole server: databases that migrate at once meet here, so what another has made
-- meanwhile is looked for again.
do $$
declare
  wanted text;
  is_member boolean;
  is_new_grant constant boolean := current_setting('server_version_num')::int >= 160000;
  owner constant text := quote_ident(current_user);
begin
  foreach wanted in array array['parley_requests', 'parley_identity', 'parley_projector'] loop
    for attempt in 1..100 loop
      begin
        if not exists (select from pg_roles where rolname = wanted) then
          execute format('create role %I nologin', wanted);
        end if;
        is_member := pg_has_role(current_user, wanted, case when is_new_grant then 'SET' else 'MEMBER' end);
        if not is_member then
          -- May become the role, but does not hold its rights meanwhile.
          execute format(
            'grant %I to %s %s', wanted, owner, case when is_new_grant then 'with inherit false, set true' end
          );
        end if;
        exit;
      exception
        when duplicate_object or unique_violation or internal_error then
          if attempt = 100 then raise; end if;
          perform pg_sleep(0.02);
        when insufficient_privilege then
          -- Also of the role that 0009_platform.sql needs: nobody is to ask twice.
          raise exception using
            errcode = 'insufficient_privilege',
            message = format(
              'The role %s may not make or take the run-time roles of Parley. A superuser does it once: '
              'CREATE ROLE parley_requests NOLOGIN; CREATE ROLE parley_identity NOLOGIN; '
              'CREATE ROLE parley_projector NOLOGIN; CREATE ROLE parley_platform NOLOGIN; '
              'GRANT parley_requests, parley_identity, parley_projector, parley_platform TO %s%s;',
              owner, owner, case when is_new_grant then ' WITH INHERIT FALSE, SET TRUE' else '' end
            );
      end;
    end loop;
  end loop;
end $$;

grant usage on schema public to parley_requests, parley_identity, parley_projector;

-- parley_requests: what a person, an agent or a service does inside of its own tenant. No signing key, no
-- refresh token and no change feed can be read with it, and no message changed.
grant select on tenants, principals, credentials, sessions, api_keys, invites to parley_requests;
grant select on conversations, participants, messages, message_versions, reactions, read_cursors
  to parley_requests;
-- No name is changed yet: the right to is what a lock of the row needs.
grant update (name) on tenants to parley_requests;
grant insert, update, delete on principals to parley_requests;
grant insert, update (password_hash, changed_us) on credentials to parley_requests;
grant insert, update (revoked_us) on sessions to parley_requests;
grant insert on refresh_tokens to parley_requests;
grant insert, update (revoked_us) on api_keys to parley_requests;
grant insert, update (consumed_us, consumed_by) on invites to parley_requests;
-- Structural events are projected before their author is answered.
grant insert, update on conversations to parley_requests;
grant insert, update, delete on participants to parley_requests;
grant insert, update on read_cursors to parley_requests;

-- parley_identity
grant select, insert on tenants, principals, credentials to parley_identity;
grant select, update (expires_us, revoked_us), delete on sessions to parley_identity;
grant select, insert, update (used_us) on refresh_tokens to parley_identity;
grant select on api_keys to parley_identity;
grant select, delete on invites to parley_identity;
grant select, delete on identity_changes to parley_identity;
grant select, insert, update on signing_keys to parley_identity;

-- parley_projector
grant select, insert, update, truncate on conversations to parley_projector;
grant select, insert, update, delete, truncate on participants, messages, message_versions, reactions
  to parley_projector;
-- A deleted conversation leaves no read cursors; a rebuild keeps them.
grant select, delete on read_cursors to parley_projector;

alter table tenants enable row level security;
create policy own_tenant on tenants to parley_requests
  using (id = current_setting('parley.tenant', true)) with check (id = current_setting('parley.tenant', true));
create policy all_tenants on tenants to parley_identity using (true) with check (true);

alter table principals enable row level security;
create policy own_tenant on principals to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on principals to parley_identity using (true) with check (true);

alter table credentials enable row level security;
create policy own_tenant on credentials to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on credentials to parley_identity using (true) with check (true);

alter table sessions enable row level security;
create policy own_tenant on sessions to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on sessions to parley_identity using (true) with check (true);

alter table refresh_tokens enable row level security;
create policy own_tenant on refresh_tokens to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on refresh_tokens to parley_identity using (true) with check (true);

alter table api_keys enable row level security;
create policy own_tenant on api_keys to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on api_keys to parley_identity using (true) with check (true);

alter table invites enable row level security;
create policy own_tenant on invites to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on invites to parley_identity using (true) with check (true);

alter table identity_changes enable row level security;
create policy all_tenants on identity_changes to parley_identity using (true) with check (true);

alter table conversations enable row level security;
create policy own_tenant on conversations to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on conversations to parley_projector using (true) with check (true);

alter table participants enable row level security;
create policy own_tenant on participants to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on participants to parley_projector using (true) with check (true);

alter table messages enable row level security;
create policy own_tenant on messages to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on messages to parley_projector using (true) with check (true);

alter table message_versions enable row level security;
create policy own_tenant on message_versions to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on message_versions to parley_projector using (true) with check (true);

alter table reactions enable row level security;
create policy own_tenant on reactions to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on reactions to parley_projector using (true) with check (true);

alter table read_cursors enable row level security;
create policy own_tenant on read_cursors to parley_requests
  using (tenant_id = current_setting('parley.tenant', true))
  with check (tenant_id = current_setting('parley.tenant', true));
create policy all_tenants on read_cursors to parley_projector using (true) with check (true);
