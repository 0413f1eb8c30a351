-- Who was in a conversation when it was deleted for everyone: they are told so when they sync. Null: it is there,
-- or it was deleted by an event that did not say.
alter table conversations add column former_participants json;
