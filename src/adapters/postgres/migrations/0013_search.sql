-- Search over what a reader can see now. `@@` is not leakproof, so behind row level security an index on words is
-- never used (src/decisions/0020-search.md): search_messages() runs with the rights of the owner, looks at one
-- tenant, and answers nothing but places of messages, which the caller then reads behind its own wall.

-- Newest first over a tenant. A sixteenth of the projector's throughput; without it a word that a third of all
-- messages have costs a second.
create index messages_by_time on messages (tenant_id, at_us);

create type message_place as (at_us bigint, message_id text, conversation_id text, seq bigint);

-- What is looked for. Absent conditions are null; `patterns`: every one is in the text (ILIKE).
create type message_search as (
  tenant_id text, reader_id text, is_person boolean,
  words tsquery, patterns text[],
  env text, service_id text, conversation_id text,
  before_seq bigint, sender_id text, content_type text, after_us bigint, before_us bigint,
  -- Below the last one of the page before.
  last_us bigint, last_id text,
  wanted integer
);

-- All but the words and the conversation. A plain expression, so that it is planned with what asks it; `gone`:
-- conversations that were cleared, up to the seqs in `gone_seqs`.
create function is_sought(m messages, s message_search, hidden text[], gone text[], gone_seqs bigint[])
returns boolean
language sql stable parallel safe
return m.kind = 'message' and m.deleted_us is null
  and (s.sender_id is null or m.sender_id = s.sender_id)
  and (s.content_type is null or m.content_type = s.content_type)
  and (s.after_us is null or m.at_us > s.after_us)
  and (s.before_us is null or m.at_us < s.before_us)
  and (s.last_us is null or (m.at_us, m.message_id) < (s.last_us, s.last_id collate "C"))
  and (s.before_seq is null or m.seq < s.before_seq)
  and m.sender_id <> all (hidden)
  and m.content ilike all (s.patterns)
  and not (
    s.is_person and strpos(m.data::text, '"is_internal"') > 0
    and coalesce(m.data -> 'metadata' ->> 'is_internal', '') = 'true'
  )
  and (
    m.conversation_id <> all (gone) or m.seq > gone_seqs[array_position(gone, m.conversation_id)]
  );

-- Three ways to the newest matches; what each costs is told by the newest entries of the tenant, which often
-- hold the answer already:
--   by time           back from the newest entry: entries to look at = wanted / share that matches and is seen
--   by words          all entries of the tenant that match, by the index on words
--   by conversation   all entries of the reader's conversations
-- At 1,000,000 messages the cheapest of them looks at some 30,000 in the worst case.
create function search_messages(s message_search) returns setof message_place
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan
as $$
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
end $$;

revoke execute on function search_messages(message_search), is_sought(messages, message_search, text[], text[], bigint[])
  from public;
grant execute on function search_messages(message_search) to parley_requests;
