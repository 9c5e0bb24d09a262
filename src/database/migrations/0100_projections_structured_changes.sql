-- What a change is of stands in columns of its own beside the words that people read. Rows that were
-- found before have no id and no subject until their event is gone through in the background.
alter table event_change
  -- The same whenever and wherever the change is found: made of what tells it from others.
  add column change_id text collate "C",
  -- The ticket type's or the undershop's; null where the change is the event's own.
  add column subject_id text,
  -- What that was called then.
  add column subject_name text,
  -- Of prices.
  add column currency text;

create index event_change_of_subject on event_change (subject_id, changed_at desc, event_id, sequence)
  where subject_id is not null;
-- What people read begins with the plain name: `price of HYROX MEN`.
create index event_change_field on event_change (
  split_part(field, ' of ', 1), changed_at desc, event_id, sequence
);
