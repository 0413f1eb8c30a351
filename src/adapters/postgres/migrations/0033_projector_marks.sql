-- Up to where each partition of the log is projected, with all that follows from it. The server's own count of what is
-- acknowledged does not tell: it takes an erased message for an acknowledged one, with everything before it.
create table projector_marks (
  partition integer primary key,
  -- Which consumer the sequence was counted with: that of a stream made anew, or of a rebuild, is another one.
  feed text collate "C" not null,
  sequence bigint not null
-- A row is written with each batch: new versions of it stay in its page.
) with (fillfactor = 10);

grant select, insert, update, truncate on projector_marks to parley_projector;
