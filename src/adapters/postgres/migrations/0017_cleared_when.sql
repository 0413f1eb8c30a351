-- A conversation that was cleared before anything was in it is cleared up to 0, and hidden all the same.
alter table conversation_marks add column cleared_us bigint;
update conversation_marks set cleared_us = 0 where cleared_seq > 0;
