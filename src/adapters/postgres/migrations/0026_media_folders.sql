-- Files that a dialect serves by names of its own, and where: `agents/<id>`. Null: nowhere.
alter table media add column folder text;
