-- The newest migration of rows, by its number, of the program that read the fact; null where that is not known.
alter table applied_fact add column read_by smallint;
