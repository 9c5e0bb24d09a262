-- Rows that are made of the kept history under the operator's settings: of each event, under which its
-- rows of a kind were made. Another digest, or none, means that they are to be made anew.
create table derived_event (
  event_id    text not null,
  derivation  text not null,
  digest      text,
  primary key (event_id, derivation)
);

-- What became otherwise of an event while its rows were made in the background, or is left to that:
-- since when, null for the whole past. Only ever inserted, so that nobody waits for who makes rows.
create table derived_touch (
  event_id    text not null,
  derivation  text not null,
  since       timestamptz
);

create index derived_touch_event on derived_touch (event_id, derivation);
