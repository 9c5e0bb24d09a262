-- Of an event that holds others, the ids of these; null where it holds none.
alter table event add column child_event_ids text[];
