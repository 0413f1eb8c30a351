-- What a conversation's participants declared it to be, and the thing elsewhere that it is about (ADR 0025).
alter table conversations
  add column stage text not null default 'active' check (stage in ('active', 'archived', 'closed')),
  add column stage_position bigint not null default 0,
  add column entity_type text,
  add column entity_id text collate "C",
  -- When its own fields were set for the last time. What is known of before is when it was made: a rebuild of the
  -- projection makes it exact.
  add column changed_us bigint not null default 0;
update conversations set changed_us = created_us where status = 'open';

-- Neither column ever changes: a new message writes nothing into it.
create index conversations_by_entity on conversations (tenant_id, entity_id) where entity_id is not null;
