-- Events that could not be described or counted when they were last tried, until one try succeeds.
create table event_failure (
  account          text not null,
  event_id         text not null,
  work             text not null check (work in ('describe', 'count')),
  reason           text not null,
  -- False where another system was to blame, for as far as it is known.
  own              boolean not null,
  failures         integer not null,
  first_failed_at  timestamptz not null,
  next_attempt_at  timestamptz not null,
  primary key (account, event_id, work)
);
