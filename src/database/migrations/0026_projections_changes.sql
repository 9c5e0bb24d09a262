-- What changed of an event: between two of its descriptions, and in what is left of it. One row a
-- change; they are made of the kept history under the operator's settings.
create table event_change (
  event_id        text not null,
  -- When the newer description was first observed, or when what is left was so.
  changed_at      timestamptz not null,
  -- Among the event's changes of one instant.
  sequence        integer not null,
  -- Where in the history it was found: what becomes known of this instant or an older one may undo it.
  origin_at       timestamptz not null,
  -- The event's, so that one region's are found at once: of an event all rows have the same.
  account         text not null,
  change_type     text not null,
  severity        text not null,
  field           text not null,
  -- Null where there was or is none.
  previous_value  jsonb,
  new_value       jsonb,
  -- Whether the values are instants.
  is_instant      boolean not null,
  source          text not null,
  primary key (event_id, changed_at, sequence)
);

create index event_change_origin on event_change (event_id, origin_at);
create index event_change_newest on event_change (changed_at desc, event_id, sequence);
create index event_change_of_account on event_change (account, changed_at desc, event_id, sequence);
create index event_change_severity on event_change (severity, changed_at desc, event_id, sequence);
create index event_change_type on event_change (change_type, changed_at desc, event_id, sequence);

-- How far an event's past was gone through, and what says there whether the next level is news: from
-- the newest of these before it, what comes late is gone through again.
create table change_fold (
  event_id  text not null,
  at        timestamptz not null,
  -- Since the last of these that stays: the others give way to newer ones.
  steps     integer not null,
  watches   jsonb not null,
  primary key (event_id, at)
);

-- Readers told by it whether what they remembered was still so.
drop table count_history;

-- The transaction that knew something otherwise of the event last: who remembers something of it tells
-- by this whether it is still so.
alter table derived_event add column revision xid8;
