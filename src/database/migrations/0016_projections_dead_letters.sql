-- Whose a fact is that could not be applied, where that can be read; how often it was tried; and when
-- it is tried again by itself, null where a person has to look.
alter table set_aside
  add column account          text,
  add column failures         integer not null default 1,
  add column next_attempt_at  timestamptz;
