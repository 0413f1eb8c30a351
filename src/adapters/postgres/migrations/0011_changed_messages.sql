-- Position of the last event that changed a message; null while nothing has. So the index holds only what was
-- changed, and a post pays nothing for it.
alter table messages add column changed_position bigint;

-- What is known of before: a rebuild of the projection makes it exact. Where a deletion stood is not in the row,
-- so every tombstone counts as changed last.
update messages m set changed_position = c.changed_position
from (
  select tenant_id, conversation_id, message_seq, max(position) as changed_position
  from (
    select tenant_id, conversation_id, message_seq, position from message_versions where type = 'message.edited'
    union all
    select tenant_id, conversation_id, message_seq, position from reactions
  ) as known
  group by tenant_id, conversation_id, message_seq
) as c
where m.tenant_id = c.tenant_id and m.conversation_id = c.conversation_id and m.seq = c.message_seq;

update messages m set changed_position = c.position
from conversations c
where m.tenant_id = c.tenant_id and m.conversation_id = c.conversation_id and m.deleted_us is not null;

create index messages_by_change on messages (tenant_id, conversation_id, changed_position)
  where changed_position is not null;
