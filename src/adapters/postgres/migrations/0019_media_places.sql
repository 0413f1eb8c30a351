-- Files go with the message that they are attached to; and what is attached to a message that was never posted is
-- free again.
alter table media add column placed_us bigint;
-- Its status becomes 'gone' also by the deletion of its message, or of the conversation: the projector sees it.
create index media_of_message on media (tenant_id, conversation_id, message_id) where message_id is not null;
-- Copies of a file share its bytes, which go with the last of them.
create index media_by_blob on media (tenant_id, blob) where blob is not null;

grant select, update (status, expires_us) on media to parley_projector;
create policy all_tenants_projected on media to parley_projector using (true) with check (true);
