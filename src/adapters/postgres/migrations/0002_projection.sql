-- The projection: what the logs say, as rows. It can be emptied and rebuilt from the logs at any time
-- (parley rebuild-projection). Only read_cursors is a truth of its own.
--
-- Times are microseconds since the epoch (`_us`). Ids are compared byte by byte: nobody sorts them for
-- people, and the database's collation would make every index comparison several times dearer.
-- JSON is kept as text (json, not jsonb): it is answered exactly as it was sent, and never searched.

create table conversations (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  service_id text collate "C",
  -- `none`: a later event was projected before the conversation's creation.
  status text not null default 'none' check (status in ('none', 'open', 'deleted')),
  type text not null default 'group' check (type in ('private', 'group')),
  name text,
  description text,
  metadata json not null default '{}',
  env text not null default 'dev',
  created_by text not null default '',
  created_us bigint not null default 0,
  -- Positions of the events that these three come from: structural events are projected ahead of the
  -- watermark, in any order, so each field remembers which one it has seen.
  name_position bigint not null default 0,
  description_position bigint not null default 0,
  metadata_position bigint not null default 0,
  -- The watermark: every event up to this position is in these tables.
  position bigint not null default 0,
  seq bigint not null default 0,
  log_seq bigint not null default 0,
  updated_us bigint not null default 0,
  last_node text not null default '',
  -- StoredControlState (domain/state.ts); null: nothing is paused, routed, stopped or open.
  control json,
  primary key (tenant_id, conversation_id)
) with (fillfactor = 70);

create table participants (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  principal_id text collate "C" not null,
  -- A removed participant keeps its row, so that a late, older event cannot bring it back.
  active boolean not null,
  kind text check (kind in ('user', 'agent', 'service')),
  role text check (role in ('owner', 'admin', 'member')),
  joined_us bigint,
  -- Seq of the conversation when it joined: unread counts start there.
  joined_seq bigint,
  -- Positions of the last addition or removal, and of the last change of the role.
  position bigint not null,
  role_position bigint not null,
  -- Place among those that one event added.
  ordinal integer not null default 0,
  primary key (tenant_id, conversation_id, principal_id),
  check (not active or (kind is not null and role is not null and joined_us is not null and joined_seq is not null))
);
create index participants_by_principal on participants (tenant_id, principal_id, conversation_id) where active;

-- Scripts without spaces between words: every character and every pair of neighbours is a word. Of the first
-- 16,384 characters, so that a tsvector stays below its megabyte.
create function pairs_of_characters(words text) returns tsvector
language sql immutable strict parallel safe
return (
  select array_to_tsvector(coalesce(array_agg(distinct word) filter (where word is not null), '{}'))
  from (
    select letter, lead(letter) over (partition by run order by at) as next
    from regexp_matches(
      left(words, 16384),
      '[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]+', 'g'
    ) with ordinality as found (runs, run)
    -- Letter by letter: substr() would walk from the beginning of the run each time.
    cross join lateral unnest(string_to_array(runs[1], null)) with ordinality as letters (letter, at)
  ) as neighbours
  cross join lateral unnest(array[letter, letter || next]) as word
);

-- Timeline entries: messages and control events, as a reader sees them now.
create table messages (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  seq bigint not null,
  position bigint not null,
  log_seq bigint not null,
  event_id text collate "C" not null,
  -- The event's own id for a control event.
  message_id text collate "C" not null,
  kind text not null check (kind in ('message', 'control')),
  sender_id text collate "C" not null,
  sender_kind text not null,
  at_us bigint not null,
  client_id text collate "C",
  -- hashOfPost() of what was posted first, 53 bits; null for control events and erased messages.
  content_hash bigint,
  run text,
  trace text,
  content text not null,
  content_type text not null,
  -- The rest of the event's data: metadata, reply_to, priority… of a message, everything of a control event.
  data json not null,
  edit_count integer not null default 0,
  edited_us bigint,
  deleted_us bigint,
  deleted_by text,
  interrupted boolean not null default false,
  data_class text not null default 'none' check (data_class in ('none', 'pii', 'phi', 'secret')),
  policy_ref text,
  -- False from the first version on that was sent as phi or secret: such content is never indexed.
  searchable boolean not null,
  -- The parser leaves out what stands between < and >.
  search tsvector generated always as (
    case
      when not searchable then null
      when content ~ '[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]'
      then to_tsvector('simple', translate(left(content, 32768), '<>', '  ')) || pairs_of_characters(content)
      else to_tsvector('simple', translate(left(content, 32768), '<>', '  '))
    end
  ) stored,
  primary key (tenant_id, conversation_id, seq)
);
-- Not unique: an id of the client's own making may return after a day, when its idempotency has ended.
create index messages_by_message_id on messages (tenant_id, conversation_id, message_id);
create index messages_by_client_id on messages (tenant_id, conversation_id, client_id)
  where client_id is not null;
-- There is none by position and none by time: both grow with seq, so that 20 probes of the primary key
-- find them (read/seq-search.ts), and these two cost an eighth of the projector's throughput.
-- New words wait in a list of up to 16 MB and enter the index together: half the cost of a new message.
create index messages_by_text on messages using gin (search) with (gin_pending_list_limit = 16384);

-- All versions of edited messages, the posted one included; a message that was never edited has none here.
create table message_versions (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  message_seq bigint not null,
  position bigint not null,
  log_seq bigint not null,
  event_id text collate "C" not null,
  type text not null check (type in ('message.posted', 'message.edited')),
  at_us bigint not null,
  actor_id text collate "C" not null,
  actor_kind text not null,
  trace text,
  content text not null,
  metadata json not null,
  edit_count integer not null,
  primary key (tenant_id, conversation_id, message_seq, position)
);

create table reactions (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  message_seq bigint not null,
  principal_id text collate "C" not null,
  emoji text not null,
  position bigint not null,
  primary key (tenant_id, conversation_id, message_seq, principal_id, emoji)
);

-- How far each principal has read. A truth of its own: a rebuild leaves it alone.
create table read_cursors (
  tenant_id text collate "C" not null,
  conversation_id text collate "C" not null,
  principal_id text collate "C" not null,
  last_read_seq bigint not null,
  updated_us bigint not null,
  primary key (tenant_id, conversation_id, principal_id)
) with (fillfactor = 70);
