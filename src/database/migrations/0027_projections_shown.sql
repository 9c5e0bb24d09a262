-- Rows as people read them, made of the other tables whenever these change: what the clock says of them
-- is added when they are read.

-- Every event that is there. Without a document its rows were not made yet, or cannot be made.
create table event_shown (
  event_id   text collate "C" primary key,
  account    text,
  start_at   timestamptz,
  -- Its status before the first of these instants, from each of them to the next, and from the last on.
  turns_at   timestamptz[],
  statuses   text[],
  document   json,
  -- Of this row and of its ticket types' rows.
  digest     text,
  -- Why no rows of it can be made.
  fault      text
);
create index event_shown_by_date on event_shown (start_at, event_id);
create index event_shown_of_account_by_date on event_shown (account, start_at, event_id);
create index event_shown_unmade on event_shown (event_id) where document is null;

create table ticket_type_shown (
  event_id        text collate "C" not null,
  ticket_type_id  text collate "C" not null,
  account         text not null,
  -- The event's, and the place among its ticket types.
  start_at        timestamptz not null,
  place           integer not null,
  document        json not null,
  digest          text not null,
  primary key (event_id, ticket_type_id)
);
create index ticket_type_shown_of_event on ticket_type_shown (event_id, place);
create index ticket_type_shown_by_date on ticket_type_shown (start_at, event_id, ticket_type_id);
create index ticket_type_shown_of_account_by_date
  on ticket_type_shown (account, start_at, event_id, ticket_type_id);

-- Until these are made, they are made for whoever reads them.
insert into event_shown (event_id) select event_id from event;
