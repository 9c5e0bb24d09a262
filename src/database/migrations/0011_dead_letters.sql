-- A delivery that fails as nobody foresaw is tried a few times more, with pauses in which the others
-- pass, and is then a dead letter: refused, with its reason.
alter table inbox
  add column failures         integer not null default 0,
  add column first_failed_at  timestamptz,
  add column next_attempt_at  timestamptz,
  -- Somebody looked and decided that it is not wanted.
  add column dropped_at       timestamptz;

create index inbox_failing on inbox (delivery_id)
  where failures > 0 and translated_at is null;

-- The same for a fact on its way; `attempts` counts the tries of an outage as well.
alter table outbox
  add column failures         integer not null default 0,
  add column first_failed_at  timestamptz,
  add column dropped_at       timestamptz;

-- Facts of the log that somebody decided to leave out. Beside the rows and not among them: a replay
-- reads these facts again, and finds again that they can not be applied.
create table dropped_fact (
  fact_id     uuid primary key,
  dropped_at  timestamptz not null
);

-- What people did with dead letters: by whom, when, and what came of it.
create table dead_letter_act (
  act_id   bigint generated always as identity primary key,
  -- As `set-aside list` names it.
  letter   text not null,
  act      text not null check (act in ('retry', 'release', 'drop')),
  outcome  text not null,
  reason   text,
  by_whom  text not null,
  acted_at timestamptz not null
);

create index dead_letter_act_letter on dead_letter_act (letter, act_id desc);
