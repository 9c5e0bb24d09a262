-- The events that Vivenu listed when it was last asked for all, of any name, empty where an id can not
-- be read: with their number and what changed since, they tell of one that is gone.
alter table account_reading add column listed_events text[];
alter table account_reading drop column events_listed;
