-- Descriptions that an older program kept at the place that a wrong clock gave them, if there are any: a
-- replay puts them where they belong. Of those that are kept now none is in this index.
create index event_version_misplaced on event_version (event_id)
where extract(epoch from version_at - observed_at) > 600;
