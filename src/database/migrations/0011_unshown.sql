-- Events of which readers meet something that cannot be shown, so that every process can say so: noted
-- again at each reading, and over when nobody has met them for some minutes.
create table unshown_event (
  event_id  text primary key,
  reason    text not null,
  met_at    timestamptz not null
);
