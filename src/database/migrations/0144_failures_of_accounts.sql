-- Whose work it is that fails; null where it is of no account, or of all.
alter table loop_failure add column account text;
