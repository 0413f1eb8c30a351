-- Lists and counts of conversations from above: for a tenant's administrators, and for those of the platform,
-- who see all tenants. They have a role of their own, which reads what it must and writes nothing.
--
--   parley_platform   all tenants, conversations and participants, only to read
do $$
declare
  is_member boolean;
  is_new_grant constant boolean := current_setting('server_version_num')::int >= 160000;
  owner constant text := quote_ident(current_user);
begin
  -- As in 0003_walls.sql: roles belong to the whole server, and databases that migrate at once meet here.
  for attempt in 1..100 loop
    begin
      if not exists (select from pg_roles where rolname = 'parley_platform') then
        create role parley_platform nologin;
      end if;
      is_member :=
        pg_has_role(current_user, 'parley_platform', case when is_new_grant then 'SET' else 'MEMBER' end);
      if not is_member then
        execute format(
          'grant parley_platform to %s %s', owner,
          case when is_new_grant then 'with inherit false, set true' end
        );
      end if;
      exit;
    exception
      when duplicate_object or unique_violation or internal_error then
        if attempt = 100 then raise; end if;
        perform pg_sleep(0.02);
      when insufficient_privilege then
        raise exception using
          errcode = 'insufficient_privilege',
          message = format(
            'The role %s may not make or take a run-time role of Parley. A superuser does it once: '
            'CREATE ROLE parley_platform NOLOGIN; GRANT parley_platform TO %s%s;',
            owner, owner, case when is_new_grant then ' WITH INHERIT FALSE, SET TRUE' else '' end
          );
    end;
  end loop;
end $$;

grant usage on schema public to parley_platform;
grant select on conversations, participants to parley_platform;
create policy all_tenants_seen on conversations to parley_platform using (true) with check (true);
create policy all_tenants_seen on participants to parley_platform using (true) with check (true);

-- When it was active last, in steps of ten minutes: lists by activity walk the two indexes and sort inside of a
-- step. An index on updated_us itself would be written with each event; these let the watermark's updates of a
-- conversation stay in its page (HOT), but for one each ten minutes. Measured over 1,000,000 rows: 96 bytes of WAL
-- an update with and without all indexes below, 455 for the first of a step. Adding the column writes the table anew
-- (1,000,000 rows: 15 s).
alter table conversations add column active_slot integer not null
  generated always as (updated_us / 600000000) stored;
create index conversations_by_activity on conversations (tenant_id, active_slot desc) where status = 'open';
create index conversations_by_slot on conversations (active_slot desc) where status = 'open';

-- Whose conversation is it? Asked by who sees all tenants.
create index conversations_by_id on conversations (conversation_id);

-- Which conversation mirrors that chat of another messenger (metadata.channel)? A hash, since an index entry has
-- room for 2,700 bytes; of texts with their lengths, so that no two triples are one.
create function channel_key(type text, connection_id text, chat_id text) returns bytea
language sql immutable strict parallel safe
return sha256(convert_to(
  length(type) || ':' || type || length(connection_id) || ':' || connection_id || chat_id, 'UTF8'
));
-- Null for nearly all. The operators refuse escapes that are no characters, wherever they stand; requests with
-- them are refused, but an index must not be what stops the projection if one ever comes.
create function channel_key(metadata json) returns bytea
language sql immutable parallel safe
return case
  when strpos(metadata::text, '"channel"') = 0 or metadata::text ~* '\\u(0000|d[89a-f])' then null
  else channel_key(
    metadata -> 'channel' ->> 'type', metadata -> 'channel' ->> 'connectionId', metadata -> 'channel' ->> 'chatId'
  )
end;
-- A column, not an index on the expression: behind a policy only conditions of leakproof functions use an index.
alter table conversations add column channel bytea generated always as (channel_key(metadata)) stored;
create index conversations_by_channel on conversations (tenant_id, channel) where channel is not null;
