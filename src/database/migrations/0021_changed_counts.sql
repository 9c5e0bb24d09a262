-- What was said of an event's ticket types by facts that name what changed, since all of them were said:
-- by ticket type the hours whose numbers were said. The next count of everything says it once more, so
-- that a fact that the log lost does not stay lost.
alter table count_seen add column since_whole jsonb not null default '{}';
