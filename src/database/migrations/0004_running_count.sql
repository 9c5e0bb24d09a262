-- Of each ticket what counting needs, and nothing of who holds it: no name, no secret, no barcode.
create table ticket_state (
  account          text not null,
  event_id         text not null,
  ticket_id        text not null,
  ticket_type_id   text not null,
  status           text not null,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  origin           text,
  under_shop_id    text,
  has_trigger      boolean not null,
  -- False where Vivenu sent an empty transaction id, null where it sent none.
  has_transaction  boolean,
  real_price       double precision,
  currency         text,
  flex             boolean not null,
  primary key (account, event_id, ticket_id)
);

-- The events whose tickets were once read whole: from then on changes are enough to count them.
create table running_count (
  account     text not null,
  event_id    text not null,
  -- Up to when the last whole reading reached.
  based_at    timestamptz not null,
  -- Something changed since it was counted.
  dirty       boolean not null default true,
  -- When Vivenu's own total was last held against ours.
  checked_at  timestamptz,
  primary key (account, event_id)
);

create index running_count_dirty on running_count (account) where dirty;

-- How far each account was read.
create table account_reading (
  account        text primary key,
  -- Every change of a ticket up to then is in `ticket_state`; null before the first whole poll.
  tickets_until  timestamptz,
  events_until   timestamptz,
  -- How many events Vivenu listed then, of any name: one that is deleted shows in nothing else.
  events_listed  integer,
  followed_at    timestamptz
);

-- A whole reading that is under way, to go on from where it stopped.
create table ticket_reading (
  account     text not null,
  event_id    text not null,
  until       timestamptz not null,
  progress    jsonb not null,
  primary key (account, event_id)
);

create table ticket_reading_page (
  account   text not null,
  event_id  text not null,
  page      integer generated always as identity,
  tickets   jsonb not null,
  primary key (account, event_id, page),
  foreign key (account, event_id) references ticket_reading on delete cascade
);

-- Which of a minute's requests were made for what; the rest was for the nightly count.
alter table request_budget
  add column launch integer not null default 0,
  add column hint   integer not null default 0;

-- The events that a backfill has finished, so that it goes on where it stopped.
create table backfill_event (
  account      text not null,
  event_id     text not null,
  finished_at  timestamptz not null,
  primary key (account, event_id)
);
