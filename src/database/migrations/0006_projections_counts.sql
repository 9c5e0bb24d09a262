-- From where a count was learned, as its fact says. Counts that were kept before this column are said
-- to be from a poll; a replay makes those of a backfill what they are.
alter table event_count add column source text not null default 'poll';

-- How many counts of each event are kept, complete or not: who has read them all sees by it, without
-- reading them again, whether there are others by now and whether these came late.
create table count_history (
  event_id  text primary key,
  counts    integer not null
);

insert into count_history (event_id, counts)
select event_id, count(*) from event_count group by event_id;
